"""What a blocked customer owes, beside the block: the numbers of the card."""

from odoo import api, fields, models

from ..const import CARD_GROUP


class CreditBlock(models.Model):
    _inherit = "credit.block"  # pylint: disable=consider-merging-classes-inherited

    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )
    overdue_total = fields.Monetary(
        string="Overdue",
        compute="_compute_figures",
        currency_field="company_currency_id",
        groups=CARD_GROUP,
        help="What the customer owes today, overdue or returned by the bank.",
    )
    exposure_total = fields.Monetary(
        string="Exposure",
        compute="_compute_figures",
        currency_field="company_currency_id",
        groups=CARD_GROUP,
        help="What the customer owes or is about to owe today.",
    )

    @api.depends("state", "partner_id", "company_id")
    def _compute_figures(self):
        """As they are today, of blocks in force; few queries for all of them."""
        in_force = self.filtered(lambda block: block.state == "in_force")
        past = self - in_force
        past.overdue_total = past.exposure_total = 0.0
        card = self.env["credit.customer.card"]
        for company, blocks in in_force.sudo().grouped("company_id").items():
            measures = card._measure_customers(blocks.partner_id, company)
            for block in blocks:
                measure = measures[block.partner_id.id]
                block.overdue_total = measure.late
                block.exposure_total = measure.total
