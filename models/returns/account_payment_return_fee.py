from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Command


class AccountPaymentReturnFee(models.AbstractModel):
    """Who bears what the bank charges for a return.

    Our cost: the fee goes to the bank charges account. Charged again on the entry:
    the customer owes it on the receivable account. Charged again by invoice: it is
    our cost, and a draft invoice asks it back.
    """

    _name = "account.payment.return.fee"
    _description = "Fee of a Payment Return"

    def _get_policy(self, line):
        """The customer's own policy, or else the company's."""
        partner = line._get_debtor().sudo().with_company(line.company_id)
        return partner.credit_return_fee_policy or (
            line.company_id.credit_return_fee_policy
        )

    def _prepare_items(self, lines):
        """Values of the items that book the fees, balanced.

        The fee is taken where the collection was: the outstanding account.

        :param lines: lines of one entry
        :return: (list of values of the debits, list of values of the credits)
        """
        debits, credits = {}, {}
        for line in lines:
            if line.currency_id.is_zero(line.fee_amount):
                continue
            name = self.env._("Bank fees on returned collections")
            debit = self._get_debit_account(line)
            credit = (line._get_collection()[0], line.browse().partner_id)
            for items, sign, (account, partner) in (
                (debits, 1, debit),
                (credits, -1, credit),
            ):
                values = items.setdefault(
                    (account, partner, line.currency_id),
                    {
                        "name": name,
                        "account_id": account.id,
                        "partner_id": partner.id,
                        "currency_id": line.currency_id.id,
                        "amount_currency": 0.0,
                        "balance": 0.0,
                        "date_maturity": line.return_date,
                        "analytic_distribution": False,
                    },
                )
                values["amount_currency"] += sign * line.fee_amount
                values["balance"] += sign * self._convert(line)
        return list(debits.values()), list(credits.values())

    def _convert(self, line):
        """The fee in the company's currency, at the rate of its booking day."""
        return line.currency_id._convert(
            line.fee_amount,
            line.company_currency_id,
            line.company_id,
            line.return_date,
        )

    def _get_debit_account(self, line):
        """Where the fee is debited, and to whom.

        :return: (account, partner or empty)
        :raise: UserError when the company has no account for it
        """
        partner = line._get_debtor()
        if self._get_policy(line) == "receivable" and partner:
            account = (
                line.move_line_id.account_id
                or partner.with_company(line.company_id).property_account_receivable_id
            )
            return account, partner
        return self._get_fee_account(line.company_id), partner.browse()

    def _find_fee_account(self, company):
        """Return the bank charges account, or nothing: a choice, or else the chart's.

        The Italian chart has one fitting account, 4213 "Spese di incasso".
        """
        root = company.root_id
        chart = self.env["account.chart.template"].with_company(root)
        return company._get_of_parents("credit_return_fee_account_id") or (
            root.chart_template == "it" and chart.ref("4213", raise_if_not_found=False)
        )

    def _get_fee_account(self, company):
        """Return what `_find_fee_account` finds; raise UserError when there is none."""
        account = self._find_fee_account(company)
        if not account:
            raise UserError(
                self.env._(
                    "The bank charged fees, but %(company)s has no account for them. "
                    "Choose the Return Fee Account in Invoicing > Credit > "
                    "Configuration > Settings.",
                    company=company.display_name,
                )
            )
        return account

    def _create_invoices(self, lines):
        """Draft the invoices that charge the fees again, one a customer and return.

        :return: the draft invoices
        :raise: UserError when the company has no product for them
        """
        charged = lines.filtered(
            lambda line: (
                line._get_debtor()
                and not line.currency_id.is_zero(line.fee_amount)
                and self._get_policy(line) == "invoice"
            )
        )
        groups = charged.grouped(
            lambda line: (
                line.return_id,
                line.company_id,
                line._get_debtor(),
                line.currency_id,
            )
        )
        return self.env["account.move"].create(
            [self._prepare_invoice_values(*key, group) for key, group in groups.items()]
        )

    def _prepare_invoice_values(
        self, payment_return, company, partner, currency, lines
    ):
        """Values of the draft invoice that asks the fees of a return back."""
        product = company._get_of_parents("credit_return_fee_product_id")
        if not product:
            raise UserError(
                self.env._(
                    "The fees are to be invoiced, but %(company)s has no product for "
                    "them. Choose the Return Fee Product in Invoicing > Credit > "
                    "Configuration > Settings.",
                    company=company.display_name,
                )
            )
        return {
            "move_type": "out_invoice",
            "company_id": company.id,
            "partner_id": partner.id,
            "currency_id": currency.id,
            "invoice_date": company._get_credit_today(),
            "fee_return_id": payment_return.id,
            "invoice_origin": payment_return.name,
            "invoice_line_ids": [
                Command.create(
                    {
                        "product_id": product.id,
                        "name": self.env._(
                            "Bank fee on the return of %(invoices)s",
                            invoices=", ".join(line.invoice_ids.mapped("name"))
                            or line.payment_id.name
                            or line.reference,
                        ),
                        "quantity": 1,
                        "price_unit": line.fee_amount,
                    }
                )
                for line in lines
            ],
        }
