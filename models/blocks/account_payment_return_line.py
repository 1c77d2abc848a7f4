from odoo import fields, models

from .. import said


class AccountPaymentReturnLine(models.Model):
    """Whom a return blocks, and with which words."""

    _inherit = "account.payment.return.line"  # pylint: disable=consider-merging-classes-inherited

    block_ids = fields.One2many(
        "credit.block", "return_line_id", string="Blocks", readonly=True
    )

    def _evaluate_customers(self):
        """Apply the credit block rules to who owes again, and to who had paid."""
        evaluation = self.env["credit.block.evaluation"]
        for company, partners in self._get_concerned().items():
            evaluation._evaluate(partners, company)

    def _get_concerned(self):
        """Return a dict from company to who owes again there, and who had paid."""
        return {
            company: lines.partner_id | lines.undone_ids.sudo().partner_id
            for company, lines in self.grouped("company_id").items()
        }

    def _get_block_reason(self):
        """Why the customer is blocked, as a sentence of `said`."""
        self.ensure_one()
        return said.say(
            "block.return",
            date=said.day(self.return_date),
            name=self.return_id.name,
            reason=said.name(self.reason_id),
        )
