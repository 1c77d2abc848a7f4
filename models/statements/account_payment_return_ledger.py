from odoo import models

from ..call_marks import BOOKING
from ..returns import return_books


class AccountPaymentReturnLedger(models.AbstractModel):
    """How a transaction of the bank meets what waits for it."""

    _inherit = "account.payment.return.ledger"  # pylint: disable=consider-merging-classes-inherited

    def _meet(self, transaction, takes, unbooked, fee):
        """Let a debit of the bank be the one that some open credits wait for.

        :param transaction: ``account.bank.statement.line``
        :param takes: dict from open journal items of return entries to how much of
            them the debit is, in their currency
        :param unbooked: return lines without an entry that it is
        :param fee: what else of the debit is the bank's, in its currency
        :raises UserError: when it is reconciled, or there is no account for the fee or
            for what waits
        """
        suspense = self._get_suspense(transaction)
        credits = self.env["account.move.line"].union(*takes)
        values = [self._prepare_opposite_open(item, takes[item]) for item in credits]
        values += [self._prepare_taken_back(transaction, line) for line in unbooked]
        if fee:
            lines = credits.payment_return_line_id.union(*unbooked)
            values.append(self._prepare_met_fee(transaction, lines, fee))
        self._rate_by_bank(values, suspense)
        with BOOKING.set(self.env):
            self._match_suspense(transaction, suspense, values, credits)

    def _match_suspense(self, transaction, suspense, values, items):
        """Put other items in the place of one of a transaction, and match them.

        :param suspense: the item that goes, as a rule the one in suspense
        :param values: of the new items, of which the first ones match `items`
        """
        known = transaction.move_id.line_ids
        self._replace_suspense(transaction, suspense, values)
        new = (transaction.move_id.line_ids - known).sorted("id")
        plan = [mine | other for mine, other in zip(new, items, strict=False)]
        context = self._get_plain_match_context((new | items).move_id)
        items.browse().with_context(**context)._reconcile_plan(plan)

    def _prepare_opposite_open(self, item, amount=None):
        """Values of the item of a bank transaction that meets an open one.

        :param amount: how much of it, in its currency; all of it if not given
        """
        whole = abs(item.amount_residual_currency)
        share = 1.0 if amount is None or not whole else amount / whole
        return {
            "name": item.name,
            "account_id": item.account_id.id,
            "partner_id": item.partner_id.id,
            "currency_id": item.currency_id.id,
            "amount_currency": -item.currency_id.round(
                item.amount_residual_currency * share
            ),
            "balance": -item.company_currency_id.round(item.amount_residual * share),
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
        done = self.env["account.bank.statement.line"]
        for item, line in credits.items():
            collected = line._get_waiting_collection()
            if not self._is_very_collection(item, collected):
                continue
            invoices = item.matched_debit_ids.debit_move_id.move_id
            transaction = item.statement_line_id
            item.remove_move_reconcile()
            values = [self._prepare_opposite_open(collected)]
            self._rate_by_bank(values, item)
            self._match_suspense(transaction, item, values, collected)
            done |= transaction
            self._log_put_right(transaction, invoices, line)
        return done

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
