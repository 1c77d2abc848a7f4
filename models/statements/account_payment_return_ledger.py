from odoo import models

from ..returns import return_books


class AccountPaymentReturnLedger(models.AbstractModel):
    """How a transaction of the bank meets what waits for it."""

    _inherit = "account.payment.return.ledger"  # pylint: disable=consider-merging-classes-inherited

    def _meet(self, transaction, credits, fee):
        """Let a debit of the bank be the one that some open credits wait for.

        :param transaction: ``account.bank.statement.line``
        :param credits: open journal items of return entries
        :param fee: what of the debit is the bank's, in its currency
        :raises UserError: when it is reconciled, or there is no account for the fee
        """
        suspense = self._get_suspense(transaction)
        values = [self._prepare_opposite_open(item) for item in credits]
        if fee:
            values.append(self._prepare_met_fee(transaction, credits, fee))
        self._rate_by_bank(values, suspense)
        self._match_suspense(transaction, suspense, values, credits)

    def _match_suspense(self, transaction, suspense, values, items):
        """Put other items in the place of the one in suspense, and match them.

        :param values: of the new items, of which the first ones match `items`
        """
        known = transaction.move_id.line_ids
        self._replace_suspense(transaction, suspense, values)
        new = (transaction.move_id.line_ids - known).sorted("id")
        plan = [mine | other for mine, other in zip(new, items, strict=False)]
        context = self._get_plain_match_context((new | items).move_id)
        items.browse().with_context(**context)._reconcile_plan(plan)

    def _prepare_opposite_open(self, item):
        """Values of the item of a bank transaction that meets an open one."""
        return {
            "name": item.name,
            "account_id": item.account_id.id,
            "partner_id": item.partner_id.id,
            "currency_id": item.currency_id.id,
            "amount_currency": -item.amount_residual_currency,
            "balance": -item.amount_residual,
            "analytic_distribution": False,
        }

    def _prepare_met_fee(self, transaction, credits, fee):
        """Values of the item of what the bank took for itself.

        Of one return as its customer bears fees; of several it is our cost.
        """
        line, company = credits.payment_return_line_id, transaction.company_id
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
            collected = line._get_collection()[1]
            transaction = item.statement_line_id
            if not self._is_very_collection(item, collected):
                continue
            invoices = item.matched_debit_ids.debit_move_id.move_id
            transaction.action_undo_reconciliation()
            suspense = self._get_suspense(transaction)
            values = [self._prepare_opposite_open(collected)]
            self._rate_by_bank(values, suspense)
            self._match_suspense(transaction, suspense, values, collected)
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

    def _is_very_collection(self, item, collected):
        """Whether a bank transaction brought an open collection, and nothing else."""
        _bank, _suspense, others = item.statement_line_id._seek_for_lines()
        return (
            bool(collected)
            and others == item
            and collected.currency_id == item.currency_id
            and not item.currency_id.compare_amounts(
                collected.amount_residual_currency, -item.amount_currency
            )
            and not return_books.is_closed(item.move_id)
        )
