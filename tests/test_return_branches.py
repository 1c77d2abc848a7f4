from odoo.exceptions import RedirectWarning, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, new_test_user, tagged
from odoo.tools.safe_eval import safe_eval

from .common_rpc import RpcMixin
from .test_import import ImportCommon


@tagged("post_install", "-at_install")
class TestReturnBranches(RpcMixin, ImportCommon):
    """A branch collects by the bank of its head office, as Odoo lets it by default."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.add_branch()
        cls.importer = cls.importer.with_env(cls.env)
        cls.branch_invoice = cls.invoice(100, company_id=cls.branch.id)
        cls.branch_payment = cls.pay(cls.branch_invoice, journal_id=cls.bank.id)
        cls.branch_payment.end_to_end_id = "BRANCH-1"

    def accountant(self, companies, login="branch_biller"):
        """Who does the invoices of some companies only."""
        return new_test_user(
            self.env,
            login=login,
            groups="account.group_account_invoice",
            company_id=companies[0].id,
            company_ids=[Command.set(companies.ids)],
        )

    def assertBooked(self, returned):
        """The branch's invoice is open again, by an entry in the branch."""
        self.assertEqual(self.branch_invoice.payment_state, "not_paid")
        self.assertEqual(self.branch_invoice.amount_residual, 100)
        self.assertEqual(returned.line_ids.company_id, self.branch)
        self.assertEqual(returned.move_ids.company_id, self.branch)
        self.assertBalanced(returned.move_ids)
        self.assertFalse(self.payment_item(self.branch_payment).amount_residual)

    def test_the_branchs_payment_is_on_the_bank_of_the_head_office(
        self,
    ):
        self.assertEqual(self.branch_payment.company_id, self.branch)
        self.assertEqual(self.branch_payment.journal_id.company_id, self.company)
        self.assertEqual(self.branch_invoice.payment_state, "paid")

    def test_a_file_tells_of_head_office_and_branch(self):
        own = self.collect(end_to_end_id="HEAD-1")
        returned = self.load(self.pain(("HEAD-1", 100), ("BRANCH-1", 100)))
        self.assertEqual(returned.company_id, self.company)
        self.assertEqual(returned.line_ids.payment_id, own | self.branch_payment)
        self.assertEqual(returned.matched_count, 2)
        returned.action_confirm()
        self.assertEqual(len(returned.move_ids), 2)
        self.assertEqual(returned.move_ids.company_id, self.company | self.branch)
        self.assertEqual(self.branch_invoice.payment_state, "not_paid")
        self.assertEqual(own.invoice_ids.payment_state, "not_paid")
        returned.action_cancel()
        self.assertEqual(self.branch_invoice.payment_state, "paid")
        self.assertEqual(own.invoice_ids.payment_state, "paid")

    def test_who_works_in_the_branch_only_imports_and_confirms(self):
        user = self.accountant(self.branch)
        context = {"allowed_company_ids": self.branch.ids}
        importer = self.importer.with_user(user).with_context(**context)
        file = self.pain(("BRANCH-1", 100), ("NOBODY-1", 7))
        returned = importer._import_files([file], self.branch)
        returned.line_ids[0].fee_amount = 2
        self.env.flush_all()
        self.env.invalidate_all()
        spec = {"line_ids": {"fields": {"candidate_payment_ids": {}}}}
        for name, *args in (
            ("web_read", spec),
            ("action_open_confirm",),
            ("action_confirm",),
        ):
            self.env.invalidate_all()
            args = (returned._name, name, returned.ids, *args)
            self.rpc(user, *args, context=context)
        self.assertEqual(returned.state, "confirmed")
        self.assertEqual(returned.move_ids.company_id, self.branch)
        self.assertEqual(self.branch_invoice.payment_state, "not_paid")

    def test_a_line_of_the_branch_is_matched_by_the_button(self):
        returned = self.told({"end_to_end_id": "BRANCH-1", "amount": 100})
        returned.action_match()
        self.assertMatched(returned.line_ids, self.branch_payment)
        returned.action_confirm()
        self.assertBooked(returned)

    def test_a_payment_of_the_branch_is_chosen_in_the_form(self):
        form = Form(self.env["account.payment.return"])
        form.journal_id = self.bank
        with form.line_ids.new() as line:
            line.payment_id = self.branch_payment
        returned = form.save()
        returned.action_confirm()
        self.assertBooked(returned)

    def test_a_payment_of_the_branch_is_offered_in_the_form(self):
        returned = self.told({"reference": "X", "amount": 100})
        line = returned.line_ids
        for record in (
            line,
            self.env["account.payment.return.choose"].create({"line_id": line.id}),
        ):
            domain = record._fields["payment_id"]._description_domain(self.env)
            names = {
                name: record[name].id
                for name in ("return_company_id", "company_id", "commercial_partner_id")
                if name in record._fields
            }
            offered = self.env["account.payment"].search(safe_eval(domain, names))
            self.assertIn(self.branch_payment, offered)

    def test_the_branch_imports_the_file_of_the_head_offices_bank(self):
        user = self.accountant(self.branch)
        importer = self.importer.with_user(user).with_context(
            allowed_company_ids=self.branch.ids
        )
        returned = importer._import_files([self.pain(("BRANCH-1", 100))], self.branch)
        self.assertEqual(returned.company_id, self.branch)
        self.assertEqual(returned.journal_id, self.bank)
        returned.action_confirm()
        self.assertBooked(returned)

    def test_the_branch_enters_a_return_by_hand(self):
        user = self.accountant(self.branch)
        returned_id = self.rpc(
            user,
            "account.payment.return",
            "create",
            {
                "journal_id": self.bank.id,
                "line_ids": [
                    Command.create(
                        {"payment_id": self.branch_payment.id, "amount": 100}
                    )
                ],
            },
        )
        returned = self.env["account.payment.return"].browse(returned_id)
        self.assertEqual(returned.company_id, self.branch)
        self.rpc(user, "account.payment.return", "action_confirm", returned.ids)
        self.assertBooked(returned)

    def test_what_the_head_office_imported_is_a_duplicate_in_the_branch(self):
        first = self.load(self.pain(("BRANCH-1", 100)))
        user = self.accountant(self.branch)
        importer = self.importer.with_user(user).with_context(
            allowed_company_ids=self.branch.ids
        )
        file = self.pain(("BRANCH-1", 100), message="MSG-2")
        returned = importer._import_files([file], self.branch)
        self.assertEqual(returned.line_ids.match_state, "duplicate")
        self.assertEqual(returned.line_ids.duplicate_line_id.sudo(), first.line_ids)
        with self.assertRaisesRegex(RedirectWarning, "already imported"):
            importer._import_files([self.pain(("BRANCH-1", 100))], self.branch)

    def test_what_waits_in_the_branch_in_vain_is_matched_in_the_head_office(self):
        own = self.collect(end_to_end_id="HEAD-1")
        user = self.accountant(self.branch)
        importer = self.importer.with_user(user).with_context(
            allowed_company_ids=self.branch.ids
        )
        file = self.pain(("HEAD-1", 100), ("BRANCH-1", 100))
        of_branch = importer._import_files([file], self.branch)
        self.rpc(user, "account.payment.return", "action_confirm", of_branch.ids)
        waiting = of_branch.rest_ids.with_env(self.env)
        self.assertNotMatched(waiting.line_ids, "unmatched", "No payment found")
        for message in ("MSG-1", "MSG-2"):
            with self.subTest(message=message):
                file = self.pain(("HEAD-1", 100), ("BRANCH-1", 100), message=message)
                returned = self.load(file)
                of_head, known = returned.line_ids
                self.assertMatched(of_head, own)
                self.assertEqual(known.match_state, "duplicate")
                waiting.action_match()
                self.assertFalse(waiting.line_ids.payment_id)
                returned.action_cancel()

    def test_the_branchs_own_waits_in_one_of_both(self):
        file = [("BRANCH-2", 100)]
        of_branch = self.told(
            {"end_to_end_id": "BRANCH-2", "amount": 100}, company_id=self.branch.id
        )
        of_branch.action_match()
        of_head = self.load(self.pain(*file))
        self.assertEqual(of_head.line_ids.match_state, "duplicate")
        self.branch_payment.end_to_end_id = "BRANCH-2"
        (of_head | of_branch).line_ids._match()
        lines = (of_head | of_branch).line_ids
        self.assertEqual(set(lines.mapped("match_state")), {"matched", "duplicate"})
        self.assertEqual(lines.payment_id, self.branch_payment)

    def test_a_payment_of_the_head_office_is_not_the_branchs_and_is_kept_with_why(self):
        payment = self.collect(end_to_end_id="HEAD-1")
        returned = self.told(
            {"end_to_end_id": "HEAD-1", "amount": 100},
            {"end_to_end_id": "BRANCH-1", "amount": 100},
            company_id=self.branch.id,
        )
        returned.action_match()
        of_head, of_branch = returned.line_ids
        self.assertNotMatched(of_head, "unmatched", "does not collect by this bank")
        self.assertMatched(of_branch, self.branch_payment)
        with self.assertRaisesRegex(ValidationError, "is not of Branch"):
            of_head.payment_id = payment

    def test_who_does_not_work_in_the_branch_confirms_no_part_of_a_return(self):
        self.collect(end_to_end_id="HEAD-1")
        returned = self.load(self.pain(("HEAD-1", 100), ("BRANCH-1", 100)))
        user = self.accountant(self.company, "head_biller")
        with self.assertRaisesRegex(UserError, "are of Branch"):
            returned.with_user(user).with_context(
                allowed_company_ids=self.company.ids
            ).action_confirm()
        self.assertEqual(returned.state, "draft")

    def test_the_settings_of_the_head_office_hold_for_its_branch(self):
        journal = self.env["account.journal"].create(
            {"name": "Returns", "type": "general", "code": "RET"}
        )
        fees = self.company_data["default_account_expense"]
        self.company.sudo().write(
            {
                "credit_return_journal_id": journal.id,
                "credit_return_fee_account_id": fees.id,
            }
        )
        returned = self.make_return(self.branch_payment, line_fee_amount=5)
        returned.action_confirm()
        self.assertEqual(returned.move_ids.journal_id, journal)
        self.assertIn(fees, returned.move_ids.line_ids.account_id)

    def test_the_customer_is_blocked_where_he_owes(self):
        returned = self.make_return(self.branch_payment)
        returned.action_confirm()
        self.assertEqual(self.customer.sudo().credit_block_ids.company_id, self.branch)
