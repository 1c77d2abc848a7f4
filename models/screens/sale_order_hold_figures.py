"""What the customer of a held order owes: the numbers of the card, for a list of holds.

As they are today while an order waits, as they were once it is decided on.
"""

from odoo import api, fields, models

# What the figures are, by the fields that show them.
FIGURES = {
    "exposure_total": "exposure",
    "limit_share": "share",
    "over_by": "over",
    "overdue_total": "overdue",
    "return_count": "returns",
}


class SaleOrderHold(models.Model):
    _inherit = "sale.order.hold"  # pylint: disable=consider-merging-classes-inherited

    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )
    figures = fields.Json(
        string="Figures (technical)",
        compute="_compute_figures",
        help="What is known of the customer, in the currency of the company.",
    )
    kept_figures = fields.Json(
        readonly=True, help="The same, at the time of the decision."
    )
    exposure_total = fields.Monetary(
        string="Exposure",
        compute="_compute_from_figures",
        currency_field="company_currency_id",
        help="What the customer owes or is about to owe, this order included.",
    )
    limit_share = fields.Integer(
        string="Of the Limit",
        compute="_compute_from_figures",
        help="Percentage of the credit limit that the exposure makes.",
    )
    over_by = fields.Monetary(
        compute="_compute_from_figures",
        currency_field="company_currency_id",
        help="By how much the exposure exceeds the credit limit.",
    )
    overdue_total = fields.Monetary(
        string="Overdue",
        compute="_compute_from_figures",
        currency_field="company_currency_id",
        help="Open today and overdue, or returned by the bank.",
    )
    return_count = fields.Integer(
        string="Returns",
        compute="_compute_from_figures",
        help="Payments of the customer that came back in the last 12 months.",
    )

    # === COMPUTE === #

    @api.depends("state", "partner_id", "order_id.amount_total", "kept_figures")
    def _compute_figures(self):
        """Ask anew about the customers of what waits; keep what was decided on."""
        today = self.filtered(lambda hold: hold.state == "held")._find_figures_today()
        for hold in self:
            hold.figures = today.get(hold) or hold.kept_figures

    @api.depends("figures")
    def _compute_from_figures(self):
        for hold in self:
            figures = hold.figures or {}
            for name, key in FIGURES.items():
                hold[name] = figures.get(key) or 0

    def _find_figures_today(self):
        """Return a dict from hold to its figures, in few queries for all of them.

        :return: dict of dict of ``exposure`` with the order, ``share`` of the limit in
            percent, ``over`` it, ``overdue`` or returned, and number of ``returns``
        """
        figures = {}
        card = self.env["credit.customer.card"]
        known = self.sudo().filtered("order_id")
        for company, holds in known.grouped("company_id").items():
            measures = card._measure_orders(holds.order_id, company)
            history = card._get_history()
            returns = history._get_returns(holds.partner_id, company)
            for hold in holds:
                measure = measures[hold.order_id]
                figures[hold] = {
                    "exposure": measure.total,
                    "share": measure.share,
                    "over": measure.excess if measure.is_over else 0.0,
                    "overdue": measure.late,
                    "returns": returns[hold.partner_id.id].count,
                }
        return figures

    @api.depends("figures")
    def _compute_reason_short(self):
        """Override: what a blocked customer has to pay is in it."""
        return super()._compute_reason_short()

    def _keep_shown(self, shown):
        """Override: also what is known of the customers, on which a decision rests."""
        for hold, figures in self._find_figures_today().items():
            hold.kept_figures = figures
        return super()._keep_shown(shown)
