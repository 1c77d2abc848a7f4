from odoo import api, fields, models

# Context key: what may be matched at most between two items, by pair of ids.
LIMITS = "payment_return_reconcile_limits"
RESIDUALS = ("amount_residual", "amount_residual_currency")


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

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

    @api.model
    def _prepare_reconciliation_single_partial(
        self, debit_values, credit_values, shadowed_aml_values=None
    ):
        """Override of `account` to match two items for a given amount only.

        Core always matches as much as it can. Part of a payment that came back
        needs less: the limits are the residuals that the pair may use.
        """
        limits = self.env.context.get(LIMITS) or {}
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

    def _reconcile_post_hook(self, data):
        """Override of `account`: who has paid is unblocked at once."""
        result = super()._reconcile_post_hook(data)
        self.env["credit.block.rule"]._evaluate_items(self)
        return result
