from datetime import timedelta

from odoo import api, fields, models


class SaleOrderHold(models.Model):
    """What the manager sees of a hold, and no business needs."""

    _inherit = "sale.order.hold"

    waiting_days = fields.Integer(
        string="Days",
        compute="_compute_waiting_days",
        help="Days for which the order waits, or waited, for the decision.",
    )
    valid_day = fields.Date(
        string="Valid Until",
        compute="_compute_valid_day",
        help="Last day on which a changed order may rely on the release.",
    )
    customer_card = fields.Html(compute="_compute_cards", sanitize=False)
    order_summary = fields.Html(compute="_compute_cards", sanitize=False)

    @api.depends("create_date", "decided_on")
    @api.depends_context("tz")
    def _compute_waiting_days(self):
        for hold in self:
            start, end = (
                fields.Datetime.context_timestamp(hold, moment).date()
                for moment in (
                    hold.create_date or fields.Datetime.now(),
                    hold.decided_on or fields.Datetime.now(),
                )
            )
            hold.waiting_days = (end - start).days

    @api.depends("valid_until")
    def _compute_valid_day(self):
        """The day that ends with the midnight until which a release is in force."""
        for hold in self:
            if not hold.valid_until:
                hold.valid_day = False
                continue
            last = hold.valid_until - timedelta(seconds=1)
            hold.valid_day = hold.company_id._get_credit_day(last)

    @api.depends("state", "partner_id", "order_id.amount_total")
    @api.depends_context("lang", "tz")
    def _compute_cards(self):
        """For one form at a time: the queries grow with the holds."""
        card = self.env["credit.customer.card"]
        for hold in self.sudo():
            waiting = hold.order_id.filtered(lambda o, h=hold: h.state == "held")
            hold.customer_card = card._render(hold.partner_id, hold.company_id, waiting)
            hold.order_summary = card._render_order(hold.order_id)

    def action_open_customer(self):
        """Open the customer who gets the invoice.

        :return: a window action
        :raises AccessError: for who may not see the hold
        """
        self.ensure_one()
        self.check_access("read")
        return self.partner_id._get_records_action()
