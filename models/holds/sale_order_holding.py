"""Handing an order over to who decides, instead of confirming it."""

from odoo import fields, models
from odoo.exceptions import UserError

from .. import acting, notification


class SaleOrder(models.Model):
    _inherit = "sale.order"  # pylint: disable=consider-merging-classes-inherited

    # === BY AN EMPLOYEE === #

    def action_confirm_or_hold(self):
        """Confirm these quotations; hand over those a manager has to decide on.

        Of several, those that are refused or handed over do not stop the others. Who
        does not sell, but may write orders, confirms them as core lets him.

        :return: what `action_confirm` returns, or a notification of what was set aside
        :raises UserError: when nothing is selected, every order is refused, or core
            objects
        :raises AccessError: for who may not write these orders
        """
        return self._confirm_or_hand_over(lambda orders: orders.action_confirm())

    def _confirm_or_hand_over(self, confirm):
        """Do what `action_confirm_or_hold` says.

        :param confirm: what confirms some of these orders
        """
        self._check_selected()
        self._check_writer()
        if not self._is_seller():
            return confirm(self)
        for error in self._get_core_confirmation_errors():
            raise UserError(error)
        with self._share_confirmation_check() as found:
            refusals = self._get_outright_refusals(found)
            held = self.filtered(lambda o: o in found and o not in refusals)
            confirmed = self - held - self.browse().union(*refusals)
            if not held and not confirmed:
                error = UserError("\n\n".join(refusals.values()))
                raise self._explain_confirmation(error, found)
            result = confirm(confirmed) if confirmed else True
            # Last, as what is told of them knows the others then.
            if held:
                held._hand_over(found)
        if not held and not refusals:
            return result
        return self._get_set_aside_action(held, refusals)

    def _get_set_aside_action(self, held, refusals):
        """Tell what was not confirmed, and lead back to where the user may be."""
        lines = [
            self.env._("%(order)s: %(text)s", order=order.name, text=text)
            for order, text in refusals.items()
        ]
        handovers = {
            company._get_credit_setting("credit_hold_handover")
            for company in held.sudo().company_id
        }
        if held:
            lines.insert(0, self._get_handed_over_text(held, handovers))
        then = {"type": "ir.actions.client", "tag": "soft_reload"}
        if "hidden" in handovers and not acting.is_credit_manager(self.env):
            quotations = self.env["ir.actions.act_window"]._for_xml_id(
                "sale.action_quotations_with_onboarding"
            )
            # As a page of its own: the way back leads to an order that is hidden.
            then = {**quotations, "target": "main"}
        kind = "danger" if refusals else "info"
        return notification.tell("\n".join(lines), kind, then, sticky=bool(refusals))

    def _get_handed_over_text(self, held, handovers):
        names = ", ".join(held.sudo().mapped("name"))
        if handovers == {"visible"}:
            return self.env._("%s: handed over to the credit manager.", names)
        return self.env._("%s: the order has been taken over for processing.", names)

    # === BY THE CUSTOMER === #

    def _hand_over_from_customer(self, forbidden=False):
        """Hand over what the customer confirms and a manager has to decide on.

        :param forbidden: also what the blocks forbid, since the customer has paid
        :return: the orders on hold, those that were already included
        """
        quotations = self.filtered(lambda o: o.state in ("draft", "sent"))
        waiting = quotations.filtered(lambda o: o.sudo()._is_on_hold())
        found = (quotations - waiting)._find_reasons_once(running=True)
        held = (quotations - waiting).filtered(
            lambda o: (
                o in found
                and (forbidden or not any(finding.forbids for finding in found[o]))
            )
        )
        if held:
            held._hand_over(found, is_from_customer=True)
        return waiting | held

    def _send_review_mail(self):
        """Tell the customers that their orders are being reviewed, in neutral words."""
        template = self.env.ref(
            "account_credit_block.mail_template_order_review", raise_if_not_found=False
        )
        # In sudo Odoo sends as OdooBot, who may put the link of a hidden order in it.
        for order in self.sudo().filtered(lambda order: order._is_under_review()):
            order._send_order_notification_mail(template)

    # === THE HOLD === #

    def _hand_over(self, found, **how):
        """Park these quotations with a hold each, for a manager to decide.

        State `sent`, so that nobody takes them for a cart or confirms them by itself;
        what nobody has confirmed stays a draft. Trusted: no access check.

        :param dict found: order to list of `HoldFinding`
        :param how: what differs from an employee's confirmation, see `_prepare_hold`
        :return: the new `sale.order.hold` records
        """
        orders = self.sudo().with_context(tracking_disable=True)
        # A hold that has just ended must not meet the new one in the unique index.
        orders.env["sale.order.hold"].flush_model(["state"])
        holds = orders.env["sale.order.hold"].create(
            [{**order._prepare_hold(found.get(order, ())), **how} for order in orders]
        )
        for hold in holds.grouped(lambda h: (h.handover, h.is_for_quotation)).values():
            hold.order_id._write_hold(hold[0]._prepare_parking())
        holds._start_waiting()
        return holds

    def _prepare_hold(self, findings):
        """Return the values of a hold of this order."""
        company = self.company_id
        found = {finding.code: finding.data for finding in findings}
        return {
            "order_id": self.id,
            "handover": company._get_credit_setting("credit_hold_handover"),
            "handed_over_by_id": self.env.uid,
            "responsible_id": company._get_hold_deciders()[:1].id,
            "row_ids": [
                fields.Command.create(
                    {"code": code, "is_found": code in found, "data": found.get(code)}
                )
                for code in (r.code for r in self._get_sorted_hold_reasons())
            ],
        }
