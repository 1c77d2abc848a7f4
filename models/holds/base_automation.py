from odoo import models
from odoo.fields import Domain
from odoo.tools.safe_eval import safe_eval

from .sale_order_state import HOLD_FIELDS


class BaseAutomation(models.Model):
    _inherit = "base.automation"  # pylint: disable=consider-merging-classes-inherited

    def _process(self, records, domain_post=None):
        """Override of `base_automation` for rules on the state of orders.

        What waits for a decision is left out by them.
        """
        if records._name == "sale.order":
            records = self._leave_out_held(records)
        return super()._process(records, domain_post=domain_post)

    def _leave_out_held(self, orders):
        """Return these orders without those that wait for a decision.

        They are in state `sent`, though nobody has sent them: a rule on that state
        would write to their customers. Rules that ask for the hold have them all.
        """
        names = self.sudo()._get_asked_names()
        if "state" not in names or names & HOLD_FIELDS:
            return orders
        return orders.filtered(lambda order: order.sudo().hold_status != "held")

    def _get_asked_names(self):
        """Return the names of the fields that this rule waits for; for sudo."""
        names = set(self.trigger_field_ids.mapped("name"))
        if self.filter_domain:
            domain = Domain(safe_eval(self.filter_domain, self._get_eval_context()))
            names |= {condition.field_expr for condition in domain.iter_conditions()}
        return names
