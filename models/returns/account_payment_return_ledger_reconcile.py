from collections import defaultdict

from odoo import models

from ..call_marks import LIMITS


class AccountPaymentReturnLedger(models.AbstractModel):
    """What is matched again, and for how much."""

    _inherit = "account.payment.return.ledger"  # pylint: disable=consider-merging-classes-inherited

    def _match_returns(self, lines, groups, repointed):
        """Match each payment with its returns, and its collection with the credit.

        :param groups: see `_book`
        :param repointed: the lines whose payments are matched already
        """
        unmatched = lines.filtered(lambda line: line not in repointed)
        plan = [
            item | returned.entry_line_ids.filtered(lambda i: i.balance > 0)
            for item, returned in unmatched.grouped("move_line_id").items()
        ]
        by_collection = {}
        for credit, waiting in groups:
            if len(waiting) > 1:
                plan.append(credit | waiting)
            else:
                by_collection[waiting] = by_collection.get(waiting, waiting) | credit
        plan += by_collection.values()
        if not plan:
            return
        moves = lines.move_line_id.move_id | lines.entry_line_ids.move_id
        context = self._get_plain_match_context(moves)
        with LIMITS.set(self.env, self._get_return_limits(lines, groups)):
            moves.line_ids.browse().with_context(**context)._reconcile_plan(plan)

    def _get_return_limits(self, lines, groups):
        """Cut just what came back from payments in foreign currency and collections.

        Core would cut it anew, and round it otherwise than the return entry did.

        :return: dict from pair of item ids to their limits, see `LIMITS`
        """
        limits, left = {}, {}
        for line in lines.filtered(lambda ln: ln.currency_id != ln.company_currency_id):
            item = line.move_line_id
            debits = line.entry_line_ids.filtered(
                lambda i, account=item.account_id: (
                    i.balance > 0 and i.account_id == account
                )
            )
            for debit in debits:
                limits[debit.id, item.id] = (
                    (debit.balance, debit.amount_currency),
                    self._get_limit(item, -debit.amount_currency, left),
                )
        for credit, waiting in groups:
            if len(waiting) == 1 and credit.currency_id != credit.company_currency_id:
                limits[waiting.id, credit.id] = (
                    self._get_limit(waiting, -credit.amount_currency, left),
                    (credit.balance, credit.amount_currency),
                )
        return limits

    def _get_shares_of_several(self, lines):
        """Matches of returns with the very items that they take back.

        :param lines: returns of collections of several items
        :return: list of matches for `_match_exactly`
        """
        return [
            (
                line.entry_line_ids.filtered(
                    lambda item, account=line.move_line_id.account_id: (
                        item.balance > 0 and item.account_id == account
                    )
                )[:1],
                trace.credit_move_id,
                trace.credit_amount_currency,
                trace.credit_amount_currency,
            )
            for line in lines
            for trace in line.undone_ids.sorted("id")
        ]

    def _get_plain_match_context(self, moves):
        """Spare core what cannot be between a payment and its return.

        No cash basis entry where no item carries a tax due on payment: without the key
        core reads every item of every entry to find that out. No exchange difference
        where everything is in the company's currency.
        """
        context = {}
        taxes = moves.line_ids.tax_ids | moves.line_ids.tax_line_id
        exigibilities = taxes.flatten_taxes_hierarchy().mapped("tax_exigibility")
        if "on_payment" not in exigibilities:
            context["no_cash_basis"] = True
        if moves.line_ids.currency_id == moves.company_id.currency_id:
            context["no_exchange_difference"] = True
        return context

    def _match_exactly(self, matches):
        """Match pairs of items for a given amount each, and no more.

        :param matches: list of (debit item, credit item, amount in the currency of
            the debit item, amount in the currency of the credit item)
        """
        pairs = defaultdict(lambda: (0.0, 0.0))
        for debit, credit, *amounts in matches:
            before = pairs[debit, credit]
            pairs[debit, credit] = tuple(map(sum, zip(before, amounts, strict=True)))
        plan, limits, left = [], {}, {}
        for (debit, credit), (debit_amount, credit_amount) in pairs.items():
            if debit.currency_id.is_zero(debit_amount):
                continue
            plan.append(debit | credit)
            limits[debit.id, credit.id] = (
                self._get_limit(debit, debit_amount, left),
                self._get_limit(credit, -credit_amount, left),
            )
        if plan:
            items = self.env["account.move.line"].union(*plan)
            context = self._get_plain_match_context(items.move_id)
            with LIMITS.set(self.env, limits):
                items.browse().with_context(**context)._reconcile_in_rounds(plan)

    def _get_limit(self, item, amount_currency, left):
        """Return an amount of an item as (company currency, currency), signed.

        It is cut from what is open, so that the last share takes the last cent.

        :param left: dict from item to what the shares before left open of it
        """
        residuals = item.amount_residual, item.amount_residual_currency
        booked, own = left.get(item, residuals)
        if item.currency_id.is_zero(own):
            booked, own = item.balance, item.amount_currency
        share = item.company_currency_id.round(booked * amount_currency / own)
        left[item] = booked - share, own - amount_currency
        return share, amount_currency
