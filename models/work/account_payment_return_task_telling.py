"""What who sold learns of what came back of his customers."""

from collections import defaultdict

from markupsafe import Markup

from odoo import SUPERUSER_ID, models
from odoo.tools import format_date

from .. import acting, labels

CAME_BACK = "account_credit_block.mail_activity_type_came_back"


class AccountPaymentReturnTask(models.Model):
    _inherit = "account.payment.return.task"  # pylint: disable=consider-merging-classes-inherited

    def _tell_salespeople(self):
        """Tell who sold what came back, by one activity a customer and return.

        Who was told of the return already reads the rest in the same activity. OdooBot
        tells it, and the activity is enough: no mail beside it.
        """
        tasks = self.sudo().filtered("company_id.credit_return_tell_salesperson")
        told = tasks._get_told()
        before = tasks._find_activities()
        kind = self.env.ref(CAME_BACK)
        vals_list = []
        for (user, customer, payment_return), pairs in told.items():
            note = tasks.with_context(lang=user.lang)._get_note(pairs)
            activity = before.get((user, customer, payment_return))
            if activity:
                activity.note += note
                continue
            vals_list.append(
                {
                    "activity_type_id": kind.id,
                    "summary": kind.with_context(lang=user.lang).summary,
                    "automated": True,
                    "note": note,
                    "date_deadline": payment_return.company_id._get_credit_today(),
                    "res_model_id": self.env["ir.model"]._get_id(customer._name),
                    "res_id": customer.id,
                    "user_id": user.id,
                    "told_return_id": payment_return.id,
                }
            )
        activities = self.env["mail.activity"].with_user(SUPERUSER_ID).sudo()
        activities.with_context(mail_activity_quick_update=True).create(vals_list)

    def _get_told(self):
        """Return what is told, by who sold, customer and return; in sudo.

        Who sold the invoice, or else who sells to the customer.

        :return: dict from these to pairs of a task and a piece of what came back
        """
        told = defaultdict(list)
        for task in self:
            for piece in task.return_line_id.undone_ids:
                invoice, debtor = piece.debit_move_id.move_id, piece.partner_id
                customer = debtor.commercial_partner_id
                user = invoice.invoice_user_id or debtor.user_id or customer.user_id
                if self._may_be_told(user, task.company_id):
                    told[user, customer, task.return_id].append((task, piece))
        return told

    def _may_be_told(self, user, company):
        is_there = acting.is_employee(user) and user.active
        return is_there and company in user.company_ids

    def _find_activities(self):
        """Return by what the same people were told of the same returns before.

        :return: dict from who, customer and return to the activity that is still open
        """
        activities = self.env["mail.activity"].search(
            [("told_return_id", "in", self.return_id.ids)]
        )
        customers = self.env["res.partner"]
        return {
            (each.user_id, customers.browse(each.res_id), each.told_return_id): each
            for each in activities
        }

    def _get_note(self, pairs):
        """Return what came back and what happens now, a line each.

        :param pairs: of a task and a piece of what came back
        """
        body = self.env["credit.document.note"]._get_body(
            self._get_piece_text(task.with_env(self.env), piece.with_env(self.env))
            for task, piece in pairs
        )
        # A paragraph, so that more can follow.
        return Markup("<p>%s</p>") % body

    def _get_piece_text(self, task, piece):
        line, invoice = task.return_line_id, piece.debit_move_id.move_id
        return self.env._(
            "%(document)s: %(amount)s came back on %(date)s. %(reason)s."
            " Next: %(step)s",
            document=invoice.name or line.payment_id.display_name or line.reference,
            amount=piece._format_returned(),
            date=format_date(self.env, line.return_date),
            reason=line._get_reason_label() or self.env._("No reason told"),
            step=labels.get_label(task, "step"),
        )
