from collections import Counter

from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Command

from .. import notification
from ..call_marks import PRESENTING
from ..ir_default import without_habits


class AccountPaymentPresentation(models.Model):
    """How instalments become receipts: payments, their numbers and the bank's file."""

    _inherit = "account.payment.presentation"  # pylint: disable=consider-merging-classes-inherited

    def action_present(self):
        """Make the receipts of these drafts, and the file for the bank.

        :return: a notification of what was made
        :raises AccessError: to who does not keep the books
        :raises UserError: when something is missing; nothing is made then
        """
        self.check_access("write")
        self._check_accounting()
        self._lock_rows()
        self._check_can_present()
        self.line_ids.move_line_id._lock_instalments()
        self.env.invalidate_all()
        self._check_complete()
        with PRESENTING.set(self.env):
            for presentation in self:
                presentation._present()
        return self._notify_presented()

    def _check_can_present(self):
        """Raise UserError for what is no draft, or empty."""
        if not self:
            raise UserError(self.env._("Choose a presentation first."))
        if any(each.state != "draft" for each in self):
            raise UserError(self.env._("Only a draft is presented to the bank."))
        if any(not each.line_ids for each in self):
            raise UserError(self.env._("Choose the instalments to be presented."))
        chosen = Counter(line.move_line_id for line in self.line_ids)
        twice = [item.display_name for item, count in chosen.items() if count > 1]
        if twice:
            raise UserError(
                self.env._(
                    "An instalment is presented once. Chosen twice: %s.",
                    ", ".join(twice),
                )
            )

    def _check_complete(self):
        """Raise UserError that names all that is missing, by receipt."""
        problems = [text for each in self for text in each._get_bank_problems()]
        for line, texts in self.line_ids._get_problems().items():
            item = line.move_line_id.sudo()
            head = f"{item.move_name or item.display_name}, {line.partner_id.name}"
            problems += [f"{head}: {text}" for text in texts]
        if problems:
            raise UserError(
                self.env._(
                    "Nothing was presented. Please mend this first:\n%s",
                    "\n".join(f"- {problem}" for problem in problems),
                )
            )

    def _present(self):
        self.ensure_one()
        groups = self._group_receipts()
        numbers = self.company_id._draw_receipt_numbers(len(groups))
        payments = self._create_receipts(groups, numbers)
        self._keep_instalments(groups, payments)
        payments.action_post()
        self._reconcile_receipts(groups, payments)
        # The buttons are the only way to fill these in.
        self.sudo().write({"state": "presented", **self._make_file(groups, payments)})

    def _group_receipts(self):
        """Return the instalments of each receipt, in the order of the lines."""
        if self.grouping == "instalment":
            return list(self.line_ids)
        return list(self.line_ids.grouped(lambda ln: ln._get_receipt_key()).values())

    def _create_receipts(self, groups, numbers):
        """Create the payments; without an outstanding account they get no entry."""
        with without_habits(self.env["account.payment"]) as (payments,):
            payments = payments.create(
                [
                    self._prepare_receipt(lines, number)
                    for lines, number in zip(groups, numbers, strict=True)
                ]
            ).with_env(self.env)
        if not self.payment_method_line_id.payment_account_id:
            # Community gives every payment one.
            payments.outstanding_account_id = False
        return payments

    def _prepare_receipt(self, lines, number):
        """Values of the payment that is a receipt, for other addons to extend.

        :param lines: the instalments in it
        """
        items = lines.move_line_id
        return {
            "payment_type": "inbound",
            "partner_type": "customer",
            "partner_id": items.partner_id[:1].id,
            "company_id": items.company_id.id,
            "journal_id": self.journal_id.id,
            "payment_method_line_id": self.payment_method_line_id.id,
            "destination_account_id": items.account_id.id,
            "currency_id": items.currency_id.id,
            "amount": items.currency_id.round(sum(lines.mapped("amount"))),
            "date": self.date,
            "memo": ", ".join(items.move_id.mapped("name")),
            "end_to_end_id": number,
            "collection_due_date": lines[0].due_date,
            "collection_message_id": self.name,
            "invoice_ids": [Command.set(items.move_id.ids)],
        }

    def _keep_instalments(self, groups, payments):
        """Remember what was presented with which receipt."""
        for lines, payment in zip(groups, payments, strict=True):
            for line in lines.sudo():
                line.presented_amount = line.amount
                line.payment_id = payment

    def _reconcile_receipts(self, groups, payments):
        """Let receipts with an entry pay just their instalments."""
        plan = [
            payment._get_receivable_item() | lines.move_line_id
            for lines, payment in zip(groups, payments, strict=True)
            if payment.move_id
        ]
        self.env["account.move.line"]._reconcile_in_rounds(plan)

    def _notify_presented(self):
        return notification.tell(
            self.env._(
                "%(number)s receipts are made. Send the file to the bank.",
                number=sum(self.mapped("receipt_count")),
            )
            if any(self.mapped("file_name"))
            else self.env._(
                "%(number)s receipts are made.",
                number=sum(self.mapped("receipt_count")),
            ),
            kind="success",
            then={"type": "ir.actions.client", "tag": "soft_reload"},
        )
