from odoo import models

from .. import acting


class SaleOrder(models.Model):
    """What a salesperson is told of a refusal, and whom he can ask."""

    _inherit = "sale.order"  # pylint: disable=consider-merging-classes-inherited

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
