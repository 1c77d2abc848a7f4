from markupsafe import Markup, escape

from odoo import api, models

from .. import acting, planned


class CreditDocumentNote(models.AbstractModel):
    """A note and an activity on a document of a blocked customer that went on."""

    _name = "credit.document.note"
    _description = "Note of a Credit Block on a Document"

    @api.model
    def _leave(self, record, company, lines):
        """Leave a note and an activity on a document, once.

        A document without a chatter shows nothing.

        :param record: any document
        :param company: whose credit managers look at it when nobody else can
        :param lines: sentences for employees; empty ones are left out
        """
        thread = record.sudo()
        if not hasattr(thread, "message_post") or self._has_note(thread):
            return
        note = self._get_body(lines)
        thread.message_post(
            body=note,
            author_id=self.env.ref("base.partner_root").id,
            subtype_id=self._get_subtype().id,
        )
        user = self._get_responsible(thread, company)
        if user and hasattr(thread, "activity_schedule"):
            planned.schedule(
                thread,
                "account_credit_block.mail_activity_type_guard",
                user_id=user.id,
                note=note,
            )

    @api.model
    def _get_body(self, lines):
        """Return sentences as the body of a note, one a line."""
        return Markup("<br/>").join(
            escape(line) for text in lines if text for line in text.split("\n")
        )

    def _get_subtype(self):
        """Return what marks these notes: internal, and nobody follows it."""
        return self.env.ref("account_credit_block.mail_message_subtype_guard").sudo()

    def _has_note(self, thread):
        """Say whether a document has its note already."""
        domain = [
            ("model", "=", thread._name),
            ("res_id", "=", thread.id),
            ("subtype_id", "=", self._get_subtype().id),
        ]
        return bool(self.env["mail.message"].sudo().search_count(domain, limit=1))

    def _get_responsible(self, thread, company):
        """Return who is to look at a document: who may see it, in this order.

        Whoever it is assigned to, who acts, or else the first credit manager.
        """
        users = self.env["res.users"].sudo()
        for name in ("invoice_user_id", "user_id", "user_ids"):
            field = thread._fields.get(name)
            if field and field.comodel_name == "res.users":
                users |= thread[name]
        users |= self.env.user.sudo()
        users |= company._get_credit_managers(limit=1)
        return next(
            (user for user in users if self._may_look_at(user, thread)), users.browse()
        )

    def _may_look_at(self, user, thread):
        """Say whether a user is an employee who may read a document."""
        if not acting.is_employee(user) or not user.active:
            return False
        seen = thread.sudo(False).with_user(user)
        seen = seen.with_context(allowed_company_ids=user.company_ids.ids)
        return seen.has_access("read")
