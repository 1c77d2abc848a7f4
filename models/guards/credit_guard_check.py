from collections import defaultdict

from odoo import models
from odoo.exceptions import UserError

from .. import acting
from ..call_marks import ASKED_TOGETHER, AT_POINT_OF_SALE, MAIL_GATEWAY


class CreditGuard(models.Model):
    """What a guard does with a document: refuse it, leave a note, or let it go on."""

    _inherit = "credit.guard"  # pylint: disable=consider-merging-classes-inherited

    def _check(self, records):
        """Ask about documents, in the name of who acts. For automated actions.

        :param records: of the guard's model, in sudo
        :raises UserError: when the grid refuses one of them to a person
        """
        self.ensure_one()
        guard = self.sudo()
        verdicts = guard._get_verdicts_once(records)
        for record in records:
            company, verdict = verdicts.get(record.id, (None, None))
            if not verdict or verdict.policy == "allow":
                continue
            if verdict.policy == "warn" or guard.effect == "warn":
                guard._leave_note(record, company, verdict)
            elif guard._is_unattended():
                guard._leave_note(record, company, verdict, self._get_unattended_text())
            else:
                raise UserError(guard._get_refusal(record, company, verdict))

    # === ASKING === #

    def _asking_together(self, records):
        """Within this, the verdicts on all these records are read with the first."""
        asked = {"guard": self, "records": records, "verdicts": None}
        return ASKED_TOGETHER.set(self.env, asked)

    def _get_verdicts_once(self, records):
        """Return what `_get_verdicts` does, for all that are asked about together."""
        shared = ASKED_TOGETHER.get(self.env)
        if not shared or shared["guard"] != self or records - shared["records"]:
            return self._get_verdicts(records)
        if shared["verdicts"] is None:
            together = shared["records"].with_env(records.env)
            shared["verdicts"] = self._get_verdicts(together)
        return shared["verdicts"]

    def _get_verdicts(self, records):
        """Return a dict from record id to its company and `CreditVerdict`.

        Records without a customer, or of companies that are not guarded, are left out.
        """
        partners = defaultdict(self.env["res.partner"].browse)
        asked = {}
        for record in records.sudo():
            company, partner = (
                self._get_company(record),
                record.mapped(self.partner_path),
            )
            if partner and self._is_for(company):
                asked[record.id] = (company, partner)
                partners[company] |= partner
        verdicts = {
            company: found._get_credit_verdicts(self.operation, company)
            for company, found in partners.items()
        }
        return {
            record_id: (company, verdicts[company][partner.id])
            for record_id, (company, partner) in asked.items()
        }

    def _get_company(self, record):
        """Return the company that a document is asked about in, in sudo."""
        company = self.company_path and record.mapped(self.company_path)
        return company or self.fallback_company_id

    def _is_for(self, company):
        """Say whether the documents of a company are guarded."""
        return not self.company_id or self.company_id in company.sudo().parent_ids

    def _is_unattended(self):
        """Say whether nobody is there to read a refusal, or to act upon it.

        A mail would bounce, a job of the system would stop half-way, and what is taken
        away over the counter is gone. What the website enters, it enters as OdooBot.
        """
        return (
            acting.is_robot(self.env)
            or bool(MAIL_GATEWAY.get(self.env))
            or bool(AT_POINT_OF_SALE.get(self.env))
        )

    # === REFUSING === #

    def _get_refusal(self, record, company, verdict):
        """Return why a document is refused; customers read no reason."""
        if acting.is_customer(self.env):
            return self.env._(
                "We cannot do this online at the moment. Please contact us."
            )
        lines = [
            self._get_headline(),
            self.env._("Document: %s", record.display_name),
            *verdict.messages,
        ]
        if verdict.policy == "hold":
            # Nothing queues what a guard stops: the last sentence says who can help.
            lines[-1:] = [
                self.env._("A manager has to decide on this first."),
                company._get_hold_decider_hint(),
            ]
        return "\n".join(lines)

    def _get_headline(self):
        """Return what is refused, or should be, in one sentence."""
        return {
            "support": self.env._("This customer gets no support at the moment."),
            "quotation": self.env._(
                "Nothing is quoted to this customer at the moment."
            ),
            "confirmation": self.env._(
                "Nothing is confirmed for this customer at the moment."
            ),
            "web_order": self.env._(
                "Nothing is sold online to this customer at the moment."
            ),
            "delivery": self.env._(
                "Nothing is delivered to this customer at the moment."
            ),
            "invoice": self.env._("This customer is not invoiced at the moment."),
        }[self.operation]

    # === LETTING GO ON === #

    def _leave_note(self, record, company, verdict, explanation=""):
        """Leave a note and an activity on a document that goes on."""
        headline = (
            self.env._("This customer is blocked: mind before you go on.")
            if verdict.policy == "warn"
            else self._get_headline()
        )
        self.env["credit.document.note"]._leave(
            record, company, (headline, explanation, *verdict.messages)
        )

    def _get_unattended_text(self):
        """Return why a document went on that would have been refused to a person."""
        if MAIL_GATEWAY.get(self.env):
            return self.env._(
                "It came by mail, and mails are never refused: decide what to do."
            )
        return self.env._(
            "It was not refused because no employee did it: decide what to do."
        )
