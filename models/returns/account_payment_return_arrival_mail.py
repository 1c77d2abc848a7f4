from odoo import SUPERUSER_ID, api, models

from ...parsers.cbi_records import tells_outcomes
from .. import said
from . import bank_mail
from .mail_thread import ARRIVAL


class AccountPaymentReturnArrival(models.Model):
    """Files that come by mail, to the address of a company."""

    _inherit = ARRIVAL  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _get_mail_route(self, message, route):
        """Return where a mail goes: what has files is new, whatever it replies to.

        The company is the one whose address it is, which nobody else can say.

        :param message: ``email.message.EmailMessage``
        :param route: of Odoo's gateway: model, id, values, user id, alias
        """
        mail = bank_mail.read(message)
        thread = self.browse(route[1] or ()).exists()
        company = self._get_company_of_alias(route[4])
        if thread and not mail.files:
            return (*route[:3], SUPERUSER_ID, route[4])
        company = company or thread.company_id or self.env.company
        values = {"company_id": company.id, "mail": mail}
        return ARRIVAL, 0, values, SUPERUSER_ID, route[4]

    @api.model
    def _get_company_of_alias(self, alias):
        """Return the company whose address an alias is, perhaps none."""
        domain = [("credit_arrival_alias_id", "in", alias.ids if alias else [])]
        return self.env["res.company"].sudo().search(domain, limit=1)

    @api.model
    def message_new(self, msg_dict, custom_values=None):
        """Override of `mail`: keep the files of a mail, to be imported at once.

        Nothing is read here: what fails now is lost with the mail.

        :param custom_values: what `_get_mail_route` has found
        :return: the first of the arrivals, where Odoo puts the mail; the others get its
            text
        """
        mail = (custom_values or {}).get("mail")
        if not isinstance(mail, bank_mail.BankMail):
            # No mail of the gateway: what a client says.
            return super().message_new(msg_dict, custom_values)
        company = self.env["res.company"].browse(custom_values["company_id"])
        arrivals = self.with_company(company)._keep_mail(mail, company)
        for other in arrivals[1:]:
            other._message_log(
                body=msg_dict.get("body"),
                subject=msg_dict.get("subject"),
                email_from=msg_dict.get("email_from"),
                author_id=msg_dict.get("author_id") or False,
                message_type="email",
            )
        return arrivals[0]

    @api.model
    def _keep_mail(self, mail, company):
        """Keep what came in one mail, at least the mail.

        :param mail: ``BankMail``
        :return: ``account.payment.return.arrival``
        """
        values = {
            "company_id": company.id,
            "source": "mail",
            "sender": mail.sender,
            "subject": mail.subject,
        }
        if not mail.files:
            name = mail.subject or self.env._("Mail without a subject")
            arrival = self.create({**values, "name": name})
            arrival._set_waiting(self._get_no_file_reason(mail))
            return arrival
        # A statement in which the total of outcomes is finds them then.
        files = sorted(mail.files, key=lambda file: not tells_outcomes(file[1]))
        if company._is_arrival_sender(mail.sender):
            arrivals = self.union(*self._keep(files, values))
            arrivals._set_arrived()
        else:
            refused = {"state": "waiting", "reason_said": self._get_sender_reason(mail)}
            arrivals = self.union(*self._keep(files, {**values, **refused}))
            arrivals.filtered(lambda each: each.state == "waiting")._ask_somebody()
        return arrivals

    def _set_arrived(self):
        """Have these imported as soon as this transaction has ended."""
        self.write({"state": "arrived", "attempts": 0})
        self.env.ref("account_credit_block.ir_cron_import_arrivals")._trigger()

    def _get_no_file_reason(self, mail):
        if not mail.beside:
            return said.say("arrival.no_file")
        return said.say("arrival.only_beside", names=list(mail.beside))

    def _get_sender_reason(self, mail):
        if not mail.sender:
            return said.say("arrival.no_sender")
        return said.say("arrival.sender", sender=mail.sender)
