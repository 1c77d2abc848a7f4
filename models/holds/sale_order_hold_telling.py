"""What people learn of a hold: who decides, who sold, who asked, and the chatter."""

from odoo import SUPERUSER_ID, models

from .. import planned

ANSWER = "account_credit_block.mail_activity_type_credit_answer"


class SaleOrderHold(models.Model):
    _inherit = "sale.order.hold"  # pylint: disable=consider-merging-classes-inherited

    # === IT WAITS === #

    def _start_waiting(self):
        """Tell in the chatter of the orders, or hide the orders; as set.

        Who asked knows that he did.
        """
        visible = self.filtered(
            lambda hold: hold.handover == "visible" or hold.request_text
        )
        visible._log_on_orders(lambda hold: hold._get_waiting_text())
        self.filtered(lambda hold: hold.handover == "hidden")._start_hiding()

    def _notify_responsible(self):
        """Ask who decides, by an activity and a mail; called by an automated action.

        OdooBot asks: an author, or who made a record, reads the amounts that are in it.
        Odoo's own mail about an activity is left out where ours is sent.
        """
        template = self.env.ref(
            "account_credit_block.mail_template_order_held", raise_if_not_found=False
        )
        asked = self.with_user(SUPERUSER_ID).filtered("responsible_id")
        asked = asked.with_context(mail_activity_quick_update=bool(template))
        for hold in asked:
            told = hold.with_context(lang=hold.responsible_id.lang)
            note = (told._get_request_text(), told.reason_text)
            planned.schedule(
                hold,
                "account_credit_block.mail_activity_type_order_hold",
                user_id=hold.responsible_id.id,
                note=self.env["credit.document.note"]._get_body(note),
            )
        if template:
            template.with_user(SUPERUSER_ID).send_mail_batch(asked.ids)

    # === IT IS DECIDED === #

    def _tell_salespeople(self):
        """Tell who sold and who handed over what was decided, but not who decided."""
        for hold in self.sudo():
            users = hold.salesperson_id | hold.handed_over_by_id
            users = users.filtered(lambda u: not u.share) - self.env.user
            if users:
                hold.order_id.message_notify(
                    partner_ids=users.partner_id.ids,
                    subject=hold.order_id.name,
                    body=hold.with_context(lang=users[0].lang)._get_outcome_text(),
                )
        self.sudo()._answer()

    def _get_outcome_text(self):
        """Return the decision, for who is told of it."""
        if self.state == "released":
            return self._get_released_text()
        return self._get_refused_text()

    def _answer(self):
        """Give what was asked for back to who asked, by an activity; for sudo."""
        notes = self.env["credit.document.note"]
        for hold in self.filtered("request_text"):
            user, order = hold.handed_over_by_id, hold.order_id
            if user == self.env.user or not notes._may_look_at(user, order):
                continue
            told = hold.with_context(lang=user.lang)
            # The mail that tells of the decision is enough.
            planned.schedule(
                order.with_user(SUPERUSER_ID).with_context(
                    mail_activity_quick_update=True
                ),
                ANSWER,
                user_id=user.id,
                summary=told._get_answer_text(),
                note=notes._get_body([told._get_outcome_text()]),
            )

    def _get_answer_text(self):
        """Return the decision in a few words, for who asked."""
        self.ensure_one()
        if self.state != "released":
            return self.env._("What you asked for is refused")
        if self.is_for_quotation:
            return self.env._("Go on with the quotation: it is released")
        return self.env._("What you asked for is released")

    def _close_activities(self):
        """Take the question from who was asked."""
        self.sudo().activity_ids.action_feedback()

    # === BOTH === #

    def _log_on_orders(self, describe):
        """Write one note in the chatter of each order, all in one batch."""
        holds = {hold.order_id.id: hold for hold in self.sudo()}
        orders = self.env["sale.order"].sudo().browse(holds)
        orders._message_log_batch({id_: describe(holds[id_]) for id_ in holds})
