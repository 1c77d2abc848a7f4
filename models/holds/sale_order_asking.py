"""Whether an order goes on by itself: its reasons are asked, and what they find."""

from collections import defaultdict

from odoo import api, models

from .reasons.gone import HoldReasonGone
from .reasons.level import HoldReasonLevel
from .reasons.limit import HoldReasonLimit
from .reasons.terms import HoldReasonTerms


class SaleOrder(models.Model):
    _inherit = "sale.order"  # pylint: disable=consider-merging-classes-inherited

    # === THE REASONS THERE ARE === #

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

    # === WHAT THEY FIND === #

    def _find_hold_reasons(self, reasons=None, running=False):
        """Return a dict from order in sudo to its list of `HoldFinding`.

        Orders without a reason to be held are left out.

        :param reasons: which `HoldReason` to ask, in this order; all by default
        :param running: the orders are confirmed together: each counts those before it
        """
        if reasons is None:
            reasons = self._get_sorted_hold_reasons()
        found = defaultdict(list)
        for company, orders in self.sudo().grouped("company_id").items():
            for reason in reasons:
                if reason.is_asked(company):
                    findings = reason.find(orders, found, running)
                    for order, finding in findings.items():
                        found[order].append(finding)
        return dict(found)

    def _find_open_reasons(self, reasons=None, running=False):
        """Return the same, without what a release covers."""
        found = self._find_hold_reasons(reasons, running)
        return self.browse().union(*found).sudo()._drop_released(found)

    def _get_finding_texts(self, findings):
        """Return a sentence for each finding, as any employee may read it."""
        return [
            self._get_hold_reason(finding.code).get_text(self.env, finding.data)
            for finding in findings
        ]
