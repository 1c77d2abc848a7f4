from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models import entered_numbers
from ..parsers.variant import LIST
from .common_forms import REFUSALS
from .common_returns import PaymentReturnCommon


@tagged("post_install", "-at_install")
class TestEnteredNumbers(PaymentReturnCommon):
    """No number that people enter is below zero, or too large, whichever the field."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        returned = cls.make_return(cls.pay(cls.invoice(100)))
        field = {"field": "amount", "heading": "Total of it"}
        bank_format = (
            cls.env["account.payment.return.format"]
            .sudo()
            .create(
                {"name": "A list", "kind": LIST, "field_ids": [Command.create(field)]}
            )
        )
        records = (
            cls.company,
            cls.customer,
            cls.env.ref("account_credit_block.credit_block_rule_three_returns"),
            cls.bank.inbound_payment_method_line_ids[:1],
            returned.line_ids,
            bank_format.field_ids,
            cls.bank,
            cls.env.ref("account_credit_block.late_interest_rate_2026_1"),
        )
        cls.records = {record._name: record.sudo() for record in records}

    def test_no_number_of_any_field_is_below_zero(self):
        for model, record in self.records.items():
            for name in entered_numbers.get_names(record):
                with (
                    self.subTest(model=model, field=name),
                    mute_logger("odoo.sql_db"),
                    self.assertRaisesRegex(REFUSALS, "negative|amount_positive"),
                    self.env.cr.savepoint(),
                ):
                    record[name] = -1
                    self.env.flush_all()

    def test_what_is_no_number_is_refused(self):
        fields = {"res.company": "credit_hold_limit_tolerance"}
        fields["account.journal"] = "credit_return_fee"
        for model, name in fields.items():
            for value in (float("nan"), float("inf")):
                with (
                    self.subTest(model=model, value=value),
                    self.assertRaisesRegex(ValidationError, "enter 0 or more"),
                ):
                    self.records[model][name] = value

    def test_more_days_than_a_calendar_has_are_refused(self):
        for model, record in self.records.items():
            for name in entered_numbers.get_names(record):
                if record._fields[name].type != "integer":
                    continue
                with self.subTest(model=model, field=name):
                    with (
                        self.assertRaisesRegex(ValidationError, "36500 or less"),
                        self.env.cr.savepoint(),
                    ):
                        record[name] = 36_501
                    record[name] = 36_500

    def test_the_most_days_of_a_rule_and_of_a_release_are_counted_with(self):
        company = self.company.sudo()
        most = entered_numbers.MOST_DAYS
        company.credit_hold_release_days = most
        rule = self.records["credit.block.rule"].copy(
            {
                "kind": "overdue",
                "company_id": company.id,
                "overdue_days": most,
                "grace_days": most,
            }
        )
        rule.active = True
        self.assertFalse(self.env["credit.block.evaluation"].sudo()._find(company))
        holds = self.env["sale.order.hold"].sudo().new({"company_id": company.id})
        self.assertGreater(holds._get_valid_until(None).year, 2100)

    def test_more_than_nothing_is_entered(self):
        for model, record in self.records.items():
            for name in entered_numbers.get_names(record):
                with self.subTest(model=model, field=name):
                    values = {name: 1}
                    if name == "credit_limit_raise":
                        values["credit_limit_raise_until"] = "2026-12-31"
                    record.write(values)
                    self.assertEqual(record[name], 1)

    def test_every_model_in_which_people_enter_numbers_is_asked(self):
        """A field added elsewhere has to be asked about there; dialogs keep nothing."""
        access = self.env["ir.model.access"].sudo().search([("perm_write", "=", True)])
        entered = {
            model
            for model in access.model_id.mapped("model")
            if model in self.env
            and not self.env[model].is_transient()
            and entered_numbers.get_names(self.env[model])
        }
        self.assertLessEqual(entered, set(self.records))
        self.assertGreaterEqual(entered, {"credit.block.rule", "res.company"})

    def test_the_settings_name_the_field_that_is_below_zero(self):
        settings = self.env["res.config.settings"].sudo()
        with self.assertRaisesRegex(ValidationError, "Accepted Excess over the Limit"):
            settings.create({"credit_hold_limit_tolerance": -5.0}).execute()
