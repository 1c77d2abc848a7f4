from odoo import SUPERUSER_ID, models

ANSWER = "account_credit_block.mail_activity_type_credit_answer"


class SaleOrderHold(models.Model):
    """A hold that somebody asked for, and the answer he gets."""

    _inherit = "sale.order.hold"  # pylint: disable=consider-merging-classes-inherited

    def _get_request_text(self):
        """Return who asks for what, empty if nobody does; for sudo."""
        self.ensure_one()
        return self.request_text and self.env._(
            "%(user)s asks: %(text)s",
            user=self.handed_over_by_id.name,
            text=self.request_text,
        )

    def _answer(self):
        """Give what was asked for back to who asked, by an activity; for sudo."""
        notes = self.env["credit.document.note"]
        for hold in self.filtered("request_text"):
            user, order = hold.handed_over_by_id, hold.order_id
            if user == self.env.user or not notes._may_look_at(user, order):
                continue
            told = hold.with_context(lang=user.lang)
            # The mail that tells of the decision is enough.
            order.with_user(SUPERUSER_ID).with_context(
                mail_activity_quick_update=True
            ).activity_schedule(
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
