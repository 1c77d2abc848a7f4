"""What of an order stays as it was decided on: its company, and the rate of its day."""

from odoo import fields, models
from odoo.exceptions import UserError

from .. import acting


class SaleOrder(models.Model):
    _inherit = "sale.order"  # pylint: disable=consider-merging-classes-inherited

    def _check_company_stays(self, vals):
        """Raise UserError for who takes to another company what is decided or sold."""
        if "company_id" not in vals or acting.is_system(self.env):
            return
        moved = self.sudo().filtered(lambda o: o.company_id.id != vals["company_id"])
        fixed = moved.filtered(
            lambda o: o.state == "sale" or o.hold_ids or o.order_line.invoice_lines
        )
        if fixed:
            raise UserError(
                self.env._(
                    "The company of these orders is fixed, since they were decided on"
                    " or sold: %s. Cancel them, and enter them anew in the other"
                    " company.",
                    ", ".join(fixed.mapped("name")),
                )
            )

    def _check_rate_stays(self, vals):
        """Raise UserError for who takes what is sold to the day of another rate."""
        if "date_order" not in vals or acting.is_system(self.env):
            return
        day = fields.Datetime.to_datetime(vals["date_order"])
        moved = self.filtered(lambda o: o.state == "sale" and o.date_order != day)
        for order in moved._filter_in_foreign_currency():
            raise UserError(
                self.env._(
                    "The date of the confirmed order %s is fixed, since the rate of its"
                    " currency follows from it.",
                    order.name,
                )
            )

    def _check_rate_of_today(self):
        """Raise UserError for who enters a sale in another currency at an old rate."""
        if acting.is_system(self.env):
            return
        for order in self._filter_in_foreign_currency():
            company = order.company_id
            if company._get_credit_day(order.date_order) < company._get_credit_today():
                raise UserError(
                    self.env._(
                        "The order %s is in another currency: confirm it by its button,"
                        " at the rate of today.",
                        order.name,
                    )
                )

    def _filter_in_foreign_currency(self):
        """Return the orders whose worth for the company hangs on a rate."""
        return self.filtered(lambda o: o.currency_id != o.company_id.currency_id)
