from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Date

from .. import acting

# Banks want receipts so long before they are due.
NOTICE_DAYS = 15
TYPES = {
    "contact": "account_credit_block.mail_activity_type_return_contact",
    "plan": "account_credit_block.mail_activity_type_return_plan",
    "legal": "account_credit_block.mail_activity_type_return_legal",
}


class AccountPaymentReturnTask(models.Model):
    """Where each step is done: one click from what came back."""

    _inherit = "account.payment.return.task"  # pylint: disable=consider-merging-classes-inherited

    def action_do_step(self):
        """Open where the step of these is done.

        :return: a window action
        :raises AccessError: to who does not work returns
        :raises UserError: when there is nothing to do, for different steps at once, or
            as what is opened
        """
        self.check_access("write")
        todo = self.filtered(lambda task: task.state == "todo")
        if not todo:
            raise UserError(self.env._("Nothing of it is to be done any more."))
        steps = set(todo.mapped("step"))
        if len(steps) > 1:
            raise UserError(
                self.env._(
                    "Several steps are chosen. Choose those of one step, or change the"
                    " step of some first."
                )
            )
        return getattr(todo, f"_do_{steps.pop()}")()

    def _do_present(self):
        """Open a draft for the bank with what is open again, on a new due date."""
        self._check_may_be_presented()
        day = Date.add(self.env.company._get_credit_today(), days=NOTICE_DAYS)
        items = self.return_line_id.invoice_line_ids
        return self.env["account.payment.presentation"]._open(items, due_date=day)

    def _check_may_be_presented(self):
        """Raise UserError for what the reason says is not to be presented again."""
        for task in self:
            if task.reason_id.represent == "no":
                raise UserError(
                    self.env._(
                        "%(task)s is not to be presented again, its reason says:"
                        " %(reason)s. Choose another step.",
                        task=task.display_name,
                        reason=task.reason_id.display_name,
                    )
                )

    def _do_fix(self):
        """Open the accounts of these customers, in which the unfit ones are marked."""
        customers = self.commercial_partner_id
        family = [("partner_id.commercial_partner_id", "in", customers.ids)]
        account = self.env["res.partner.bank"].search(family, limit=2)
        if len(account) == 1:
            return account._get_records_action(name=self.env._("Fix bank data"))
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account_credit_block.res_partner_bank_action_fix"
        )
        context = {"default_partner_id": customers.id} if len(customers) == 1 else {}
        return {**action, "domain": family, "context": context}

    def _do_contact(self):
        return self._open_planning("contact", self.env._("Contact the Customer"))

    def _do_plan(self):
        return self._open_planning("plan", self.env._("Agree on a Payment Plan"))

    def _do_legal(self):
        """Open the dialog that blocks, with the next level; others ask a manager."""
        if not acting.is_credit_manager(self.env):
            return self._open_planning("legal", self.env._("Decide on Legal Steps"))
        if len(self.company_id) > 1:
            raise UserError(self.env._("Block the customers of one company at once."))
        level = self._get_next_level()
        partners = self.commercial_partner_id.with_context(
            default_company_id=self.company_id.id,
            default_level_id=level.id,
            default_reason=self._get_legal_reason(),
        )
        return partners.action_open_credit_block()

    def _get_next_level(self):
        """Return the level after the most important one of these customers."""
        company = self.company_id
        levels = self.env["credit.block.level"]
        levels = levels.search(levels._check_company_domain(company))
        partners = self.commercial_partner_id.with_company(company)
        now = partners.credit_block_level_id.sorted()[-1:]
        return levels.filtered(lambda level: not now or level.sequence > now.sequence)[
            :1
        ]

    def _get_legal_reason(self):
        """Return what came back, for the reason of a block."""
        return "\n".join(
            f"{task.return_id.name}: {task.sudo().return_line_id._get_reason_label()}"
            for task in self
        )

    def _open_planning(self, step, name):
        """Open core's dialog that plans an activity on these.

        :param step: whose type of activity
        """
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": "mail.activity.schedule",
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "active_model": self._name,
                "active_id": self.ids[0],
                "active_ids": self.ids,
                "default_activity_type_id": self.env.ref(TYPES[step]).id,
            },
        }
