from contextlib import contextmanager
from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.modules import get_module_path
from odoo.modules.migration import load_script
from odoo.tests import tagged
from odoo.tools import format_amount, mute_logger

from .common import new_user
from .common_rules import RuleCommon

MIGRATION = "migrations/19.0.1.7.0/post-waived_trace.py"


@tagged("post_install", "-at_install")
class TestCreditBlockRule(RuleCommon):
    """Each condition of a rule beside the customer that it leaves alone."""

    def test_the_first_return_blocks_until_it_is_paid(self):
        invoice = self.returned()
        block = self.automatic()
        self.assertRecordValues(
            block,
            [
                {
                    "level_id": self.unpaid.id,
                    "origin": "return",
                    "rule_id": self.rule_first.id,
                }
            ],
        )
        self.assertFalse(self.in_force(self.other_customer))
        self.pay(invoice)
        self.assertFalse(self.in_force())
        self.assertEqual(block.lift_reason, "What came back has been paid.")

    def test_three_returns_in_twelve_months_replace_the_weaker_block(self):
        self.rule_three.active = True
        self.returned()
        self.returned(date=self.days_ago(364))
        first = self.automatic()
        self.assertEqual(first.level_id, self.unpaid)
        self.returned(date=self.days_ago(366))
        self.assertEqual(self.in_force(), self.unpaid)
        self.returned(date=self.days_ago(1))
        self.assertEqual(self.in_force(), self.doubtful)
        self.assertEqual(first.state, "lifted")
        self.assertEqual(first.lift_reason, "Replaced by credit block “Doubtful”.")
        self.assertIn("3 payments returned unpaid", self.automatic().reason)

    def test_paid_returns_go_on_counting_for_the_number_in_a_year(self):
        self.rule_three.active = True
        invoices = [self.returned(date=self.days_ago(9)) for _time in range(3)]
        for invoice in invoices:
            self.pay(invoice)
        self.assertEqual(self.in_force(), self.doubtful)
        self.rule_three.active = False
        self.night()
        self.assertFalse(self.in_force())

    def test_what_gives_way_comes_back_when_the_stronger_cause_is_gone(self):
        self.rule_three.write({"active": True, "return_count": 2})
        first = self.returned()
        again = self.make_return(self.pay(self.invoice(50)))
        again.action_confirm()
        self.assertEqual(self.in_force(), self.doubtful)
        again.action_cancel()
        self.assertEqual(self.in_force(), self.unpaid)
        self.pay(first)
        self.assertFalse(self.in_force())

    def test_a_manual_block_is_neither_replaced_nor_lifted(self):
        self.rule_three.write({"active": True, "return_count": 2})
        manual = self.customer._set_credit_block(self.unpaid, "fixed", self.company)
        for _time in range(2):
            self.pay(self.returned())
        self.assertEqual(self.in_force(), self.unpaid | self.doubtful)
        self.assertEqual(manual.state, "in_force")
        self.rule_three.active = False
        self.night()
        self.assertEqual(self.in_force(), self.unpaid)
        self.assertEqual(manual.origin, "manual")

    def test_a_returned_amount_blocks_whatever_the_number(self):
        self.rule_first.active = False
        self.rule_three.write(
            {"active": True, "return_count": 0, "return_amount": 150.0}
        )
        self.returned(amount=149.99)
        self.assertFalse(self.in_force())
        self.returned(amount=0.01)
        self.assertEqual(self.in_force(), self.doubtful)

    def test_amounts_in_foreign_currency_count_in_the_company_s(self):
        self.rule_first.active = False
        self.rule_three.write(
            {"active": True, "return_count": 0, "return_amount": 100.0}
        )
        dollar = self.setup_other_currency("USD", rates=[("2020-01-01", 2.0)])
        self.returned(amount=199.0, **self.in_currency(dollar))
        self.assertFalse(self.in_force())
        self.returned(amount=1.0, **self.in_currency(dollar))
        self.assertEqual(self.in_force(), self.doubtful)

    def in_currency(self, currency):
        """Let the next invoices of the test be in a currency."""
        self.customer.property_product_pricelist = False
        invoice = type(self).invoice

        def in_currency(*args, **values):
            return invoice(*args, currency_id=currency.id, **values)

        self.invoice = in_currency
        self.addCleanup(self.__dict__.pop, "invoice", None)
        return {}

    def test_only_the_reasons_asked_for_count(self):
        self.rule_first.reason_ids = self.reason_iban
        self.returned()
        self.assertFalse(self.in_force())
        self.rule_first.reason_ids = self.reason_iban | self.reason_funds
        self.returned()
        self.assertEqual(self.in_force(), self.unpaid)

    def test_only_the_category_asked_for_counts(self):
        self.rule_first.reason_category = "refusal"
        self.returned()
        self.assertFalse(self.in_force())
        self.rule_first.reason_category = "funds"
        self.returned()
        self.assertEqual(self.in_force(), self.unpaid)

    def test_a_reason_that_is_not_the_customer_s_fault_never_counts(self):
        self.rule_first.reason_ids = self.reason_iban
        self.reason_iban.sudo().counts_as_default = False
        self.returned(line_reason_id=self.reason_iban.id)
        self.assertFalse(self.in_force())
        self.reason_iban.sudo().counts_as_default = True
        self.returned(line_reason_id=self.reason_iban.id)
        self.assertEqual(self.in_force(), self.unpaid)

    def test_a_returned_payment_on_account_blocks_until_the_next_payment(self):
        payment = self.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": self.customer.id,
                "amount": 70.0,
                "journal_id": self.bank.id,
                "date": "2026-10-01",
            }
        )
        payment.action_post()
        payment_return = self.make_return(payment)
        payment_return.action_confirm()
        self.assertFalse(self.in_force(), "nothing is owed")
        payment_return.action_cancel()
        invoice = self.invoice(20)
        self.make_return(payment).action_confirm()
        self.assertEqual(self.in_force(), self.unpaid)
        self.pay(invoice, payment_date="2026-10-06")
        self.assertFalse(self.in_force())

    def test_the_company_chooses_the_level_of_the_first_return_only(self):
        self.company.sudo().credit_block_return_level_id = self.pending
        self.returned()
        self.assertEqual(self.in_force(), self.pending)
        self.rule_first.level_id = self.doubtful
        self.assertFalse(self.rule_first.use_company_level)
        self.returned(partner=self.other_customer)
        self.assertEqual(self.in_force(self.other_customer), self.doubtful)

    def test_a_rule_of_another_company_blocks_nobody_here(self):
        other = self.env["res.company"].sudo().create({"name": "Another"})
        self.rule_first.company_id = other
        self.returned()
        self.assertFalse(self.in_force())
        self.rule_first.company_id = self.company
        self.returned()
        self.assertEqual(self.in_force(), self.unpaid)

    def test_a_block_that_does_not_lift_by_itself_stays_until_a_manager_lifts_it(self):
        self.rule_first.auto_lift = False
        self.pay(self.returned())
        self.night()
        self.assertEqual(self.in_force(), self.unpaid)
        self.customer._lift_credit_block(self.unpaid, "talked to them", self.company)
        self.night()
        self.assertFalse(self.in_force())

    def test_a_block_that_stays_gives_way_to_a_stronger_one(self):
        self.rule_first.auto_lift = False
        self.rule_three.write({"active": True, "return_count": 2})
        self.pay(self.returned())
        self.pay(self.returned())
        self.assertEqual(self.in_force(), self.doubtful)

    # === OVERDUE === #

    def test_overdue_for_more_days_than_the_rule_says(self):
        self.rule_overdue.active = True
        self.overdue(30)
        self.overdue(31, partner=self.other_customer)
        self.night()
        self.assertFalse(self.in_force())
        self.assertEqual(self.in_force(self.other_customer), self.pending)
        self.assertEqual(self.automatic(self.other_customer).origin, "overdue")

    def test_days_of_grace_come_on_top(self):
        self.rule_overdue.write({"active": True, "grace_days": 5})
        self.overdue(35)
        self.overdue(36, partner=self.other_customer)
        self.night()
        self.assertFalse(self.in_force())
        self.assertEqual(self.in_force(self.other_customer), self.pending)

    def test_a_rule_that_looks_earlier_than_any_before_counts_at_once(self):
        self.rule_overdue.active = True
        self.overdue(11)
        self.overdue(10, partner=self.other_customer)
        self.night()
        self.assertFalse(self.in_force())
        self.rule_overdue.overdue_days = 10
        self.night()
        self.assertEqual(self.in_force(), self.pending)
        self.assertFalse(self.in_force(self.other_customer))

    def test_an_item_without_a_due_date_is_late_by_its_own_day(self):
        self.rule_overdue.active = True
        for days, partner in ((30, self.customer), (31, self.other_customer)):
            self.charge(100.0, partner, date=self.days_ago(days))
        self.night()
        self.assertFalse(self.in_force())
        self.assertEqual(self.in_force(self.other_customer), self.pending)
        self.assertIn("overdue", self.automatic(self.other_customer).reason)

    def charge(self, amount, partner, date):
        """An entry that charges a customer, with no due date."""
        charged = {
            "account_id": self.company_data["default_account_receivable"].id,
            "partner_id": partner.id,
            "balance": amount,
        }
        other = {
            "account_id": self.company_data["default_account_revenue"].id,
            "balance": -amount,
        }
        entry = self.env["account.move"].create(
            {"date": date, "line_ids": [Command.create(v) for v in (charged, other)]}
        )
        entry.action_post()
        item = entry.line_ids.filtered("partner_id")[:1]
        # Items of such journals are out of the follow-up unless somebody says so.
        item.write({"date_maturity": False, "no_followup": False})
        self.assertFalse(item.date_maturity)

    def test_a_credit_that_is_late_itself_is_deducted_once(self):
        self.rule_overdue.write({"active": True, "deduct_credits": True})
        for partner in (self.customer, self.other_customer):
            self.overdue(60, 100.0, partner=partner)
        dates = {"invoice_date": self.days_ago(60)}
        for partner, amount in ((self.customer, 100), (self.other_customer, 60)):
            self.invoice(amount, partner=partner, move_type="out_refund", **dates)
        self.night()
        self.assertFalse(self.in_force())
        self.assertEqual(self.in_force(self.other_customer), self.pending)

    def test_less_than_the_overdue_amount_blocks_nobody(self):
        self.rule_overdue.write({"active": True, "overdue_amount": 100.0})
        self.overdue(60, 99.99)
        self.overdue(60, 60.0, partner=self.other_customer)
        self.overdue(60, 40.0, partner=self.other_customer)
        self.night()
        self.assertFalse(self.in_force())
        self.assertEqual(self.in_force(self.other_customer), self.pending)

    def test_a_share_of_the_limit_has_to_be_overdue(self):
        self.rule_overdue.write({"active": True, "overdue_share": 50.0})
        third = self.env["res.partner"].create({"name": "Without a limit"})
        for partner, limit in ((self.customer, 201), (self.other_customer, 200)):
            partner.sudo().with_company(self.company).credit_limit = limit
        for partner in (self.customer, self.other_customer, third):
            self.overdue(60, 100.0, partner=partner)
        self.night()
        self.assertFalse(self.in_force())
        self.assertEqual(self.in_force(self.other_customer), self.pending)
        self.assertFalse(self.in_force(third))

    def test_unused_payments_and_credit_notes_are_deducted_where_asked(self):
        self.rule_overdue.write({"active": True, "deduct_credits": True})
        for partner in (self.customer, self.other_customer):
            self.overdue(60, 100.0, partner=partner)
        for partner, amount in ((self.customer, 100), (self.other_customer, 99)):
            self.invoice(amount, partner=partner, move_type="out_refund")
        self.night()
        self.assertFalse(self.in_force())
        self.assertEqual(self.in_force(self.other_customer), self.pending)
        self.rule_overdue.deduct_credits = False
        self.night()
        self.assertEqual(self.in_force(), self.pending)

    def test_disputed_items_do_not_count(self):
        self.rule_overdue.active = True
        disputed = self.overdue(60)
        self.overdue(60, partner=self.other_customer)
        self.due_items(disputed).no_followup = True
        self.night()
        self.assertFalse(self.in_force())
        self.assertEqual(self.in_force(self.other_customer), self.pending)

    def test_an_invoice_of_a_contact_blocks_its_company(self):
        self.rule_overdue.active = True
        contact = self.env["res.partner"].create(
            {"name": "Amministrazione", "parent_id": self.customer.id}
        )
        self.overdue(60, partner=contact)
        self.night()
        self.assertEqual(self.in_force(), self.pending)

    def test_payment_lifts_the_overdue_block_and_unreconciling_sets_it_again(self):
        self.rule_overdue.active = True
        invoice = self.overdue(60)
        self.night()
        block = self.automatic()
        payment = self.pay(invoice)
        self.assertFalse(self.in_force())
        self.assertEqual(
            block.lift_reason, "Nothing is overdue any more for this block."
        )
        payment.move_id.line_ids.remove_move_reconcile()
        self.assertEqual(self.in_force(), self.pending)

    def test_a_credit_note_lifts_the_overdue_block(self):
        self.rule_overdue.active = True
        invoice = self.overdue(60)
        self.night()
        self.assertEqual(self.in_force(), self.pending)
        invoice._reverse_moves([{"invoice_date": invoice.invoice_date}], cancel=True)
        self.assertFalse(self.in_force())

    def test_a_write_off_lifts_the_overdue_block(self):
        self.rule_overdue.active = True
        invoice = self.overdue(60)
        self.night()
        self.pay(
            invoice,
            amount=90.0,
            payment_difference_handling="reconcile",
            writeoff_account_id=self.company_data["default_account_expense"].id,
        )
        self.assertFalse(self.in_force())

    def test_a_partial_payment_lifts_no_block(self):
        self.rule_overdue.active = True
        invoice = self.overdue(60)
        self.night()
        self.pay(invoice, amount=99.0)
        self.assertEqual(self.in_force(), self.pending)

    # === EXEMPTIONS === #

    def test_an_exempt_customer_is_left_alone_until_the_day(self):
        self.rule_overdue.active = True
        for partner in (self.customer, self.other_customer):
            self.overdue(60, partner=partner)
        exempt = self.customer.sudo().with_company(self.company)
        exempt.write(
            {
                "credit_block_exempt": True,
                "credit_block_exempt_until": self.days_ago(0),
            }
        )
        self.night()
        self.assertFalse(self.in_force())
        self.assertEqual(self.in_force(self.other_customer), self.pending)
        exempt.credit_block_exempt_until = self.days_ago(1)
        self.night()
        self.assertEqual(self.in_force(), self.pending)

    # === WHAT A PERSON LIFTS === #

    def test_a_return_that_a_manager_forgave_blocks_nobody_again_but_the_next_does(
        self,
    ):
        self.returned()
        block = self.automatic()
        self.customer._lift_credit_block(self.unpaid, "talked to them", self.company)
        self.assertTrue(block.waived)
        self.night()
        self.assertFalse(self.in_force())
        self.pay(self.invoice(10))
        self.assertFalse(self.in_force())
        self.returned()
        self.assertEqual(self.in_force(), self.unpaid)

    def test_a_cancelled_return_does_not_make_room_for_a_new_one(self):
        self.returned()
        payment_return = self.env["account.payment.return"].search(
            [], limit=1, order="id desc"
        )
        self.customer._lift_credit_block(self.unpaid, "talked to them", self.company)
        payment_return.action_cancel()
        self.returned()
        self.assertEqual(self.in_force(), self.unpaid)

    def test_a_return_by_mistake_leaves_no_block_that_a_manager_had_lifted(self):
        self.returned()
        self.customer._lift_credit_block(self.unpaid, "talked to them", self.company)
        self.returned()
        block = self.automatic()
        self.assertEqual(block.level_id, self.unpaid)
        block.return_line_id.return_id.action_cancel()
        self.assertFalse(self.in_force())
        self.assertEqual(block.state, "lifted")
        self.night()
        self.assertFalse(self.in_force())
        self.returned()
        self.assertEqual(self.in_force(), self.unpaid)

    def test_what_was_waived_before_the_last_trace_was_kept_stays_waived(self):
        """Of three returns the manager knew two, of which one was cancelled."""
        self.returned()
        self.returned()
        first, second = self.env["account.payment.return"].search(
            [], limit=2, order="id desc"
        )[::-1]
        second.action_cancel()
        self.customer._lift_credit_block(self.unpaid, "talked to them", self.company)
        waived = self.customer.credit_block_ids.sudo().filtered("waived")
        trace = max(second.line_ids.undone_ids.ids)
        self.assertEqual((waived.waived_returns, waived.waived_trace), (2, trace))
        self.returned()
        third = self.automatic().return_line_id.return_id
        self.env.flush_all()
        self.env.cr.execute("UPDATE credit_block SET waived_trace = NULL")
        path = get_module_path("account_credit_block")
        script = load_script(f"{path}/{MIGRATION}", "post_waived_trace")
        script.migrate(self.env.cr, "19.0.1.6.0")
        self.env.invalidate_all()
        self.assertEqual(waived.waived_trace, trace)
        self.assertFalse((self.customer.credit_block_ids - waived).waived_trace)
        third.action_cancel()
        self.assertFalse(self.in_force())
        first.action_cancel()
        self.returned()
        self.assertEqual(self.in_force(), self.unpaid)

    def test_overdue_items_that_a_manager_forgave_block_nobody_but_later_ones_do(self):
        self.rule_overdue.active = True
        self.overdue(60)
        self.overdue(20)
        self.night()
        self.customer._lift_credit_block(self.pending, "pays by Friday", self.company)
        self.night()
        self.assertFalse(self.in_force())
        with freeze_time(self.env.company._get_credit_today() + timedelta(days=11)):
            self.night()
            self.assertEqual(self.in_force(), self.pending)

    def test_who_waives_a_level_waives_the_weaker_ones_not_the_stronger(self):
        self.rule_three.write({"active": True, "return_count": 2})
        self.returned()
        self.returned()
        self.customer._lift_credit_block(self.doubtful, "a new owner", self.company)
        self.night()
        self.assertFalse(self.in_force())
        self.rule_three.active = False
        for _time in range(2):
            self.returned(partner=self.other_customer)
        self.other_customer._lift_credit_block(self.unpaid, "no", self.company)
        self.rule_three.active = True
        self.night()
        self.assertEqual(self.in_force(self.other_customer), self.doubtful)

    def test_what_a_rule_lifts_is_not_waived(self):
        invoice = self.returned()
        block = self.automatic()
        payment = self.pay(invoice)
        self.assertFalse(block.waived)
        payment.move_id.line_ids.remove_move_reconcile()
        self.assertFalse(self.in_force(), "nothing is owed on balance")
        payment.action_draft()
        self.assertEqual(self.in_force(), self.unpaid)

    # === AT ONCE === #

    def test_what_the_bank_s_line_paid_blocks_again_when_it_is_undone(self):
        for name in ("action_undo_reconciliation", "unlink"):
            with self.subTest(name):
                invoice = self.returned()
                self.assertEqual(self.in_force(), self.unpaid)
                item = self.bank_item(invoice.amount_residual)
                self.assertFalse(self.in_force(), "on account")
                (item | self.due_items(invoice)).reconcile()
                self.assertEqual(invoice.payment_state, "paid")
                self.assertFalse(self.in_force())
                getattr(item.statement_line_id, name)()
                self.assertEqual(self.in_force(), self.unpaid)
                self.pay(invoice)
                self.assertFalse(self.in_force())

    def test_money_on_account_that_is_taken_back_blocks_again(self):
        self.returned()
        payment = self.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": self.customer.id,
                "amount": 100.0,
                "journal_id": self.bank.id,
            }
        )
        self.assertEqual(self.in_force(), self.unpaid)
        payment.action_post()
        self.assertFalse(self.in_force())
        payment.action_draft()
        self.assertEqual(self.in_force(), self.unpaid)
        payment.action_post()
        self.assertFalse(self.in_force())
        payment.move_id.button_draft()
        payment.unlink()
        self.assertEqual(self.in_force(), self.unpaid)

    def test_money_put_on_another_customer_counts_for_that_one(self):
        self.returned()
        self.returned(partner=self.other_customer)
        item = self.bank_item(100.0)
        self.assertFalse(self.in_force())
        self.assertEqual(self.in_force(self.other_customer), self.unpaid)
        item.partner_id = self.other_customer
        self.assertEqual(self.in_force(), self.unpaid)
        self.assertFalse(self.in_force(self.other_customer))

    def test_a_cancelled_invoice_that_came_back_blocks_nobody(self):
        invoice = self.returned()
        invoice.button_draft()
        self.assertEqual(self.in_force(), self.unpaid, "being corrected")
        invoice.button_cancel()
        self.assertFalse(self.in_force())

    def test_nothing_is_asked_about_drafts_and_names(self):
        draft = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.customer.id,
                "invoice_line_ids": [
                    Command.create({"name": "x", "price_unit": 9.0, "tax_ids": False})
                ],
            }
        )
        posted = self.invoice(10)
        with self.count_evaluations() as asked:
            draft.invoice_line_ids.price_unit = 8.0
            draft.invoice_line_ids.unlink()
            draft.unlink()
            posted.line_ids.sequence = 3
            self.assertEqual(len(asked), 0)
            self.invoice(10)
            self.assertEqual(len(asked), 1)

    def test_many_lines_of_the_bank_are_undone_with_one_evaluation(self):
        items = self.bank_item(10.0) | self.bank_item(20.0) | self.bank_item(30.0)
        with self.count_evaluations() as asked:
            items.statement_line_id.action_undo_reconciliation()
        self.assertEqual(len(asked), 1)

    @contextmanager
    def count_evaluations(self):
        """How often the rules are asked of some customers, as a list that grows."""
        evaluation = self.env.registry["credit.block.evaluation"]
        find, asked = evaluation._find, []

        def ask(records, company, partners=None, **values):
            asked.append(partners)
            return find(records, company, partners, **values)

        with patch.object(evaluation, "_find", ask):
            yield asked

    # === THE NIGHT === #

    def test_one_bad_customer_does_not_stop_the_night(self):
        for partner in (self.customer, self.other_customer):
            self.overdue(60, partner=partner)
        self.rule_overdue.active = True
        # A trigger of the database stands for whatever can go wrong with one row.
        self.env.cr.execute(
            """
            CREATE FUNCTION pg_temp.refuse() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN RAISE EXCEPTION 'refused by the test'; END $$;
            CREATE TRIGGER refuse BEFORE INSERT ON credit_block FOR EACH ROW
              WHEN (NEW.partner_id = %s) EXECUTE FUNCTION pg_temp.refuse()
            """,
            [self.customer.id],
        )
        with (
            mute_logger("odoo.sql_db"),
            self.assertLogs("odoo.addons.account_credit_block", "ERROR") as logs,
        ):
            self.night()
        self.assertIn(f"(id {self.customer.id})", logs.output[0])
        self.assertFalse(self.in_force())
        self.assertEqual(self.in_force(self.other_customer), self.pending)

    def test_a_second_night_finds_nothing_to_do(self):
        self.rule_overdue.active = True
        self.overdue(60)
        self.night()
        block = self.automatic()
        evaluation = self.env["credit.block.evaluation"].sudo()
        self.assertFalse(evaluation._find(self.company))
        self.night()
        self.assertEqual(self.automatic(), block)

    def test_the_queries_of_the_night_do_not_grow_with_the_customers(self):
        self.rule_overdue.active = True
        customers = self.env["res.partner"].create(
            [{"name": f"Customer {number}"} for number in range(12)]
        )
        for customer in customers:
            self.overdue(60, partner=customer)
        evaluation = self.env["credit.block.evaluation"].sudo()
        counts = []
        for partners in (customers[:2], customers[2:]):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            evaluation._evaluate(partners, self.company)
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(self.in_force(customers[0]), self.pending)
        self.assertEqual(self.in_force(customers[-1]), self.pending)
        self.assertLessEqual(counts[1], counts[0])

    def test_a_payment_is_evaluated_by_few_queries(self):
        self.rule_overdue.active = True
        self.overdue(60)
        self.night()
        evaluation = self.env["credit.block.evaluation"]

        def count(partner):
            evaluation._evaluate(partner, self.company)
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            evaluation._evaluate(partner, self.company)
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        # Who stays blocked is locked by the statement that finds it.
        self.assertEqual(count(self.customer), 1)
        self.assertEqual(count(self.other_customer), 1)

    def test_a_payment_lifts_a_block_by_three_queries(self):
        self.rule_overdue.active = True
        invoice = self.overdue(60)
        self.night()
        # What has been read anyway: for whom it is, how notes are made, the block.
        self.env["credit.block.evaluation"]._evaluate(self.customer, self.company)
        self.customer.sudo()._message_log(body="Paid")
        self.automatic().mapped("level_id.name")
        self.automatic().mapped("reason")
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE account_move_line SET no_followup = TRUE WHERE move_id = %s",
            invoice.ids,
        )
        # The statement, the block and its note.
        with self.assertQueryCount(3):
            self.env["credit.block.evaluation"]._evaluate(self.customer, self.company)
            self.env.flush_all()
        self.assertFalse(self.in_force())

    def count_payment(self, invoice):
        """Queries of a payment with nothing in cache, and whether it lifts the block.

        All is as before it afterwards.
        """
        with self.env.cr.savepoint() as savepoint:
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.pay(invoice)
            self.env.flush_all()
            queries = self.env.cr.sql_log_count - before
            lifted = not self.in_force()
            self.env.cr.clear()
            savepoint.rollback()
        return queries, lifted

    def check_cold_payment(self, invoice):
        """It asks four queries more than where nobody asks the rules."""
        evaluation = type(self.env["credit.block.evaluation"])
        self.count_payment(invoice)  # fill the caches that survive
        with patch.object(evaluation, "_evaluate", lambda *args, **kwargs: None):
            without, lifted = self.count_payment(invoice)
        self.assertFalse(lifted)
        with_rules, lifted = self.count_payment(invoice)
        self.assertTrue(lifted)
        # The statement, the block, the name of its level and the note.
        self.assertEqual(with_rules - without, 4)

    def test_nothing_read_before_a_payment_lifts_a_block_by_four_queries(self):
        self.rule_overdue.active = True
        invoice = self.overdue(60)
        self.night()
        self.check_cold_payment(invoice)

    def test_nothing_read_before_what_came_back_is_paid_by_four_queries(self):
        self.check_cold_payment(self.returned())

    def test_what_the_statement_tells_of_blocks_is_what_is_in_them(self):
        self.rule_overdue.active = True
        for partner in (self.customer, self.other_customer):
            self.overdue(60, partner=partner)
        self.night()
        self.rule_overdue.active = False
        found = self.env["credit.block.evaluation"].sudo()._find(self.company)
        rows = [assessment.block_row for assessment in found if assessment.is_closing]
        blocks = self.env["credit.block"].sudo()._keep_in_force(rows)
        names = ["partner_id", "level_id", "origin", "state"]
        # Asked before Odoo reads them, and after.
        with self.assertQueryCount(0):
            kept = blocks.read(names, load=None)
        self.assertEqual(len(kept), 2)
        self.env.invalidate_all()
        self.assertEqual(kept, blocks.read(names, load=None))

    def test_what_is_in_memory_stays_when_a_statement_finds_a_block(self):
        self.returned()
        block = self.automatic()
        row = {"id": block.id, "level_id": self.doubtful.id}
        self.env["credit.block"]._keep_in_force([row])
        self.assertEqual(block.level_id, self.unpaid)

    # === PREVIEW === #

    def test_the_preview_counts_and_lists_whom_a_rule_would_block(self):
        self.overdue(60)
        self.returned(partner=self.other_customer)
        self.overdue(60, partner=self.other_customer)
        action = self.rule_overdue.action_preview()
        preview = self.env[action["res_model"]].sudo().browse(action["res_id"])
        ours = preview.line_ids.filtered(
            lambda line: line.partner_id in self.customer | self.other_customer
        )
        self.assertRecordValues(
            ours.sorted(lambda line: line.partner_id.id),
            [
                {
                    "partner_id": self.customer.id,
                    "level_id": self.pending.id,
                    "replaced_level_id": False,
                },
                {
                    "partner_id": self.other_customer.id,
                    "level_id": self.pending.id,
                    "replaced_level_id": self.unpaid.id,
                },
            ],
        )
        self.assertEqual(
            preview.summary, f"Would block {len(preview.line_ids)} customers."
        )
        self.assertFalse(self.in_force())
        self.assertEqual(self.in_force(self.other_customer), self.unpaid)

    def test_the_preview_says_what_a_rule_blocks_already(self):
        self.returned()
        action = self.rule_first.action_preview()
        preview = self.env[action["res_model"]].sudo().browse(action["res_id"])
        self.assertEqual(preview.summary, "Would block 0 customers. Blocks 1 by now.")

    # === WHO MAY === #

    def user_with(self, group):
        return new_user(
            self.env, f"rules_{group}", f"account_credit_block.{group}", self.company
        )

    def test_a_credit_manager_changes_and_tries_rules_and_a_credit_user_reads_them(
        self,
    ):
        manager = self.user_with("group_credit_manager")
        # The rule is shared by all companies.
        manager.company_ids = self.env["res.company"].search([])
        manager = self.rule_overdue.with_user(manager)
        manager.sudo(False).active = True
        self.assertTrue(manager.sudo(False).action_preview())
        self.assertTrue(manager.sudo(False).action_apply_now())
        user = self.rule_overdue.with_user(self.user_with("group_credit_user"))
        user = user.sudo(False)
        self.assertTrue(user.name)
        for forbidden in (user.action_preview, user.action_apply_now):
            with self.assertRaisesRegex(AccessError, "not allowed"):
                forbidden()
        with self.assertRaisesRegex(AccessError, "not allowed to modify"):
            user.active = False

    # === GUARDS === #

    def test_a_rule_without_a_condition_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "from how many returns"):
            self.rule_three.return_count = 0
        self.rule_three.write({"return_count": 0, "return_amount": 10.0})

    def test_a_rule_that_blocks_every_late_payer_says_so(self):
        conditions = ("overdue_days", "grace_days", "overdue_amount", "overdue_share")
        self.rule_overdue.write(dict.fromkeys(conditions, 0))
        self.assertIn("a day too long", self.rule_overdue.condition_warning)
        for name in conditions:
            with self.subTest(condition=name):
                self.rule_overdue[name] = 1
                self.assertFalse(self.rule_overdue.condition_warning)
                self.rule_overdue[name] = 0
        self.assertFalse(self.rule_three.condition_warning)

    def test_a_rule_says_its_condition_in_words(self):
        rule = self.rule_three
        rule.write({"return_count": 3, "return_days": 365, "unpaid_only": False})
        self.assertEqual(rule.condition_text, "From 3 returns · within 365 days")
        rule.write({"return_count": 1, "return_days": 0, "unpaid_only": True})
        self.assertEqual(
            rule.condition_text,
            "From the first return · however long ago · still unpaid",
        )
        rule.write({"return_count": 0, "return_amount": 1500.0, "unpaid_only": False})
        amount = self._format(1500.0)
        self.assertIn(f"From {amount} returned", rule.condition_text)
        rule.write({"return_count": 2, "reason_ids": self.reason_funds.ids})
        self.assertIn(f"From 2 returns, or from {amount}", rule.condition_text)
        self.assertIn(self.reason_funds.display_name, rule.condition_text)

    def _format(self, amount):
        return format_amount(self.env, amount, self.env.company.currency_id)

    def test_an_overdue_rule_says_its_condition_in_words(self):
        rule = self.rule_overdue
        conditions = ("overdue_days", "grace_days", "overdue_amount", "overdue_share")
        rule.write({**dict.fromkeys(conditions, 0), "deduct_credits": False})
        self.assertEqual(rule.condition_text, "Overdue for more than 0 days")
        rule.write(dict(zip(conditions, (30, 5, 100.0, 50.0), strict=True)))
        self.assertEqual(
            rule.condition_text,
            "Overdue for more than 30 days · after 5 days of grace"
            f" · from {self._format(100.0)} · from 50 % of the limit",
        )

    def test_a_new_rule_has_words_too(self):
        new = self.env["credit.block.rule"].new({})
        self.assertIn("From the first return", new.condition_text)

    def test_the_level_of_a_rule_cannot_be_deleted(self):
        level = self.doubtful.sudo().copy()
        self.rule_three.level_id = level
        with self.assertRaisesRegex(UserError, "used by customers, by a rule"):
            level.sudo().unlink()
        self.rule_three.level_id = self.doubtful
        self.assertTrue(level.sudo().unlink())
