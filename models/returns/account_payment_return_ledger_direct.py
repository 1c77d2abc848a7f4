from contextlib import contextmanager

from odoo import models

from .. import orm_internals

# What items say of what they are matched with.
MATCHINGS = (
    "matched_debit_ids",
    "matched_credit_ids",
    "full_reconcile_id",
    "matching_number",
)
AMOUNTS = ("amount", "debit_amount_currency", "credit_amount_currency")
UNMATCHED = {"full_reconcile_id": False, "matching_number": False}
# What is written of a reconciliation here, and through what others are computed of it.
WRITTEN = (
    *("debit_move_id", "credit_move_id", "full_reconcile_id", "company_id"),
    *("debit_currency_id", "credit_currency_id", *AMOUNTS),
    *("max_date", "draft_caba_move_vals"),
)
LINKS = {f"account.move.line.{name}" for name in MATCHINGS[:2]}
# Through what Odoo asks who paid what.
PAID_BY, PAYS = "reconciled_payment_ids", "reconciled_invoice_ids"


class AccountPaymentReturnLedger(models.AbstractModel):
    """What is matched, and set free, by statements: rows that core makes one by one.

    Only what is whole and plain: the books are the same as by core's way, which a test
    takes too. What is computed of it is marked once for all items, which costs more
    than the rows.
    """

    _inherit = "account.payment.return.ledger"  # pylint: disable=consider-merging-classes-inherited

    def _is_reconciling_extended(self):
        """Whether another addon does or computes something of reconciliations."""
        partials = self.env["account.partial.reconcile"]
        return bool(
            orm_internals.get_extending(partials)
            or orm_internals.get_extending(self.env["account.full.reconcile"])
            or orm_internals.get_dependants(partials, WRITTEN) - LINKS
        )

    # === WHAT MAY === #

    def _find_whole(self, groups):
        """Say which items can be matched by a statement, as they meet wholly.

        :param groups: list of (item, the items that it meets)
        :return: such a list, and that of all others
        """
        items = self.env["account.move.line"].union(
            *(one + rest for one, rest in groups)
        )
        items.mapped("matched_debit_ids")
        items.mapped("matched_credit_ids")
        if not self._is_plain_matching(items):
            return [], groups
        whole, others = [], []
        for group in groups:
            (whole if self._meets_wholly(*group) else others).append(group)
        return whole, others

    def _is_plain_matching(self, items):
        """Whether nothing but rows comes and goes when items are matched, or set free.

        No entry of a tax or of an exchange difference, no payment without an entry,
        whose state core sets by what is matched, and nothing of another addon.
        """
        context = self._get_plain_match_context(items.move_id)
        return (
            not self._is_reconciling_extended()
            and not any(items.company_id.mapped("restrictive_audit_trail"))
            and context.keys() >= {"no_cash_basis", "no_exchange_difference"}
            and all(items.move_id.matched_payment_ids.mapped("outstanding_account_id"))
        )

    def _meets_wholly(self, one, rest):
        """Whether an item and others, which nobody has matched, pay each other."""
        items, company = one | rest, one.company_id
        return (
            bool(rest)
            and one.account_id.reconcile
            and items.account_id == one.account_id
            and items.company_id == company
            and items.currency_id == company.currency_id
            and set(items.mapped("parent_state")) == {"posted"}
            and not any(items.mapped("matching_number"))
            and not (items.matched_debit_ids or items.matched_credit_ids)
            and all(item.balance * one.balance < 0 for item in rest)
            and company.currency_id.is_zero(sum(items.mapped("balance")))
        )

    def _find_freed(self, partials):
        """Say which reconciliations can be taken away by a statement.

        Those after which nothing is left of their full reconciliations, nor of what
        their items are matched with.

        :param partials: what is to be taken away
        :return: those of them
        """
        items = partials.debit_move_id | partials.credit_move_id
        if not self._is_plain_matching(items):
            return partials.browse()
        gone = set(partials.ids)
        found = partials.filtered(
            lambda partial: (
                self._is_without_entries(partial)
                and gone.issuperset(partial.full_reconcile_id.partial_reconcile_ids.ids)
                and gone.issuperset(self._get_matched(partial).ids)
            )
        )
        return found - self._find_taxed(found)

    def _is_without_entries(self, partial):
        """Whether no entry of an exchange difference or of a tax goes with it."""
        return not (partial.exchange_move_id or partial.draft_caba_move_vals)

    def _get_matched(self, partial):
        """By what the items of a reconciliation are matched."""
        items = partial.debit_move_id | partial.credit_move_id
        return items.matched_debit_ids | items.matched_credit_ids

    # === WHAT IS DONE === #

    @contextmanager
    def _rematching(self, debits=None, groups=(), freed=None):
        """Match all of this by statements; Odoo computes what follows at the end, once.

        What changes of the payments within is computed with it: what becomes of a
        payment that is rejected by then, nobody has to find out.

        :param debits: dict from ``account.partial.reconcile``, which is all of its full
            one, to the item that is its debit from now on, of the same amount
        :param groups: see `_find_whole`
        :param freed: see `_find_freed`
        """
        debits = debits or {}
        partials = self.env["account.partial.reconcile"].union(*debits)
        freed = partials.browse() if freed is None else freed
        left = partials.debit_move_id | freed.debit_move_id | freed.credit_move_id
        met = (one | rest for one, rest in groups)
        items = (left | partials.credit_move_id).union(*debits.values(), *met)
        # Read together, whatever each of them was read with.
        items = items.with_prefetch()
        before = items._reconcile_pre_hook()
        self._free(freed)
        matchings = dict.fromkeys(left, UNMATCHED)
        matchings |= self._exchange_debits(debits) | self._match_whole(groups)
        orm_internals.put_values(matchings)
        items.invalidate_recordset(MATCHINGS[:2], flush=False)
        with self._keeping_links(items.move_id):
            yield
            items.modified(MATCHINGS)
        # What core keeps in memory without saying of what it is computed.
        items.move_id.invalidate_recordset(["has_reconciled_entries"], flush=False)
        items.partner_id.invalidate_recordset(["credit", "debit"], flush=False)
        items._reconcile_post_hook(before)

    @contextmanager
    def _keeping_links(self, moves):
        """Ask once who paid what now, not each time that Odoo comes by there.

        To find what is computed of items it follows links that are in no column, and
        forgets at the next turn what it has just been told.

        :param moves: the entries whose items are matched otherwise
        """
        moves.invalidate_recordset([PAID_BY], flush=False)
        payments = moves[PAID_BY]
        payments.invalidate_recordset([PAYS], flush=False)
        payments.mapped(PAYS)
        with (
            self.env.protecting([moves._fields[PAID_BY]], moves),
            self.env.protecting([payments._fields[PAYS]], payments),
        ):
            yield
        moves.invalidate_recordset([PAID_BY], flush=False)
        payments.invalidate_recordset([PAYS], flush=False)

    def _free(self, partials):
        """Take reconciliations away, and the full ones whose they are all."""
        full = partials.full_reconcile_id
        orm_internals.delete_rows(partials)
        orm_internals.delete_rows(full)

    def _exchange_debits(self, debits):
        """Give reconciliations other debits, which the full ones stay those of.

        :param debits: see `_rematching`
        :return: dict from the new debits to what they say of their matching
        """
        orm_internals.put_values(
            {
                partial: {
                    "debit_move_id": item.id,
                    "max_date": max(item.date, partial.credit_move_id.date),
                    "draft_caba_move_vals": False,
                }
                for partial, item in debits.items()
            }
        )
        return {
            item: self._get_matching(partial.full_reconcile_id)
            for partial, item in debits.items()
        }

    def _match_whole(self, groups):
        """Make the rows that match items with those that they meet wholly.

        :param groups: see `_find_whole`
        :return: dict from item to what it says of its matching
        """
        fulls = self.env["account.full.reconcile"]
        fulls = orm_internals.insert_rows(fulls, [{} for _group in groups])
        matchings, vals_list = {}, []
        for (one, rest), full in zip(groups, fulls, strict=True):
            matchings |= dict.fromkeys(one | rest, self._get_matching(full))
            vals_list += [self._prepare_row(one, item, full) for item in rest]
        orm_internals.insert_rows(self.env["account.partial.reconcile"], vals_list)
        return matchings

    def _get_matching(self, full):
        """What an item says of a full reconciliation, as core's statements write it."""
        return {"full_reconcile_id": full.id, "matching_number": str(full.id)}

    def _prepare_row(self, one, item, full):
        """Values of the reconciliation of two items, for all of the second one."""
        debit, credit = (one, item) if item.balance < 0 else (item, one)
        amount = abs(item.balance)
        return {
            "debit_move_id": debit.id,
            "credit_move_id": credit.id,
            "full_reconcile_id": full.id,
            "debit_currency_id": debit.currency_id.id,
            "credit_currency_id": credit.currency_id.id,
            **dict.fromkeys(AMOUNTS, amount),
            "company_id": credit.company_id.id,
            "max_date": max(debit.date, credit.date),
        }
