from odoo import models

from ..call_marks import BOOKING
from ..returns import return_books


class AccountPaymentReturnLedger(models.AbstractModel):
    """How a transaction of the bank meets what waits for it."""

    _inherit = "account.payment.return.ledger"  # pylint: disable=consider-merging-classes-inherited

    def _meet(self, proposals):
        """Let debits of the bank be those that some open credits wait for.

        :param proposals: dict from ``account.bank.statement.line`` to the `Proposal` of
            what it is: how much of which open items of return entries it ``takes``,
            which returns without an entry (``unbooked``), and which ``fee`` is left
        :raises UserError: when one is reconciled, or there is no account for the fee or
            for what waits
        """
        replaced, left = {}, {}
        for transaction, proposal in proposals.items():
            suspense = self._get_suspense(transaction)
            items = self.env["account.move.line"].union(*proposal.takes)
            values = self._prepare_met_items(transaction, proposal, left)
            self._rate_by_bank(values, suspense)
            replaced[suspense] = values, items
        with BOOKING.set(self.env):
            self._match_replaced(replaced)

    def _match_replaced(self, replaced):
        """Put items in the place of others of bank transactions, and match them.

        :param replaced: dict from the item that goes, as a rule the one in suspense,
            to the values of the new items, of which the first ones match some items,
            and these items
        """
        new = self._replace_items(
            {gone: values for gone, (values, _items) in replaced.items()}
        )
        plan = [
            mine | other
            for gone, (_values, items) in replaced.items()
            for mine, other in zip(new[gone], items, strict=False)
        ]
        moves = self.env["account.move.line"].union(*plan).move_id
        context = self._get_plain_match_context(moves)
        moves.line_ids.browse().with_context(**context)._reconcile_plan(plan)

    def _prepare_met_items(self, transaction, proposal, left):
        """Values of the items of a debit that meets what waits for it.

        :param proposal: see `_meet`
        :param left: see `_get_limit`
        """
        credits = self.env["account.move.line"].union(*proposal.takes)
        values = [
            self._prepare_opposite_open(item, proposal.takes[item], left)
            for item in credits
        ]
        unbooked = proposal.unbooked
        values += [self._prepare_taken_back(transaction, line) for line in unbooked]
        if proposal.fee:
            lines = credits.payment_return_line_id.union(*unbooked)
            values.append(self._prepare_met_fee(transaction, lines, proposal.fee))
        return values

    def _prepare_opposite_open(self, item, amount=None, left=None):
        """Values of the item of a bank transaction that meets an open one.

        :param amount: how much of it, in its currency; all of it if not given
        :param left: what others that meet it too leave of it, see `_get_limit`
        """
        own = item.amount_residual_currency
        if amount is not None:
            own = amount if own > 0 else -amount
        balance, own = self._get_limit(item, own, {} if left is None else left)
        return {
            "name": item.name,
            "account_id": item.account_id.id,
            "partner_id": item.partner_id.id,
            "currency_id": item.currency_id.id,
            "amount_currency": -item.currency_id.round(own),
            "balance": -balance,
            "analytic_distribution": False,
        }

    def _prepare_taken_back(self, transaction, line):
        """Values of the item of a debit that takes back what no entry had collected.

        It waits on the outstanding account for the credit of the bank, as a collection
        does, which pays nothing then.
        """
        currency, company = line.currency_id, transaction.company_id
        return {
            "name": line._get_item_label(),
            "account_id": line._get_collection()[0].id,
            "partner_id": line.partner_id.id,
            "currency_id": currency.id,
            "amount_currency": line.amount,
            "balance": currency._convert(
                line.amount, company.currency_id, company, transaction.date
            ),
            "payment_return_line_id": line.id,
            "analytic_distribution": False,
        }

    def _prepare_met_fee(self, transaction, line, fee):
        """Values of the item of what the bank took for itself.

        Of one return as its customer bears fees; of several it is our cost.

        :param line: the return lines that the debit is
        """
        company = transaction.company_id
        if len(line) == 1 and line.company_id == company:
            account, partner = line._get_fee_debit()
        else:
            account = company._get_credit_return_fee_account()
            partner = line.partner_id.browse()
        currency = transaction._get_spoken_currency()
        return {
            "name": self.env._("Bank fees on returned collections"),
            "account_id": account.id,
            "partner_id": partner.id,
            "currency_id": currency.id,
            "amount_currency": fee,
            "balance": currency._convert(
                fee, company.currency_id, company, transaction.date
            ),
            "analytic_distribution": False,
        }

    # === WHAT SOMEBODY APPLIED TOO EARLY === #

    def _put_right(self, credits):
        """Let credits of the bank that are the collection which came back meet it.

        Statements are often imported after the return is booked: what the bank had
        credited then pays the invoice that the return has opened again, by its number,
        though it is the money that came back.

        :param credits: dict from receivable item to the return line of its collection
        :return: the transactions that were put right
        """
        replaced, lines, met = {}, {}, self.env["account.move.line"]
        for item, line in self._filter_very(credits).items():
            collected = line._get_waiting_collection()
            if collected in met:
                continue
            met |= collected
            values = [self._prepare_opposite_open(collected)]
            self._rate_by_bank(values, item)
            replaced[item] = values, collected
            lines[item.statement_line_id] = item.matched_debit_ids.debit_move_id, line
        if replaced:
            self.env["account.move.line"].union(*replaced).remove_move_reconcile()
            self._match_replaced(replaced)
        for transaction, (debts, line) in lines.items():
            self._log_put_right(transaction, debts.move_id, line)
        return self.env["account.bank.statement.line"].union(*lines)

    def _log_put_right(self, transaction, invoices, line):
        """Say where people look that a credit of the bank does not pay these invoices.

        :param line: the return line of the collection that the credit is
        """
        body = self.env._(
            "The bank's credit %(credit)s is the money of %(payment)s, which came back:"
            " it meets that payment, and pays nothing else any more.",
            credit=transaction.move_id._get_html_link(),
            payment=line.payment_id.name,
        )
        invoices._message_log_batch(dict.fromkeys(invoices.ids, body))
        line.return_id._message_log(body=body)

    def _filter_very(self, credits):
        """Return those of some credits of the bank that `_put_right` puts right.

        :param credits: dict from receivable item to the return line of its collection
        """
        return {
            item: line
            for item, line in credits.items()
            if self._is_very_collection(
                item.sudo(), line.sudo()._get_waiting_collection()
            )
        }

    def _is_very_collection(self, item, collected):
        """Whether an item of a bank transaction is an open collection, to the cent.

        In an open period: it is replaced, whatever else the transaction brought stays.
        """
        return (
            bool(collected)
            and collected.currency_id == item.currency_id
            and not item.currency_id.compare_amounts(
                collected.amount_residual_currency, -item.amount_currency
            )
            and not return_books.is_closed(item.move_id)
        )
