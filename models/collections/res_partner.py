from stdnum.it import codicefiscale

from odoo import api, fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"  # pylint: disable=consider-merging-classes-inherited

    unfit_accounts_text = fields.Text(
        compute="_compute_unfit_accounts_text", groups="base.group_user"
    )

    @api.depends("bank_ids.is_unfit", "bank_ids.acc_number")
    @api.depends_context("lang", "uid", "allowed_company_ids")
    def _compute_unfit_accounts_text(self):
        """Say which accounts of each customer no bank is asked to collect from."""
        for partner in self:
            accounts = partner.bank_ids.filtered("is_unfit")
            texts = [f"{each.acc_number}: {each.unfit_text}" for each in accounts]
            partner.unfit_accounts_text = "\n".join(texts) or False

    def _get_cbi_tax_code(self):
        """Return the first Italian tax code of a partner that is valid, or ""."""
        match = self.env["account.payment.return.match"]
        partner = self.commercial_partner_id
        codes = [match._clean_code(partner[name]) for name in match._get_code_names()]
        return next(filter(codicefiscale.is_valid, codes), "")
