"""What may not go on, and what is told of it: to employees why, else nothing."""

from odoo import models
from odoo.exceptions import UserError, ValidationError

from .. import acting


class SaleOrder(models.Model):
    _inherit = "sale.order"  # pylint: disable=consider-merging-classes-inherited

    # === GUARDS === #

    def _check_credit_confirmation(self):
        """Raise UserError if any of these orders may not be confirmed."""
        for text in self._get_confirmation_refusals(running=True).values():
            raise UserError(text)

    def _check_payable_online(self):
        """Raise ValidationError, in neutral words, if no money may be collected now."""
        if self._is_credit_refused():
            raise ValidationError(self._get_credit_customer_text())

    def _check_invoiceable(self):
        """Raise UserError for orders that wait for a decision or were refused."""
        for order in self:
            if order.sudo()._is_on_hold():
                raise UserError(order._get_on_hold_refusal())

    # === WHAT IS REFUSED === #

    def _get_confirmation_refusals(self, running=False):
        """Return a dict from order to why it may not be confirmed, for who is acting.

        :param running: the orders are confirmed together: each counts those before it
        """
        waiting = self.filtered(lambda order: order.sudo()._is_on_hold())
        refusals = {order: order._get_on_hold_refusal() for order in waiting}
        found = (self - waiting)._find_reasons_once(running)
        refusals.update(
            (order.with_env(self.env), order._get_reasons_refusal(findings))
            for order, findings in found.items()
        )
        return refusals

    def _get_outright_refusals(self, found):
        """Return a dict from order to text, of those that cannot be handed over."""
        refusals = {}
        for order in self:
            findings = found.get(order, ())
            if order.sudo()._is_on_hold():
                refusals[order] = order._get_on_hold_refusal()
            elif any(finding.forbids for finding in findings):
                refusals[order] = order._get_reasons_refusal(findings)
        return refusals

    # === TEXTS === #

    def _get_on_hold_refusal(self):
        """Return why an order on hold cannot be confirmed, for who is acting."""
        hold = self.sudo().hold_ids[:1].with_env(self.env)
        if self.sudo().hold_status == "refused":
            refusal = self.env._("This order was refused.")
            reason = hold._get_refused_text()
        else:
            refusal = self.env._("This order is waiting for a decision.")
            # Who may not know of the hold is not told its reason either.
            reason = hold._get_waiting_text() if self._may_know_hold() else ""
        return self._get_credit_refusal_text(refusal, reason)

    def _get_reasons_refusal(self, findings):
        """Return the refusal to confirm an order for these findings, for who acts."""
        if any(finding.forbids for finding in findings):
            refusal = self.env._("This order cannot be confirmed.")
            who = self._get_lifting_hint(findings)
        else:
            refusal = self.env._(
                "A manager has to decide on this order: confirm it on its own form, to"
                " hand it over."
            )
            who = self.company_id._get_hold_decider_hint()
        return self._get_credit_refusal_text(
            refusal, self._get_reasons_text(findings, who)
        )

    def _get_lifting_hint(self, findings):
        """Return who can lift the blocks for which an order is refused outright."""
        block_ids = next((f.data["block_ids"] for f in findings if f.forbids), ())
        blocks = self.env["credit.block"].sudo().browse(block_ids)
        hints = blocks._sort_by_importance()[:1]._get_hints()
        return next(iter(hints.values()), self.company_id._get_credit_manager_hint())

    def _get_reasons_text(self, findings, who):
        """Return the findings, a sentence each, and who can help."""
        return "\n".join([*self._get_finding_texts(findings), who])

    def _get_credit_refusal_text(self, refusal, reasons):
        """Return a refusal for who is acting: the reasons are for employees only."""
        if acting.is_customer(self.env):
            return self._get_credit_customer_text()
        return f"{refusal}\n{reasons}"

    def _get_credit_customer_text(self):
        """Return all that a customer may know of a refusal."""
        return self.env._(
            "We cannot accept this order online at the moment. Please contact us."
        )

    def _get_unpayable_text(self):
        """Return why the customer cannot pay this order online, or False.

        For who acts: nothing of a hold that he may not know of.
        """
        self.ensure_one()
        is_open = self.state in ("draft", "sent") and self._may_know_hold()
        if not is_open or not self._is_credit_refused():
            return False
        text = self.env._("The customer cannot pay by this link at the moment.")
        why = self.hold_banner or self.credit_block_banner
        return f"{text}\n{why}" if why else text

    # === THE DIALOG OF THE WEB CLIENT === #

    def _explain_refusal(self, error, title, reasons, block_ids, order_ids=()):
        """Return a refusal with what the dialog of the web client shows of it.

        Other clients read its text, which says the same. Customers are told nothing.

        :param error: the `UserError` that is going to be raised
        :param str title: what is refused
        :param reasons: sentences for employees
        :param block_ids: the blocks that refuse it
        :param order_ids: what is entered already, and can be asked for
        """
        if acting.is_customer(self.env):
            return error
        companies = self.sudo().company_id.with_env(self.env)
        decider, lift = self._get_way_out(block_ids)
        error.context = {
            "credit_refusal": {
                "title": title,
                "reasons": list(reasons),
                "who": "\n".join(c._get_hold_decider_hint() for c in companies),
                "decider": decider,
                "lift": lift,
                "order_ids": list(order_ids),
            }
        }
        return error

    def _get_way_out(self, block_ids):
        """Return whom who acts can ask, by name, and what he can do himself instead.

        :return: a name, or False, and a window action, or False
        """
        deciders = self.env["res.users"].sudo()
        for company in self.sudo().company_id:
            deciders |= company._get_hold_deciders()
        blocks = self.env["credit.block"].sudo().browse(block_ids)
        if self.env.user in deciders and acting.manages_credit(
            self.sudo(False).env, blocks.company_id
        ):
            seen = blocks.sudo(False)._filtered_access("read")
            # Opened by the client, which asks for the views of what a button answers.
            views = {"views": [(False, "form")]}
            return False, bool(seen) and {**seen.action_open_lift(), **views}
        others = blocks._filter_who_may_change(deciders) - self.env.user
        return acting.is_seller(self.env) and others[:1].name, False

    def _explain_entry(self, error, verdict):
        """Return the refusal of a quotation, see `_explain_refusal`.

        :param verdict: the `CreditVerdict` that refuses it
        """
        # The last of the messages says who lifts the block.
        return self._explain_refusal(
            error,
            self._get_refusal_title(self.env._("No quotation for %s")),
            verdict.messages[:-1],
            verdict.block_ids,
        )

    def _explain_confirmation(self, error, found):
        """Return the refusal to confirm these quotations, see `_explain_refusal`.

        :param dict found: order to list of `HoldFinding`
        """
        refused = self.filtered(lambda order: not order.sudo()._is_on_hold())
        if not refused:
            return error
        findings = [finding for order in refused for finding in found[order]]
        blocks = (f.data["block_ids"] for f in findings if f.forbids)
        return refused._explain_refusal(
            error,
            refused._get_refusal_title(self.env._("No order for %s")),
            dict.fromkeys(self._get_finding_texts(findings)),
            next(blocks, ()),
            refused.ids,
        )

    def _get_refusal_title(self, text):
        """Return the title for the customers of these orders, as far as known."""
        partners = self.partner_id.sudo(False)._filtered_access("read")
        names = dict.fromkeys(p.commercial_partner_id.name or p.name for p in partners)
        return text % (", ".join(names) or self.env._("this customer"))
