from odoo import SUPERUSER_ID, api, models
from odoo.fields import Domain

from ... import acting


class SaleOrderHold(models.Model):
    """How an order is hidden, and what comes back after the decision."""

    _inherit = "sale.order.hold"  # pylint: disable=consider-merging-classes-inherited

    @api.depends("order_id.display_name")
    @api.depends_context("uid")
    def _compute_display_name(self):
        """Override of `base`: the name is that of the order, as the reader knows it."""
        return super()._compute_display_name()

    @api.model
    def _get_hidden_domain(self):
        """Return the holds that the user may not know of, nor what is said of them."""
        if not self.has_access("read"):
            return Domain.TRUE
        if acting.sees_hidden(self.env):
            return Domain.FALSE
        return Domain("handover", "=", "hidden") & Domain("state", "=", "held")

    def _start_hiding(self):
        """Keep the orders from reaching anybody by chatter, activities or links.

        For sudo.
        """
        for hold in self:
            order = hold.order_id
            followers = order.message_partner_ids.filtered(
                lambda partner: any(not user.share for user in partner.user_ids)
            )
            activities = order.activity_ids
            hold.hidden_from = {
                "followers": followers.ids,
                "activities": {a.id: a.user_id.id for a in activities},
                "public_files": order._close_public_files().ids,
            }
            order.message_unsubscribe(followers.ids)
            # Who hides does not ask: he would be the author of what the manager reads.
            activities.with_user(SUPERUSER_ID).write(
                {"user_id": hold.responsible_id.id}
            )
        self.order_id._renew_links()
        # Who confirmed himself is told that his order is reviewed, with the new link.
        told = self.filtered("is_from_customer").order_id
        (self.order_id - told)._filter_mailed()._send_new_link()

    def _end_hiding(self):
        """Give followers, activities and files back to those they were taken from."""
        for hold in self.sudo().filtered("hidden_from"):
            kept = hold.hidden_from
            hold.order_id.message_subscribe(kept["followers"])
            activities = hold.order_id.activity_ids
            for activity_id, user_id in kept["activities"].items():
                activity = activities.filtered(lambda a, i=int(activity_id): a.id == i)
                activity.write({"user_id": user_id})
            files = self.env["ir.attachment"].sudo().browse(kept.get("public_files"))
            files.exists().write({"public": True})
            hold.hidden_from = False
