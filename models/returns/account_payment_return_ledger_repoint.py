from collections import Counter

from odoo import models


class AccountPaymentReturnLedger(models.AbstractModel):
    """What came back whole keeps its reconciliation, with another debit.

    Core deletes the one of the payment and the invoice, and makes one of the payment
    and the return: the same row but for its debit, its day and its number. To change
    these takes a fraction of the time, and leaves the very same books.
    """

    _inherit = "account.payment.return.ledger"  # pylint: disable=consider-merging-classes-inherited

    def _find_repointed(self, undone):
        """Say which reconciliations need not be deleted: of them all came back.

        Not where deleting one does more than to take it away: entries of a tax due on
        payment or of an exchange difference, what another addon does about it, or a
        trace that the law wants.

        :param undone: list of ``Undone``
        :return: dict from return line to ``account.partial.reconcile``
        """
        if self._is_reconciling_extended():
            return {}
        shares = {}
        for share in undone:
            shares.setdefault(share.line, []).append(share)
        found = {
            line: of_line[0].partial
            for line, of_line in shares.items()
            if len(of_line) == 1 and self._is_whole(of_line[0])
        }
        taxed = self._find_taxed(found.values())
        return {line: each for line, each in found.items() if each not in taxed}

    def _is_whole(self, share):
        """Whether a share is all of its reconciliation, in the company's currency.

        And that one all of the payment.
        """
        line, partial = share.line, share.partial
        item, debt = partial.credit_move_id, partial.debit_move_id
        currency = line.company_currency_id
        return (
            bool(partial)
            and not share.discount
            and currency == item.currency_id == debt.currency_id
            and not currency.compare_amounts(share.amount, partial.amount)
            and not currency.compare_amounts(share.amount, -item.balance)
            and item == line.move_line_id
            and item.matched_debit_ids == partial
            and not item.matched_credit_ids
            and self._is_plain(line, partial, debt)
        )

    def _is_plain(self, line, partial, debt):
        """Whether nothing else hangs on the reconciliation of a payment and a debt."""
        item = partial.credit_move_id
        return (
            item.move_id == line.payment_id.move_id
            and line.company_id == item.company_id == debt.company_id
            and not line.company_id.restrictive_audit_trail
            and not line._get_transaction()
            and self._is_without_entries(partial)
            and partial.full_reconcile_id.partial_reconcile_ids == partial
            and partial.full_reconcile_id.reconciled_line_ids
            == item | partial.debit_move_id
            # Core sets the state of the others by what is reconciled.
            and all(
                payment.outstanding_account_id
                for payment in debt.move_id.matched_payment_ids
            )
        )

    def _find_taxed(self, partials):
        """Return those of some reconciliations that made a tax due."""
        entries = self.env["account.move"].sudo()
        entries = entries.search(
            [("tax_cash_basis_rec_id", "in", [partial.id for partial in partials])]
        )
        return entries.tax_cash_basis_rec_id.sudo(False)

    def _get_new_debits(self, repointed):
        """Say with what the payments are reconciled that have come back whole.

        :param repointed: see `_find_repointed`
        :return: dict from ``account.partial.reconcile`` to journal item
        """
        return {
            partial: self._get_return_item(line) for line, partial in repointed.items()
        }

    # === BACK === #

    def _find_given_back(self, lines, entries):
        """Say which reconciliations get the debits back that their returns had taken.

        Where all of both is free for it, and matched with nothing else.

        :param lines: return lines that are cancelled
        :param entries: those of their entries that are in the books still
        :return: dict from ``account.partial.reconcile`` to the trace of what it was
        """
        if self._is_reconciling_extended():
            return {}
        found = {}
        wanted = Counter(trace.debit_move_id for trace in lines.undone_ids)
        for line in lines.filtered(lambda line: len(line.undone_ids) == 1):
            if wanted[line.undone_ids.debit_move_id] > 1:
                continue
            item = self._get_return_item(line)
            if item.move_id in entries and self._is_whole_again(line, item):
                found[item.matched_credit_ids] = line.undone_ids
        moves = lines.undone_ids.browse().union(*found.values()).debit_move_id.move_id
        if self._get_plain_match_context(moves).get("no_cash_basis"):
            return found
        taxed = moves.line_ids._find_taxed_on_payment([])
        return {
            partial: trace
            for partial, trace in found.items()
            if trace.debit_move_id.move_id.id not in taxed
        }

    def _is_whole_again(self, line, item):
        """Whether what a return took back whole can be applied again whole.

        :param item: of the return entry, the one that took it back
        """
        trace, partial = line.undone_ids, item.matched_credit_ids
        debt, paid = trace.debit_move_id, trace.credit_move_id
        currency = line.company_currency_id
        return (
            len(partial) == 1
            and trace.had_paid
            and not trace.discount_amount
            and currency == paid.currency_id == debt.currency_id
            and paid.account_id == debt.account_id
            and partial.credit_move_id == paid
            and paid.matched_debit_ids == partial
            and not paid.matched_credit_ids
            and not debt.matched_credit_ids
            and not debt.matched_debit_ids
            and all(
                not currency.compare_amounts(amount, trace.amount)
                for amount in (-paid.balance, debt.balance, partial.amount)
            )
            and debt.parent_state == "posted"
            and self._is_plain(line, partial, debt)
        )

    def _note_given_back(self, given_back):
        """Let traces say that all is as it was.

        :param given_back: see `_find_given_back`
        :return: the traces
        """
        traces = self.env["account.payment.return.partial"].union(*given_back.values())
        for trace in traces.sudo():
            trace.restored_amount = trace.amount
        return traces

    def _get_return_item(self, line):
        """The item that takes back what a line returns."""
        account = line.move_line_id.account_id
        return line.entry_line_ids.filtered(
            lambda item: item.balance > 0 and item.account_id == account
        )
