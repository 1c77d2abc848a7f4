from collections import defaultdict

from odoo import models
from odoo.fields import Command

from . import return_books


class AccountPaymentReturnLedger(models.AbstractModel):
    """How returns are taken out of the books."""

    _inherit = "account.payment.return.ledger"  # pylint: disable=consider-merging-classes-inherited

    def _cancel(self, returns):
        """Take confirmed returns out of the books.

        :return: dict from return to list of sentences about what stays as it is, or
            goes with it
        """
        if not returns:
            return {}
        with self._quietly(returns) as (ledger, quiet_returns):
            return ledger._cancel_quietly(quiet_returns)

    def _cancel_quietly(self, returns):
        """Undo step by step; what is not there any more is said and left."""
        lines = returns.line_ids._filter_came_back()
        said = defaultdict(list)
        entries = self._get_live_entries(lines, said)
        items = entries.line_ids
        self._say_paid_fees(entries, said)
        partials = items.matched_debit_ids | items.matched_credit_ids
        self._prefetch_matched(partials)
        given_back = self._find_given_back(lines, entries)
        gone = partials - partials.browse().union(*given_back)
        freed = self._find_freed(gone)
        (gone - freed).unlink()
        debits = {p: trace.debit_move_id for p, trace in given_back.items()}
        with self._rematching(debits, freed=freed):
            self._reopen_payments(lines)
            restored = self._note_given_back(given_back)
        on_bank = entries.filtered(
            lambda m: m.statement_line_id and not return_books.is_closed(m)
        )
        self._reverse(entries - on_bank, said)
        self._free_transactions(on_bank.statement_line_id)
        undone = lines.undone_ids - restored
        self._match_exactly(self._plan_restoring(undone, said, {}))
        self._say_kept_fees(returns, said)
        self._say_dropped_fees(returns, said)
        self._drop_fee_invoices(returns)
        return said

    def _get_live_entries(self, lines, said):
        """Return the entries of returns that are still in the books.

        :param lines: the lines of the returns that came back
        """
        live = self.env["account.move"]
        for payment_return, booked in lines.grouped("return_id").items():
            entries = payment_return._get_return_entries()
            gone = entries.filtered(_is_out_of_books)
            live |= entries - gone
            if gone or (booked.move_line_id and not entries):
                said[payment_return].append(self._say_gone_entry(gone))
        return live

    def _say_gone_entry(self, entries):
        return self.env._(
            "The entry of the return %(entries)s is not in the books any more, or was"
            " reversed before: it is left as it is.",
            entries=", ".join(entries.mapped("display_name")),
        )

    def _reverse(self, entries, said):
        """Reverse the return entries and match each item with its reversal.

        A period locked meanwhile does not stop it: the reversal gets the first open
        date, and this is said.
        """
        days = {c: c._get_credit_today() for c in entries.company_id}
        reversals = self.env["account.move"].create(
            [self._prepare_reversal_values(e, days[e.company_id]) for e in entries]
        )
        if not reversals:
            return
        # Core reads of how many entries each is one at a time.
        partners = reversals.line_ids.partner_id
        (partners | partners.commercial_partner_id).fetch(["customer_rank"])
        reversals._post(soft=False)
        plan = []
        for entry, reversal in zip(entries, reversals, strict=True):
            today = days[entry.company_id]
            said[entry.payment_return_id] += self._say_reversed(entry, reversal, today)
            # What waits in suspense for a bank transaction comes last, and alone.
            pairs = zip(
                self._get_reversed_items(entry),
                reversal.line_ids.sorted("id"),
                strict=False,
            )
            plan += [(item, back) for item, back in pairs if item.account_id.reconcile]
        whole, rest = self._find_whole(plan)
        self.env["account.move.line"].with_context(
            **self._get_plain_match_context(entries | reversals)
        )._reconcile_plan([one | back for one, back in rest])
        with self._rematching(groups=whole):
            for entry, reversal in zip(entries, reversals, strict=True):
                reversal.reversed_entry_id = entry

    def _say_reversed(self, entry, reversal, today):
        """Return what is to be said of a reversal, as a list of sentences."""
        said = []
        if reversal.date != today:
            said.append(self.env._("The reversal is dated in the first open period."))
        if entry.statement_line_id:
            said.append(
                self.env._(
                    "The bank transaction %(transaction)s is in a locked period and"
                    " stays as it was booked: %(reversal)s takes its amount back and"
                    " leaves it on %(account)s.",
                    transaction=entry.name,
                    reversal=reversal.name,
                    account=self._get_suspense_account(entry).display_name,
                )
            )
        return said

    def _get_reversed_items(self, entry):
        """Return the items of an entry that a reversal takes back, in their order.

        Of a bank transaction not what the bank says: that stays true.
        """
        liquidity = self.env["account.move.line"]
        if entry.statement_line_id:
            liquidity = entry.statement_line_id._seek_for_lines()[0]
        return (entry.line_ids - liquidity).sorted("id")

    def _get_suspense_account(self, entry):
        company = entry.company_id
        return (
            entry.journal_id.suspense_account_id
            or company.account_journal_suspense_account_id
        )

    def _free_transactions(self, transactions):
        """Put the bank transactions back in suspense, for another use."""
        transactions.move_id.payment_return_id = False
        transactions.action_undo_reconciliation()

    def _prepare_reversal_values(self, entry, date):
        """Values of the entry that reverses a return entry, item by item."""
        items = self._get_reversed_items(entry)
        values = [self._prepare_opposite(item) for item in items]
        journal = entry.journal_id
        if entry.statement_line_id:
            values.append(self._prepare_suspense_values(entry, items))
            journal = entry.company_id._get_credit_return_journal()
        return {
            "move_type": "entry",
            "date": date,
            "ref": self.env._("Cancellation of %(entry)s", entry=entry.name),
            "journal_id": journal.id,
            "company_id": entry.company_id.id,
            "payment_return_id": entry.payment_return_id.id,
            "line_ids": [Command.create(item_values) for item_values in values],
        }

    def _prepare_opposite(self, item):
        """Values of an item that takes another one back, tax report included."""
        return {
            "name": item.name,
            "account_id": item.account_id.id,
            "partner_id": item.partner_id.id,
            "currency_id": item.currency_id.id,
            "amount_currency": -item.amount_currency,
            "balance": -item.balance,
            "date_maturity": item.date_maturity,
            **{
                name: [Command.set(item[name].ids)]
                for name in ("tax_ids", "tax_tag_ids")
                if item[name]
            },
            "tax_repartition_line_id": item.tax_repartition_line_id.id,
            "group_tax_id": item.group_tax_id.id,
            # Without it core looks for a distribution model for each item.
            "analytic_distribution": item.analytic_distribution,
        }

    def _prepare_suspense_values(self, entry, items):
        """Values of the item that says what a bank transaction was is open again."""
        return {
            "name": entry.statement_line_id.payment_ref or entry.name,
            "account_id": self._get_suspense_account(entry).id,
            "balance": sum(items.mapped("balance")),
            "analytic_distribution": False,
        }

    def _plan_restoring(self, undone, said, left):
        """Say how payments apply again, as far as they and the invoices are open.

        :param undone: the traces of what returns undid, `undone_ids` of their lines
        :param said: dict from return to list of sentences on what does not; filled in
        :param left: dict from item to what is open of it, where core does not say
        :return: list of matches for `_match_exactly`
        """
        matches = []
        for trace in undone._filter_matched().sorted("id"):
            debit, credit = trace.debit_move_id, trace.credit_move_id
            wanted = (trace.debit_amount_currency, trace.credit_amount_currency)
            free = self._get_open_share(credit, wanted[1], left)
            share = min(free, self._get_open_share(debit, wanted[0], left))
            if debit.account_id != credit.account_id:
                share = 0.0
            if share:
                amounts = (
                    debit.currency_id.round(wanted[0] * share),
                    credit.currency_id.round(wanted[1] * share),
                )
                matches.append((debit, credit, *amounts))
                left[debit] -= amounts[0]
                left[credit] -= amounts[1]
            trace.sudo().restored_amount = trace.amount * share
            if share < 1.0:
                said[trace.return_line_id.return_id].append(
                    self._say_unrestored(trace, 1.0 - share, is_used=free == share)
                )
        return matches

    def _get_open_share(self, item, wanted, left):
        """Return how much of an amount an item has still open, from 0 to 1.

        :param wanted: in the currency of the item
        :param dict left: what is still open of each item; filled in
        """
        if item.parent_state != "posted":
            return 0.0
        available = left.setdefault(item, abs(item.amount_residual_currency))
        if item.currency_id.compare_amounts(available, wanted) >= 0:
            return 1.0
        return max(available, 0.0) / wanted

    def _say_unrestored(self, trace, share, is_used):
        """Return why a payment was not put back in full, as a sentence.

        :param share: of the amount that is missing
        :param is_used: the payment is not free for it, whatever the invoice is
        """
        values = {
            "invoice": trace.debit_move_id.move_id.display_name or "",
            "payment": trace.credit_move_id.move_id.display_name or "",
            # As it is on the payment, in whose currency it is matched or free.
            "amount": trace.currency_id.format(trace.credit_amount_currency * share),
        }
        if trace.credit_move_id.parent_state != "posted":
            return self.env._(
                "The payment is not in the books any more: %(amount)s of it could not"
                " be put back on %(invoice)s.",
                **values,
            )
        debit, credit = trace.debit_move_id, trace.credit_move_id
        if debit.parent_state != "posted" or debit.account_id != credit.account_id:
            return self.env._(
                "The invoice is not in the books any more as it was: %(amount)s of"
                " %(payment)s could not be put back and stays as a credit of the"
                " customer.",
                **values,
            )
        if is_used:
            return self.env._(
                "%(payment)s was used for something else meanwhile: %(amount)s of it"
                " could not be put back on %(invoice)s.",
                **values,
            )
        return self.env._(
            "%(invoice)s was settled otherwise meanwhile: %(amount)s of %(payment)s "
            "could not be put back on it and stays as a credit of the customer.",
            **values,
        )


def _is_out_of_books(entry):
    """Say whether a return entry is not posted any more, or was reversed by hand."""
    return entry.state != "posted" or any(
        reversal.state == "posted" for reversal in entry.reversal_move_ids
    )
