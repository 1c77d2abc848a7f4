from odoo import fields, models


class SaleReport(models.Model):
    _inherit = "sale.report"

    hold_hidden = fields.Boolean(
        readonly=True, groups="account_credit_block.group_credit_user"
    )

    def _select_additional_fields(self):
        """Override of `sale`: the rule that hides orders needs its field here too."""
        return {**super()._select_additional_fields(), "hold_hidden": "s.hold_hidden"}

    def _group_by_sale(self):
        """Override of `sale`, see above."""
        return f"{super()._group_by_sale()}, s.hold_hidden"
