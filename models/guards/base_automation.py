from odoo import api, fields, models
from odoo.exceptions import UserError

from .. import acting
from ..call_marks import REHEARSING

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
        """Override of `base_automation`.

        :raises UserError: for the rule of a guard
        """
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

        Core runs the action for one record after the other. What is only rehearsed
        sets off nothing of others.
        """
        if REHEARSING.get(self.env) and self != self._get_rehearsed():
            return None
        guard = self.sudo().credit_guard_id
        if not guard:
            return super()._process(records, domain_post=domain_post)
        with guard._asking_together(records):
            return super()._process(records, domain_post=domain_post)

    @api.model
    def _get_rehearsed(self):
        """Return the one rule that knows of rehearsals, if it is still there."""
        return self.env.ref(REHEARSED, raise_if_not_found=False) or self.browse()

    @api.model
    def _add_postmortem(self, e):
        """Override of `base_automation`: a refusal by a guard is no failure of a rule.

        The web client would show it as a server error, with the technical details.
        """
        if isinstance(e, UserError) and self.sudo().credit_guard_id:
            return None
        return super()._add_postmortem(e)
