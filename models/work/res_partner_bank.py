from odoo import api, models
from odoo.fields import Domain


class ResPartnerBank(models.Model):
    """What goes on when the bank data of a customer are fixed."""

    _inherit = "res.partner.bank"  # pylint: disable=consider-merging-classes-inherited

    @api.model_create_multi
    def create(self, vals_list):
        """Override of `account`: with a new account, what came back goes on."""
        accounts = super().create(vals_list)
        accounts._go_on()
        return accounts

    def write(self, vals):
        """Override of `account`: with a new number, what came back goes on."""
        unfit = self.filtered("is_unfit")
        res = super().write(vals)
        unfit._go_on()
        return res

    def action_mark_fit(self):
        """Override of `collections`: with an account that is fit, it goes on too.

        :return: True
        :raises AccessError: to who is no credit user, or may not see the accounts
        """
        unfit = self.filtered("is_unfit")
        res = super().action_mark_fit()
        unfit._go_on()
        return res

    def _go_on(self):
        """Let what waits for bank data go on, for customers who have fit ones now."""
        fit = self.filtered(lambda account: not account.is_unfit)
        if not fit:
            return
        owners = fit.partner_id.commercial_partner_id
        tasks = self.env["account.payment.return.task"].sudo()
        waiting = tasks.search(
            Domain("step", "=", "fix")
            & Domain("commercial_partner_id", "in", owners.ids)
        )
        # Few are of a customer: asked of these only, it is looked up sooner.
        for task in waiting.filtered(lambda task: task.state == "todo"):
            is_barred = task.reason_id.represent == "no"
            task.step = "contact" if is_barred else "present"
