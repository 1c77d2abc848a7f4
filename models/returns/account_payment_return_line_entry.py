from collections import defaultdict

from markupsafe import Markup

from odoo import models
from odoo.exceptions import UserError

# Formats of files in which a bank tells what it has booked.
STATEMENTS = "camt.05"


class AccountPaymentReturnLine(models.Model):
    """What a line is in the books: its accounts, amounts and words."""

    _inherit = "account.payment.return.line"  # pylint: disable=consider-merging-classes-inherited

    def _get_collection(self):
        """Where the money was collected: the account to credit, and its open item.

        :return: (account, journal item of the payment on it, or an empty one): the
            payment's own outstanding account; the one that holds a bill; the company's,
            where the money came by a bank transaction
        """
        self.ensure_one()
        payment = self.payment_id
        if payment.move_id and self.move_line_id.move_id == payment.move_id:
            items = payment._get_waiting()
            if items:
                return payment.outstanding_account_id, items[:1]
        bills = self.env["account.payment.return.bill"]
        if not payment and (holding := bills._find_holding(self.move_line_id)):
            return holding.account_id, holding
        return self._get_outstanding_account(), self.move_line_id.browse()

    def _get_transaction(self):
        """Return the bank transaction that is this return: its own, or the common."""
        return self.statement_line_id or self.return_id.statement_line_id

    def _meets_bank(self):
        """Whether the bank shows both the collection and its return.

        A reject never reaches the account, unless a statement or notification tells
        it: these tell only what is booked. Of what a person enters without a bank
        transaction we know no better than that it cancels the collection.
        """
        self.ensure_one()
        told_by = self.return_id.file_format or ""
        is_entered = not told_by and not self.unique_key
        if is_entered:
            return bool(self._get_transaction())
        return self.kind != "reject" or told_by.startswith(STATEMENTS)

    def _get_outstanding_account(self):
        """The company's outstanding receipts account, as core chooses it.

        :raises UserError: when the chart of accounts has none
        """
        company = self.company_id
        # Who works in a branch only has the accounts of its head office, too.
        chart = (
            self.env["account.chart.template"]
            .sudo()
            .with_context(allowed_company_ids=company.root_id.ids)
        )
        account = (
            chart.ref(
                "account_journal_payment_debit_account_id", raise_if_not_found=False
            )
            or company.transfer_account_id
        )
        if not account:
            raise UserError(
                self.env._(
                    "%(company)s has no outstanding receipts account: set one on the "
                    "incoming payment methods of the bank journal.",
                    company=company.display_name,
                )
            )
        return account.sudo(self.env.su)

    def _get_balances(self, left):
        """What each return is in the company's currency, at the payment's own rate.

        Computed on what came back so far, so that the last part of a payment takes
        the last cent.

        :param left: dict from line id to `Left`, of what could come back before
        :return: dict from line id to amount in the company's currency
        """
        balances, before = {}, {}
        for line in self.filtered("move_line_id"):
            collection = line._get_collection()[1] or line.move_line_id
            total = abs(collection.amount_currency)
            start = before.get(line.move_line_id)
            if start is None:
                start = line._get_collected_amount() - left[line.id].amount
            end = start + line.amount
            rate = abs(collection.balance) / total
            currency = line.company_currency_id
            balances[line.id] = currency.round(
                currency.round(rate * end) - currency.round(rate * start)
            )
            before[line.move_line_id] = end
        return balances

    def _prepare_on_account(self, amount, discount=0.0):
        """Values of what of this return had paid nothing; see `undone_ids`.

        :param amount: in the currency of the payment
        :param discount: how much of it was an early payment discount
        """
        item = self.move_line_id
        rate = item.balance / item.amount_currency if item.amount_currency else 1.0
        return {
            "return_line_id": self.id,
            "credit_move_id": item.id,
            "had_paid": False,
            "amount": self.company_currency_id.round(amount * rate),
            "credit_amount_currency": amount,
            "discount_amount": discount,
        }

    def _get_item_label(self):
        """Label of the journal items of this return."""
        self.ensure_one()
        return self.env._(
            "Return of %(payment)s %(reason)s",
            payment=self.payment_id.name or self.move_line_id.move_name or "",
            reason=self.reason_id.code or "",
        ).strip()

    def _log_on_invoices(self):
        """Say on each invoice what came back of it and why, in one batch."""
        self._log_notes(lambda line, *told: line._get_invoice_note(*told))

    def _log_cancelled_on_invoices(self):
        """Say on each invoice that these had reopened what is paid again, likewise."""
        self._log_notes(lambda line, *told: line._get_cancelled_note(*told))

    def _get_pieces_by_invoice(self):
        """Return a dict from each invoice to those of `undone_ids` that had paid it."""
        # What is filtered would be read a line at a time.
        found = self.undone_ids.grouped(lambda piece: piece.debit_move_id.move_id)
        return {invoice: pieces for invoice, pieces in found.items() if invoice}

    def _log_notes(self, get_note):
        """Write a note on each invoice that these lines take something back of.

        :param get_note: function of a line, a link to its return in HTML, and those of
            its `undone_ids` that had paid the invoice
        """
        bodies = defaultdict(list)
        links = {each: each._get_html_link() for each in self.return_id}
        for line in self:
            link = links[line.return_id]
            for invoice, pieces in line._get_pieces_by_invoice().items():
                bodies[invoice.id].append(get_note(line, link, pieces))
        self.env["account.move"].browse(bodies)._message_log_batch(
            {key: Markup("<br/>").join(notes) for key, notes in bodies.items()}
        )

    def _get_invoice_note(self, link, pieces):
        """Say on an invoice what came back of it.

        :param link: to the return, in HTML
        :param pieces: of what came back, those that had paid the invoice
        """
        self.ensure_one()
        return self.env._(
            "Payment return %(name)s: %(amount)s came back unpaid. %(reason)s",
            name=link,
            amount=pieces._format_returned(),
            reason=self._get_reason_label(),
        )

    def _get_cancelled_note(self, link, pieces):
        """Say that this return was cancelled, and what of an invoice is paid again.

        :param link: to the return, in HTML
        :param pieces: those of the invoice among `undone_ids`
        """
        currency = pieces.debit_currency_id
        wanted = sum(pieces.mapped("debit_amount_currency"))
        restored = sum(
            p.debit_amount_currency * p._get_restored_share() for p in pieces
        )
        values = {
            "name": link,
            "amount": currency.format(wanted),
            "restored": currency.format(restored),
        }
        if not currency.compare_amounts(restored, wanted):
            return self.env._(
                "Payment return %(name)s was cancelled: %(amount)s count as paid"
                " again.",
                **values,
            )
        if currency.is_zero(restored):
            return self.env._(
                "Payment return %(name)s was cancelled, but its payment of %(amount)s"
                " could not be put back on this: see the notes of the return.",
                **values,
            )
        return self.env._(
            "Payment return %(name)s was cancelled: of its payment %(restored)s count"
            " again, and not the whole %(amount)s: see the notes of the return.",
            **values,
        )
