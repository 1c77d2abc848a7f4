from odoo import models


class AccountPartialReconcile(models.Model):
    _inherit = "account.partial.reconcile"

    def unlink(self):
        """Override of `account`: who has not paid is blocked again at once."""
        rules = self.env["credit.block.rule"]
        concerned = rules._get_concerned(self.debit_move_id | self.credit_move_id)
        result = super().unlink()
        for company, partners in concerned.items():
            rules._evaluate(partners, company)
        return result
