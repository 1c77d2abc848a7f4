from odoo import api, fields, models

from .. import acting, planned
from ..call_marks import REHEARSING

# A return with more customers than this is written to in the background.
WRITE_AT_ONCE = 20


class AccountPaymentReturn(models.Model):
    """What the customers of a return are told, and who hears what became of that."""

    _inherit = "account.payment.return"  # pylint: disable=consider-merging-classes-inherited

    notice_ids = fields.One2many(
        "account.payment.return.notice",
        "return_id",
        string="Mails to Customers",
        readonly=True,
    )
    mail_count = fields.Integer(compute="_compute_mail_count", string="Mails")

    @api.depends("notice_ids.state")
    def _compute_mail_count(self):
        """Number of customers who are written to, for the smart button."""
        for payment_return in self:
            written = payment_return.notice_ids.filtered(
                lambda notice: notice.state in ("pending", "mailed")
            )
            payment_return.mail_count = len(written)

    def _send_return_mails(self):
        """Write to the customers of confirmed returns, once.

        Entry point of the automated action, which an administrator may switch off.
        The mails of a big return are written in the background. What was booked long
        ago by another addon is no news to anybody.
        """
        news = self.filtered(lambda r: not r.booked_elsewhere)
        notices = self.env["account.payment.return.notice"]._create_for(news)
        if REHEARSING.get(self.env):
            return
        if len(notices) > WRITE_AT_ONCE:
            self.env.ref(
                "account_credit_block.ir_cron_send_return_mails"
            ).sudo()._trigger()
        else:
            notices._send()

    def _log_notices(self, notices):
        """Say in the chatter who got no mail and why; a failure asks for a person.

        :param notices: what was just written, or not, about this return
        """
        self.ensure_one()
        sentences = {
            "settled": self.env._(
                "No mail, as these customers owe nothing on balance:"
            ),
            "opted_out": self.env._("No mail, as these customers want none:"),
            "no_address": self.env._("No mail, as there is no e-mail address:"),
            "failed": self.env._("The mail could not be written to:"),
        }
        for state, group in notices.grouped("state").items():
            if state in sentences:
                names = ", ".join(group.partner_id.mapped("display_name"))
                why = ". ".join(dict.fromkeys(n for n in group.mapped("note") if n))
                self._message_log(body=f"{sentences[state]} {names}. {why}".strip())
        if notices.filtered(lambda notice: notice.state == "failed"):
            self._ask_to_write()

    def _ask_to_write(self, note=""):
        """Ask a person to see to the mails of this return."""
        user = self.env.user if not acting.is_robot(self.env) else self.create_uid
        planned.schedule(
            self,
            "mail.mail_activity_data_warning",
            summary=self.env._("Write to the customers"),
            note=note,
            user_id=user.id,
        )

    def _tell_undelivered(self, notices):
        """Say once that no mail server has taken mails, which are tried again.

        :param notices: of this return
        """
        self.ensure_one()
        if self.activity_ids.filtered("automated"):
            return
        note = self.env._(
            "The mail server cannot be reached: mails to %(count)s customers have not"
            " left. Odoo tries again every hour for three days. If it goes on, ask your"
            " administrator to look at the outgoing mail server.",
            count=len(notices),
        )
        self._message_log(body=note)
        self._ask_to_write(note)

    def action_open_notices(self):
        """Open the mails to the customers of these returns.

        :return: a window action
        :raises AccessError: to who may not see these returns
        """
        self.check_access("read")
        return self.notice_ids._get_records_action(
            name=self.env._("Mails to Customers"), views=[(False, "list")]
        )
