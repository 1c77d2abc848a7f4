from odoo import models
from odoo.tools import SQL

from .. import acting
from ..credit.credit_exposure import HELD

# What the part reads of an order beside the others.
HELD_FIELDS = ["hold_hidden", "hold_status"]


class CreditExposure(models.AbstractModel):
    """What waits for a decision, beside what is owed."""

    _inherit = "credit.exposure"

    def _flush_books(self):
        """Override: also what says which orders wait."""
        res = super()._flush_books()
        self.env["sale.order"].flush_model(HELD_FIELDS)
        return res

    def _get_parts(self, today):
        """Override: also the orders that wait."""
        return [*super()._get_parts(today), self._get_held_query()]

    def _get_held_query(self):
        """What waits for a decision, less what is hidden from who asks."""
        return SQL(
            """
            SELECT member.owner, %(held)s, %(asked)s / %(rate)s, ARRAY[orders.id]
              FROM member
              JOIN (%(lines)s) ON orders.partner_invoice_id = member.id
             WHERE orders.hold_status = 'held'
               AND orders.state IN ('draft', 'sent')
               AND orders.company_id IN (SELECT id FROM tree)
               AND (%(all)s OR orders.hold_hidden IS NOT TRUE)
          GROUP BY member.owner, orders.id
            """,
            held=HELD,
            asked=self._get_asked_amount(),
            lines=self._get_order_lines(),
            rate=self._get_order_rate(),
            all=acting.sees_hidden(self.env),
        )
