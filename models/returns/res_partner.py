from odoo import api, fields, models
from odoo.fields import Domain

from ..const import ACCOUNTING_GROUPS
from ..res_company import FEE_POLICY_SELECTION

# The length of an Italian person's tax code.
PERSONAL_CODE = 16


class ResPartner(models.Model):
    """What a customer wants of returns, and how many there were."""

    _inherit = "res.partner"

    credit_return_mail_opt_out = fields.Boolean(
        string="No Mail on Payment Return",
        copy=False,
        groups=ACCOUNTING_GROUPS,
        help="The customer gets no mail when a payment comes back unpaid.",
    )
    credit_return_fee_policy = fields.Selection(
        FEE_POLICY_SELECTION,
        string="Return Fee",
        company_dependent=True,
        groups=ACCOUNTING_GROUPS,
        help="Who bears the fee of a payment return; empty for the company's default.",
    )
    credit_late_opt_out = fields.Boolean(
        string="No Late-Payment Charges",
        copy=False,
        groups=ACCOUNTING_GROUPS,
        help="Neither interest nor the flat sum for late payment is proposed.",
    )
    payment_return_count = fields.Integer(
        compute="_compute_payment_return_count", groups=ACCOUNTING_GROUPS
    )

    @api.depends("commercial_partner_id")
    @api.depends_context("allowed_company_ids")
    def _compute_payment_return_count(self):
        """Collections that came back, of the whole customer; one query for a list."""
        counts = self.env["account.payment.return.line"]._count_by(
            "commercial_partner_id", self.commercial_partner_id
        )
        for partner in self:
            partner.payment_return_count = counts.get(
                partner.commercial_partner_id._origin.id, 0
            )

    def _is_credit_consumer(self):
        """Whether somebody buys for no business: a person without a VAT number.

        A tax code of 16 characters is a person's, and no VAT number.
        """
        self.ensure_one()
        vat = (self.vat or "").strip("/ ").upper().removeprefix("IT")
        return not self.is_company and (not vat or len(vat) == PERSONAL_CODE)

    def action_open_payment_returns(self):
        """Open the collections of these customers that came back (smart button).

        :return: a window action
        :raises AccessError: to who may not see the customers, or no returns
        """
        self.check_access("read")
        self.env["account.payment.return.line"].check_access("read")
        lines = self.env["account.payment.return.line"]
        of_customers = Domain(
            "commercial_partner_id", "in", self.commercial_partner_id.ids
        )
        return {
            "type": "ir.actions.act_window",
            "domain": list(lines._get_came_back_domain() & of_customers),
            # After the domain: core's extractor of terms takes tuples that follow.
            "name": self.env._("Returned Collections"),
            "res_model": "account.payment.return.line",
            "view_mode": "list,form",
            "context": {"create": False},
        }
