from odoo import api, models


class UtmCampaign(models.Model):
    _inherit = "utm.campaign"

    @api.depends_context("uid")
    def _compute_quotation_count(self):
        """Override of `sale`, which counts with all rights: hidden orders count for
        those who see them.
        """
        res = super()._compute_quotation_count()
        orders = self.env["sale.order"]
        hidden = orders._get_hidden_domain()
        if hidden.is_false():
            return res
        groups = orders.sudo()._read_group(
            [("campaign_id", "in", self.ids), *hidden], ["campaign_id"], ["__count"]
        )
        for campaign, count in groups:
            campaign.quotation_count -= count
        return res
