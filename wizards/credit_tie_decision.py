from odoo import api, fields, models


class CreditTieDecision(models.TransientModel):
    """Dialog in which a credit manager says whether others are the same customer."""

    _name = "credit.tie.decision"
    _inherit = ["credit.reach"]
    _description = "Same Customer?"

    decision = fields.Selection(
        [
            ("another", "They are different customers"),
            ("same", "They are the same customer after all"),
        ],
        required=True,
        default="another",
    )
    partner_id = fields.Many2one("res.partner", required=True, readonly=True)
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    other_ids = fields.Many2many(
        "res.partner",
        string="Other Customers",
        required=True,
        compute="_compute_other_ids",
        compute_sudo=False,
        store=True,
        readonly=False,
        domain="[('id', 'in', available_ids)]",
    )
    available_ids = fields.Many2many("res.partner", compute="_compute_available_ids")
    reason = fields.Text(required=True)

    @api.depends("decision", "partner_id", "company_id")
    def _compute_available_ids(self):
        """Those that it is together with now, or that were said to be others."""
        for wizard in self:
            partner = wizard.partner_id.with_company(wizard.company_id)
            wizard.available_ids = (
                partner.credit_freed_ids
                if wizard.decision == "same"
                else partner.credit_kin_ids
            )

    @api.depends("decision", "partner_id", "company_id")
    def _compute_other_ids(self):
        for wizard in self:
            wizard.other_ids = wizard.available_ids

    def action_apply(self):
        """Keep the decision; raise as `_set_another_customer` does.

        :return: the action that closes the dialog
        """
        self.ensure_one()
        self.partner_id.check_access("read")
        decide = (
            self.partner_id._set_same_customer
            if self.decision == "same"
            else self.partner_id._set_another_customer
        )
        decide(self.other_ids, self.reason, self.company_id)
        return {"type": "ir.actions.act_window_close"}
