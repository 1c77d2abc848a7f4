from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools.safe_eval import safe_eval

from .. import acting
from ..call_marks import REHEARSING
from ..const import HOLD_FIELDS

# What of a rehearsal counts, and does nothing but count in one.
REHEARSED = "account_credit_block.base_automation_payment_return_mail"


class BaseAutomation(models.Model):
    _inherit = "base.automation"

    credit_guard_id = fields.Many2one(
        "credit.guard",
        copy=False,
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
        help="The guard that made this rule and keeps it in step.",
    )

    def write(self, vals):
        """Override of `base_automation`; raise UserError for the rule of a guard."""
        self._check_not_guarding()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_guard(self):
        """Raise UserError for the rule of a guard: the guard would seem to work."""
        self._check_not_guarding()

    def _check_not_guarding(self):
        guard = not acting.is_system(self.env) and self.credit_guard_id[:1]
        if guard:
            raise UserError(
                self.env._(
                    "This rule belongs to the credit guard “%s”: change, archive or"
                    " delete the guard instead.",
                    guard.name,
                )
            )

    def _process(self, records, domain_post=None):
        """Override of `base_automation` to ask about the records of a guard together.

        Core runs the action for one record after the other. What waits for a decision
        is left out by rules on the state of orders. What is only rehearsed sets off
        nothing of others.
        """
        if REHEARSING.get(self.env) and self != self._get_rehearsed():
            return None
        if records._name == "sale.order":
            records = self._leave_out_held(records)
        guard = self.sudo().credit_guard_id
        if not guard:
            return super()._process(records, domain_post=domain_post)
        with guard._asking_together(records):
            return super()._process(records, domain_post=domain_post)

    @api.model
    def _get_rehearsed(self):
        """Return the one rule that knows of rehearsals, if it is still there."""
        return self.env.ref(REHEARSED, raise_if_not_found=False) or self.browse()

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

    @api.model
    def _add_postmortem(self, e):
        """Override of `base_automation`: a refusal by a guard is no failure of a rule.

        The web client would show it as a server error, with the technical details.
        """
        if isinstance(e, UserError) and self.sudo().credit_guard_id:
            return None
        return super()._add_postmortem(e)
