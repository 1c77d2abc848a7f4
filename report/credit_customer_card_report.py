from odoo import api, models
from odoo.exceptions import AccessError

from ..models import acting


class CreditCustomerCardReport(models.AbstractModel):
    """The cards of some customers on paper, for the credit meeting."""

    _name = "report.account_credit_block.report_credit_customer_card"
    _description = "Credit of a Customer on Paper"

    @api.model
    def _get_report_values(self, docids, data=None):
        """Return what the paper shows, in the company that the user works in.

        Implementation of the hook of `base`; as many statements as for one customer.

        :raises AccessError: to who is no credit user: the card tells amounts
        """
        if not acting.is_credit_user(self.env):
            raise AccessError(
                self.env._(
                    "Only credit users can print the credit report of a customer."
                )
            )
        partners = self.env["res.partner"].browse(docids).exists()
        partners.check_access("read")
        customers, company = partners.commercial_partner_id, self.env.company
        card = self.env["credit.customer.card"]
        return {
            "doc_ids": docids,
            "doc_model": "res.partner",
            "docs": customers.sudo(),
            "company": company,
            "today": company._get_credit_today(),
            "cards": card._render_paper(customers, company),
        }
