from stdnum.it import codicefiscale

from odoo import models


class ResPartner(models.Model):
    _inherit = "res.partner"  # pylint: disable=consider-merging-classes-inherited

    def _get_cbi_tax_code(self):
        """Return the first Italian tax code of a partner that is valid, or ""."""
        match = self.env["account.payment.return.match"]
        partner = self.commercial_partner_id
        codes = [match._clean_code(partner[name]) for name in match._get_code_names()]
        return next(filter(codicefiscale.is_valid, codes), "")
