from unittest.mock import patch

from odoo import SUPERUSER_ID, api, fields
from odoo.fields import Command
from odoo.modules.registry import Registry
from odoo.tests import get_db_name

from odoo.addons.account.tests.common import AccountTestInvoicingCommon
from odoo.addons.base.tests.common import DISABLED_MAIL_CONTEXT

COMPANY = "Italian Company of the Tests"


def keep_company():
    """Make the company of the tests, once a database: a chart of accounts takes long.

    Nothing is ever entered in it for good. Before a test class begins: what is
    committed later is not seen by it.
    """
    with Registry(get_db_name()).cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, DISABLED_MAIL_CONTEXT)
        if env["res.company"].search_count([("name", "=", COMPANY)]):
            return
        italy = env.ref("base.it")
        euro = italy.currency_id
        company = env["res.company"].create(
            {"name": COMPANY, "country_id": italy.id, "currency_id": euro.id}
        )
        chart = env["account.chart.template"]
        chart.try_loading("it", company=company, install_demo=False)


class PaymentReturnCommon(AccountTestInvoicingCommon):
    """An Italian company with customers whose invoices were paid by payments.

    The environment is the accountant's: invoicing rights, no superuser.
    """

    @classmethod
    @AccountTestInvoicingCommon.setup_chart_template("it")
    def setUpClass(cls):
        keep_company()
        super().setUpClass()
        cls.company = cls.company_data["company"]
        cls.bank = cls.company_data["default_journal_bank"]
        cls.receivable = cls.company_data["default_account_receivable"]
        cls.customer = cls.env["res.partner"].create({"name": "Rossi Impianti Srl"})
        cls.other_customer = cls.env["res.partner"].create({"name": "Bianchi Carlo"})
        cls.reason_funds = cls.env.ref(
            "account_credit_block.payment_return_reason_am04"
        )
        cls.reason_iban = cls.env.ref("account_credit_block.payment_return_reason_ac01")

    @classmethod
    def setup_independent_company(cls, **kwargs):
        """Override of `account`: see `keep_company`."""
        company = cls.env["res.company"].sudo().search([("name", "=", COMPANY)])
        cls.env.user.company_ids += company
        return company

    @classmethod
    def add_branch(cls):
        """Add a branch with the accounts of the company; the user works in both."""
        cls.branch = cls.env["res.company"].create(
            {"name": "Branch", "parent_id": cls.company.id}
        )
        # Core gives a branch the accounts of its head office then.
        cls.cr.precommit.run()
        cls.env.user.company_ids |= cls.branch
        companies = cls.company | cls.branch
        cls.env = cls.env(
            context={**cls.env.context, "allowed_company_ids": companies.ids}
        )

    @classmethod
    def invoice(cls, amount=100.0, partner=None, **values):
        """Post an invoice without taxes; instalments by ``invoice_payment_term_id``."""
        invoice = cls.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": (partner or cls.customer).id,
                "invoice_date": fields.Date.from_string("2026-09-01"),
                "invoice_line_ids": [
                    Command.create(
                        {"name": "Goods", "price_unit": amount, "tax_ids": False}
                    )
                ],
                **values,
            }
        )
        invoice.action_post()
        return invoice

    @classmethod
    def pay(cls, documents, amount=None, group=True, **values):
        """Pay invoices, or items of them, by the register payment wizard.

        :return: the payments
        """
        items = documents
        if documents._name == "account.move":
            items = documents.line_ids.filtered(
                lambda item: item.account_type == "asset_receivable"
            )
        wizard_values = {"group_payment": group, **values}
        if amount is not None:
            wizard_values["amount"] = amount
        wizard = (
            cls.env["account.payment.register"]
            .with_context(active_model="account.move.line", active_ids=items.ids)
            .create(wizard_values)
        )
        return wizard._create_payments()

    @classmethod
    def payment_item(cls, payment):
        """The receivable item of a payment."""
        return payment.move_id.line_ids.filtered(
            lambda item: item.account_type == "asset_receivable"
        )

    @classmethod
    def bank_item(cls, amount, partner=None, **values):
        """What somebody has put on a customer's account of a line of the bank.

        :return: the receivable item
        """
        transaction = cls.env["account.bank.statement.line"].create(
            {
                "journal_id": cls.bank.id,
                "date": cls.env.company._get_credit_today(),
                "payment_ref": "Transfer",
                "partner_id": (partner or cls.customer).id,
                "amount": amount,
                **values,
            }
        )
        item = transaction._seek_for_lines()[1]
        put = Command.update(item.id, {"account_id": cls.receivable.id})
        transaction.with_context(skip_readonly_check=True).write({"line_ids": [put]})
        return item

    @classmethod
    def make_return(cls, payments, **values):
        """A draft return with one line for each payment.

        Values of the line by ``line_…`` keywords, the others are the return's.
        """
        line_values = {
            key.removeprefix("line_"): values.pop(key)
            for key in list(values)
            if key.startswith("line_")
        }
        return cls.env["account.payment.return"].create(
            {
                "journal_id": cls.bank.id,
                "date": "2026-10-05",
                "line_ids": [
                    Command.create(
                        {
                            "move_line_id": cls.payment_item(payment).id,
                            "payment_id": payment.id,
                            "amount": payment.amount,
                            "reason_id": cls.reason_funds.id,
                            **line_values,
                        }
                    )
                    for payment in payments
                ],
                **values,
            }
        )

    @classmethod
    def early_discount_term(cls):
        """Two per cent less for who pays within thirty days."""
        return cls.env["account.payment.term"].create(
            {
                "name": "2% within 30 days",
                "early_discount": True,
                "discount_percentage": 2.0,
                "discount_days": 30,
                "early_pay_discount_computation": "included",
                "line_ids": [
                    Command.create(
                        {"value": "percent", "value_amount": 100.0, "nb_days": 60}
                    )
                ],
            }
        )

    def pay_without_entry(self, invoice):
        """A payment as Enterprise makes it: no entry until the bank tells."""
        company = type(self.env["account.payment"])
        with patch.object(
            company, "_get_outstanding_account", lambda *a: self.env["account.account"]
        ):
            payment = self.env["account.payment"].create(
                {
                    "amount": invoice.amount_total,
                    "partner_id": invoice.partner_id.id,
                    "journal_id": self.bank.id,
                    "date": "2026-09-10",
                    "invoice_ids": [Command.set(invoice.ids)],
                }
            )
            payment.outstanding_account_id = False
            payment.action_post()
        self.assertFalse(payment.move_id)
        return payment

    def setup_cash_basis_tax(self):
        transition = self.company_data["default_account_assets"].copy(
            {"account_type": "liability_current", "reconcile": True}
        )
        due = transition.copy({"reconcile": False})
        company = self.company.sudo()
        company.tax_exigibility = True
        company.tax_cash_basis_journal_id = self.company_data["default_journal_misc"]
        repartition = [
            Command.create({"repartition_type": "base"}),
            Command.create({"repartition_type": "tax", "account_id": due.id}),
        ]
        return (
            self.env["account.tax"]
            .sudo()
            .create(
                {
                    "name": "VAT on payment",
                    "amount": 20.0,
                    "company_id": self.company.id,
                    "tax_exigibility": "on_payment",
                    "cash_basis_transition_account_id": transition.id,
                    "invoice_repartition_line_ids": repartition,
                    "refund_repartition_line_ids": repartition,
                }
            )
        )

    def cash_basis_tax_due(self, tax):
        """The balance of what is due of a tax, by all documents."""
        account = tax.invoice_repartition_line_ids.account_id
        items = self.env["account.move.line"].search(
            [("account_id", "=", account.id), ("parent_state", "=", "posted")]
        )
        return sum(items.mapped("balance"))

    def due_items(self, invoice):
        """The receivable items of an invoice, by due date."""
        return invoice.line_ids.filtered(
            lambda item: item.account_type == "asset_receivable"
        ).sorted("date_maturity")

    def assertBalanced(self, moves):
        """Every entry is balanced, in each currency it uses alone."""
        for move in moves:
            self.assertAlmostEqual(sum(move.line_ids.mapped("balance")), 0.0, 2)
