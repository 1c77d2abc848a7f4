"""Which reasons there are to hold an order."""

from odoo import api, models

from .reasons.gone import HoldReasonGone
from .reasons.level import HoldReasonLevel
from .reasons.limit import HoldReasonLimit
from .reasons.terms import HoldReasonTerms


class SaleOrder(models.Model):
    _inherit = "sale.order"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _get_hold_reasons(self):
        """Return a list of the `HoldReason` there are, in whatever order.

        An addon adds its own to what `super` returns.
        """
        return [HoldReasonLevel(), HoldReasonTerms(), HoldReasonLimit()]

    @api.model
    def _get_sorted_hold_reasons(self):
        """Return the same in the order in which they are asked, and told."""
        return sorted(self._get_hold_reasons(), key=lambda reason: reason.sequence)

    @api.model
    def _get_hold_reason(self, code):
        """Return the `HoldReason` of a code, which may be of an addon that is gone."""
        for reason in self._get_hold_reasons():
            if reason.code == code:
                return reason
        return HoldReasonGone()

    @api.model
    def _get_customer_reasons(self):
        """Return those that are about the customer, not about the order."""
        reasons = self._get_sorted_hold_reasons()
        return [reason for reason in reasons if reason.is_about_customer]

    @api.model
    def _get_lasting_reasons(self):
        """Return those that are asked when a confirmed order changes, too."""
        return [r for r in self._get_sorted_hold_reasons() if r.is_lasting]
