from collections import defaultdict

from odoo import api, fields, models

from .. import acting
from ..call_marks import LIMITS
from . import return_books

RESIDUALS = ("amount_residual", "amount_residual_currency")


class AccountMoveLine(models.Model):
    _name = "account.move.line"
    _inherit = ["credit.entry.guard", "account.move.line"]

    payment_return_line_id = fields.Many2one(
        "account.payment.return.line",
        copy=False,
        readonly=True,
        index="btree_not_null",
        groups="base.group_user",
        help="The return that this item of a return entry books.",
    )
    reopened_by_line_ids = fields.Many2many(
        "account.payment.return.line",
        "account_payment_return_line_invoice_rel",
        "move_line_id",
        "return_line_id",
        string="Reopened by",
        copy=False,
        readonly=True,
        groups="base.group_user",
    )

    late_invoice_id = fields.Many2one(
        "account.move",
        copy=False,
        readonly=True,
        index="btree_not_null",
        groups="base.group_user",
        help="The invoice for whose late payment this item charges.",
    )
    late_debt_id = fields.Many2one(
        "account.move.line",
        copy=False,
        readonly=True,
        index="btree_not_null",
        groups="base.group_user",
        help="The instalment of it. With other terms the invoice gets new instalments.",
    )
    late_charge = fields.Selection(
        [("interest", "Interest"), ("flat", "Flat sum")],
        copy=False,
        readonly=True,
        groups="base.group_user",
    )
    late_amount = fields.Monetary(
        currency_field="currency_id",
        copy=False,
        readonly=True,
        groups="base.group_user",
        help="What was proposed for late payment, whatever is asked in the end.",
    )
    late_until = fields.Date(
        copy=False,
        readonly=True,
        groups="base.group_user",
        help="The last day for which it was proposed.",
    )

    # === GUARDS === #

    @api.model
    def default_get(self, fields):
        """Override of `base`: no default of a user or of a client is a return's."""
        links = return_books.get_links(self)
        return super().default_get([name for name in fields if name not in links])

    @api.model_create_multi
    def create(self, vals_list):
        """Override of `account`: links to returns are the returns' own.

        :raises UserError: to who enters one, or adds to an entry of a return
        """
        return_books.check_links(self, set().union(*vals_list))
        items = super().create(vals_list)
        items.move_id._check_not_fixed()
        return items

    def write(self, vals):
        """Override of `account`: what a confirmed return has booked stays as it is.

        :raises UserError: to who changes it, or what links it to the return
        """
        return_books.check_links(self, vals)
        watched = not self._get_entry_fields().isdisjoint(vals)
        if watched and not acting.is_system(self.env):
            self.move_id._check_not_fixed()
        res = super().write(vals)
        if "move_id" in vals:
            self.move_id._check_not_fixed()
        return res

    @api.ondelete(at_uninstall=False)
    def _unlink_except_fixed(self):
        self.move_id._check_not_fixed()

    def _get_entry_fields(self):
        """Return what makes an item what it is: what core protects, and its day."""
        # A client's context would change the answer.
        clean = self.with_context({})  # pylint: disable=context-overridden
        return {
            "date_maturity",
            "move_id",
            *clean._get_integrity_hash_fields(),
            *set().union(*clean._get_lock_date_protected_fields().values()),
        } - {"name"}

    # === RECONCILIATION === #

    @api.model
    def _reconcile_in_rounds(self, plan):
        """Match what pays debts, each payment with its own instalments.

        As core's `_reconcile_plan`, in one call. But where a tax is due on payment, the
        instalments of one document are matched one call after the other: core makes due
        what is left of the tax with the first that it sees of a document which is paid
        in the end, and nothing with the others. What comes back of one of them would
        take along too much of the tax, or none.

        :param plan: list of items to be matched with each other
        """
        for groups in self._plan_rounds(plan):
            self._reconcile_plan(groups)

    def _plan_rounds(self, plan):
        """Return the groups of a plan in rounds; a taxed document is once in each."""
        taxed = self._find_taxed_on_payment(plan)
        rounds, done = [], defaultdict(int)
        for items in plan:
            moves = taxed.intersection(items.move_id.ids)
            number = max((done[move_id] for move_id in moves), default=0)
            done.update(dict.fromkeys(moves, number + 1))
            rounds += [[]] if number == len(rounds) else []
            rounds[number].append(items)
        return rounds

    def _find_taxed_on_payment(self, plan):
        """Return the ids of the documents in a plan of which a tax is due on payment.

        Those of which core makes an entry, in companies where it does.
        """
        moves = self.union(*plan).move_id
        moves = moves.filtered(lambda move: move.company_id.tax_exigibility)
        return {move.id for move in moves if move._collect_tax_cash_basis_values()}

    @api.model
    def _prepare_reconciliation_single_partial(
        self, debit_values, credit_values, shadowed_aml_values=None
    ):
        """Override of `account` to match two items for a given amount only.

        Core always matches as much as it can. Part of a payment that came back
        needs less: the limits are the residuals that the pair may use.
        """
        limits = LIMITS.get(self.env) or {}
        limit = limits.get((debit_values["aml"].id, credit_values["aml"].id))
        if not limit:
            return super()._prepare_reconciliation_single_partial(
                debit_values, credit_values, shadowed_aml_values=shadowed_aml_values
            )
        capped_debit = {**debit_values, **dict(zip(RESIDUALS, limit[0], strict=True))}
        capped_credit = {**credit_values, **dict(zip(RESIDUALS, limit[1], strict=True))}
        results = super()._prepare_reconciliation_single_partial(
            capped_debit, capped_credit, shadowed_aml_values=shadowed_aml_values
        )
        for values, capped, start in (
            (debit_values, capped_debit, limit[0]),
            (credit_values, capped_credit, limit[1]),
        ):
            for key, before in zip(RESIDUALS, start, strict=True):
                values[key] -= before - capped[key]
        # The pair is served, whatever is left on either side.
        results["debit_values"] = results["credit_values"] = None
        return results
