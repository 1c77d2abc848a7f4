from odoo import fields, models
from odoo.exceptions import UserError

# The items of the Italian chart: "Interessi attivi v/clienti", "Proventi vari", and the
# tax "0% Art.15" (nature N1).
ITALIAN = {
    "credit_late_interest_account_id": "5110",
    "credit_late_flat_account_id": "3202",
    "credit_late_tax_id": "00art15v",
}
INCOME = "[('account_type', 'in', ('income', 'income_other'))]"


class ResCompany(models.Model):
    """What a company asks of customers who pay late."""

    _inherit = "res.company"  # pylint: disable=consider-merging-classes-inherited

    credit_late_charges = fields.Boolean(
        string="Propose Late-Payment Charges",
        help="Confirming a payment return drafts an invoice of the interest and the 40"
        " euro that the law gives (D.Lgs. 231/2002). Consumers are never charged.",
    )
    credit_late_margin = fields.Float(
        string="Points over the Reference Rate",
        default=8.0,
        digits=(5, 2),
        help="Eight by law; fewer or more where the contracts say so.",
    )
    credit_late_minimum = fields.Monetary(
        string="Smallest Interest",
        currency_field="currency_id",
        help="Less interest on an invoice is not proposed yet.",
    )
    credit_late_interest_account_id = fields.Many2one(
        "account.account",
        string="Late Interest Account",
        domain=INCOME,
        check_company=True,
        help="Income account of the interest for late payment.",
    )
    credit_late_flat_account_id = fields.Many2one(
        "account.account",
        string="Flat Sum Account",
        domain=INCOME,
        check_company=True,
        help="Income account of the 40 euro; empty for that of the interest.",
    )
    credit_late_tax_id = fields.Many2one(
        "account.tax",
        string="Late Charges Tax",
        domain="[('type_tax_use', '=', 'sale'), ('amount', '=', 0)]",
        check_company=True,
        help="Outside the taxable base by art. 15 of DPR 633/72.",
    )

    def _find_credit_late(self, name):
        """Return an account or the tax of late charges: a choice, or else the chart's.

        :param name: one of the fields in `ITALIAN`
        """
        found = self._find_chosen_or_italian(name, ITALIAN[name])
        # What was archived is not used any more.
        return found.filtered("active").sudo(self.env.su)

    def _find_credit_late_accounts(self):
        """Return the accounts of late charges by kind, that of the interest for both.

        :return: dict from "interest" and "flat" to an account, perhaps empty
        """
        interest = self._find_credit_late("credit_late_interest_account_id")
        flat = self._find_credit_late("credit_late_flat_account_id")
        return {"interest": interest, "flat": flat or interest}

    def _check_credit_late_account(self, account):
        """Raise UserError where a company has no account for late charges."""
        if not account:
            raise UserError(
                self.env._(
                    "Late payment is to be charged, but %(company)s has no account for"
                    " it. Choose the Late Interest Account in Invoicing > Credit >"
                    " Configuration > Settings, or switch Propose Late-Payment Charges"
                    " off.",
                    company=self.display_name,
                )
            )
