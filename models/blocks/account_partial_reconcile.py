from odoo import models


class AccountPartialReconcile(models.Model):
    _inherit = "account.partial.reconcile"  # pylint: disable=consider-merging-classes-inherited

    def unlink(self):
        """Override of `account`: who has not paid is blocked again at once."""
        evaluation = self.env["credit.block.evaluation"]
        concerned = evaluation._get_concerned(self.debit_move_id | self.credit_move_id)
        result = super().unlink()
        for company, partners in concerned.items():
            evaluation._evaluate(partners, company)
        return result
