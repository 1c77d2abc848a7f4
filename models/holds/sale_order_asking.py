"""Whether an order goes on by itself: its reasons are asked, and what they find."""

from collections import defaultdict
from contextlib import contextmanager

from odoo import api, fields, models

from .. import acting
from ..call_marks import SHARED_CHECK


class SaleOrder(models.Model):
    _inherit = "sale.order"  # pylint: disable=consider-merging-classes-inherited

    # Core's, which names the customer's limit to whoever reads the order.
    partner_credit_warning = fields.Text(groups="base.group_user")

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

    def _drop_released(self, found):
        """Return the findings without what a release in force covers; for sudo.

        :param dict found: order to list of `HoldFinding`
        """
        released = self.filtered(lambda order: order.hold_status == "released")
        for order in released:
            hold = order.hold_ids.filtered(lambda h: h.state == "released")[:1]
            kept = [f for f in found[order] if not hold._covers(f)]
            found = {**found, order: kept}
        return {order: findings for order, findings in found.items() if findings}

    def _get_finding_texts(self, findings):
        """Return a sentence for each finding, as any employee may read it."""
        return [
            self._get_hold_reason(finding.code).get_text(self.env, finding.data)
            for finding in findings
        ]

    def _is_credit_refused(self):
        """Say whether nothing may be collected for this order: refused, or on hold."""
        self.ensure_one()
        found = self._find_open_reasons([self._get_hold_reason("level")])
        forbidden = any(f.forbids for f in found.get(self, ()))
        return forbidden or self.sudo()._is_on_hold()

    @api.depends("partner_invoice_id", "state")
    @api.depends_context("uid", "lang")
    def _compute_partner_credit_warning(self):
        """Override of `sale`, which tells the amounts of the exposure to salespeople.

        Where orders are held over the limit, the exposure is the one they are held by.
        """
        companies = self.company_id.filtered(
            lambda company: company._get_credit_setting("credit_hold_limit")
        )
        limited = self.filtered(lambda order: order.company_id in companies)
        res = super(SaleOrder, self - limited)._compute_partner_credit_warning()
        limited.partner_credit_warning = ""
        quotations = limited.filtered(lambda order: order.state in ("draft", "sent"))
        reason = self._get_hold_reason("limit")
        tell = reason.get_detail if acting.is_credit_user(self.env) else reason.get_text
        for orders in quotations.sudo().grouped("company_id").values():
            for order, finding in reason.find_near(orders).items():
                order.sudo(False).partner_credit_warning = tell(self.env, finding.data)
        return res

    # === ONE QUESTION A CONFIRMATION === #

    @contextmanager
    def _share_confirmation_check(self):
        """Answer the questions of one confirmation with one evaluation.

        It is kept for the call only, in the memory of the server, and counts for an
        order as long as nobody changes the order meanwhile.
        """
        shared = dict(SHARED_CHECK.get(self.env) or {})
        unknown = self.browse(id_ for id_ in self._ids if id_ not in shared)
        quotations = unknown.filtered(
            lambda o: o.state in ("draft", "sent") and not o.sudo()._is_on_hold()
        )
        quotations._read_customers()
        found = quotations._find_open_reasons(running=True)
        for order in quotations.sudo():
            fingerprint = order._take_fingerprint()
            shared[order.id] = (fingerprint, found.get(order, []))
        with SHARED_CHECK.set(self.env, shared):
            yield found

    def _read_customers(self):
        """Read at once what the reasons ask about the customers, each in its company.

        What is of a company and what is not, the ORM alone reads by two queries.
        """
        names = {n for reason in self._get_hold_reasons() for n in reason.reads}
        for company, orders in self.sudo().grouped("company_id").items():
            orders._get_credit_partners().with_company(company).fetch(names)

    def _find_reasons_once(self, running=False):
        """Return what `_find_open_reasons` does, asking only what is not known yet."""
        shared = SHARED_CHECK.get(self.env) or {}
        found = {
            order: shared[order.id][1]
            for order in self.sudo()
            if order.id in shared and shared[order.id][0] == order._take_fingerprint()
        }
        rest = self.filtered(lambda order: order not in found)
        found.update(rest._find_open_reasons(running=running))
        return {order: findings for order, findings in found.items() if findings}

    # === WHAT OTHERS SAY === #

    def _get_core_confirmation_errors(self):
        """Return what others object to confirming these orders, but for the credit.

        By ``super``: our own objection is an override that comes before this class.
        """
        errors = []
        for order in self:
            message = super(SaleOrder, order)._confirmation_error_message  # pylint: disable=super-method-mismatch
            errors.append(message())
        return [error for error in errors if error]
