import uuid

from odoo import api, models
from odoo.fields import Domain

from ... import acting


class SaleOrder(models.Model):
    """What nobody but the managers and the customer learns of a hidden order."""

    _inherit = "sale.order"  # pylint: disable=consider-merging-classes-inherited

    # === WHAT IS HIDDEN === #

    @api.model
    def _get_hidden_domain(self):
        """Return the orders that the user may not know of, nor what is said of them."""
        if acting.sees_hidden(self.env):
            return Domain.FALSE
        # All hidden orders are held, of which there is an index.
        return Domain("hold_status", "=", "held") & Domain("hold_hidden", "=", True)

    def _filter_hidden(self):
        """Return those of these orders that are hidden from the user."""
        if acting.sees_hidden(self.env):
            return self.browse()
        return self.filtered(lambda order: order.sudo().hold_hidden)

    @api.depends("hold_hidden")
    @api.depends_context("uid")
    def _compute_display_name(self):
        """Override of `sale`: links on other records and refusals name no hidden order.

        Odoo reads the names that it shows there with all rights.
        """
        hidden = self._filter_hidden()
        hidden.display_name = self.env._("Not accessible")
        return super(SaleOrder, self - hidden)._compute_display_name()

    # === LINKS === #

    def _portal_ensure_token(self):
        """Override of `portal`: who may not see an order gets no link that opens it.

        Raise AccessError to who asks for one; what Odoo makes has a link that does not.
        """
        if self._filter_hidden():
            self.check_access("read")
            return ""
        return super()._portal_ensure_token()

    def _renew_links(self):
        """Make the links useless that anybody kept to these orders and their files.

        For sudo. Payments under way lead back to the order by the new link.
        """
        for order in self.filtered("access_token"):
            old, order.access_token = order.access_token, str(uuid.uuid4())
            order.transaction_ids._follow_link(old, order.access_token)
        for file in self._get_files().filtered("access_token"):
            file.access_token = file._generate_access_token()

    def _close_public_files(self):
        """Let files that were open to anybody be as closed as their order; for sudo.

        :return: these `ir.attachment` records
        """
        public = self._get_files().filtered("public")
        public.write({"public": False})
        return public

    def _get_files(self):
        return (
            self.env["ir.attachment"]
            .sudo()
            .search([("res_model", "=", self._name), ("res_id", "in", self.ids)])
        )

    def _filter_mailed(self):
        """Return those of these orders whose customers got a link by mail; for sudo."""
        return self.filtered(
            lambda order: (
                order.access_token
                and order.message_ids.notified_partner_ids.filtered("partner_share")
            )
        )

    def _send_new_link(self):
        """Send the customers the link that replaces theirs; for sudo."""
        template = self.env.ref(
            "account_credit_block.mail_template_order_link", raise_if_not_found=False
        )
        for order in self:
            order._send_order_notification_mail(template)
