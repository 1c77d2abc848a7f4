from odoo import api, models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        """Override of `base` so that merged customers keep their blocks.

        Blocks move by SQL to the surviving partner, which can have one row in force per
        company and level: of several, one set by hand stays before an automatic one.
        """
        partners = src_partners | dst_partner
        in_force = self.env["credit.block"].sudo()
        in_force = in_force.search(
            [("partner_id", "in", partners.ids), ("state", "=", "in_force")]
        )
        for blocks in in_force.grouped(lambda b: (b.company_id, b.level_id)).values():
            kept = blocks.sorted(lambda b: (b.origin != "manual", b.date_from))[:1]
            (blocks - kept)._close(self.env._("Merged with another customer."))
        self.env.flush_all()
        return super()._update_foreign_keys(src_partners, dst_partner)
