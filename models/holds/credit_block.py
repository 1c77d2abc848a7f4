from odoo import api, models


class CreditBlock(models.Model):
    _inherit = "credit.block"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _invalidate_verdicts(self):
        """Override: also what orders show of the blocks."""
        res = super()._invalidate_verdicts()
        self.env["sale.order"].invalidate_model(
            [
                "credit_block_level_id",
                "credit_block_policy",
                "credit_block_banner",
            ]
        )
        return res
