from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common import new_user
from .common_presentations import PresentationCommon
from .common_rpc import RemoteCalls

READ = ("problem", "problem_count", "amount_total", "receipt_count", "payment_ids")
READ_LINE = ("problem", "outcome", "amount", "receipt_number", "payment_id")
INVOICING = "account.group_account_invoice"


@tagged("post_install", "-at_install")
class TestPresentationBranches(RemoteCalls, PresentationCommon):
    """A branch collects by the bank of its head office; not all work in both."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.add_branch()
        root = cls.env(user=cls.env.ref("base.user_root"))
        cls.in_branch = new_user(root, "in_branch", INVOICING, cls.branch)
        cls.in_office = new_user(root, "in_office", INVOICING, cls.company)
        cls.branch_bill = cls.bill(company_id=cls.branch.id)

    def read_all(self, user, presentation):
        """What a user reads of a presentation and its lines."""
        (values,) = self.call(user, presentation, "read", READ)
        lines = self.call(user, presentation.line_ids, "read", READ_LINE)
        home = self.env["account.payment.presentation"].with_user(user)
        home = home.with_context(allowed_company_ids=user.company_ids.ids)
        # The whole form, as the web client reads it.
        form = Form(home.browse(presentation.id))
        self.assertEqual(form.amount_total, values["amount_total"])
        return values, lines

    def test_branches_share_the_numbers_of_their_head(self):
        numbers = self.company._draw_receipt_numbers(2)
        numbers += self.branch._draw_receipt_numbers(1)
        numbers += self.company._draw_receipt_numbers(1)
        self.assertEqual(len(set(numbers)), 4)

    def test_the_instalments_of_a_branch_are_booked_there(self):
        bill = self.bill(company_id=self.branch.id)
        presentation = self.present(bill)
        self.assertEqual(presentation.payment_ids.company_id, self.branch)
        self.assertEqual(bill.payment_state, "paid")

    # === WHO WORKS IN THE BRANCH ONLY === #

    def test_what_the_head_office_presented_is_found_as_not_presented(self):
        presentation = self.present(self.branch_bill)
        self.assertEqual(presentation.company_id, self.company)
        receipts = presentation.payment_ids
        for user, value, found in (
            (self.in_branch, False, receipts.ids),
            (self.in_branch, presentation.id, []),
            (self.env.user, False, []),
            (self.env.user, presentation.id, receipts.ids),
        ):
            domain = [("id", "in", receipts.ids), ("presentation_id", "=", value)]
            with self.subTest(user=user.login, value=value):
                ids = self.call(user, receipts.browse(), "search_read", domain, ["id"])
                self.assertEqual([row["id"] for row in ids], found)

    def test_who_works_in_a_branch_presents_what_is_the_branchs(self):
        action = self.call(self.in_branch, self.branch_bill, "action_open_presentation")
        draft = self.env[action["res_model"]].browse(action["res_id"])
        self.assertEqual(draft.journal_id, self.bank)
        self.assertEqual(draft.company_id, self.branch)
        values, _lines = self.read_all(self.in_branch, draft)
        self.assertFalse(values["problem"])
        self.call(self.in_branch, draft, "action_present")
        self.assertPresented(draft, 1)
        self.assertEqual(draft.payment_ids.company_id, self.branch)
        self.assertEqual(self.branch_bill.payment_state, "paid")
        self.assertIn("12345670017", self.read_file(draft)[2])
        self.call(self.in_branch, draft, "action_cancel")
        self.assertEqual(self.branch_bill.payment_state, "not_paid")

    def test_the_form_of_a_new_one_opens_in_the_branch(self):
        spec = {name: {} for name in ("problem", "journal_id", "company_id")}
        new = self.env["account.payment.presentation"]
        for user in (self.in_branch, self.in_office):
            values = self.call(user, new, "onchange", [], {}, [], spec)["value"]
            self.assertEqual(values["journal_id"], self.bank.id)
            self.assertFalse(values["problem"])

    def test_what_the_head_office_lacks_is_named_in_the_branch(self):
        self.company.sudo().vat = False
        draft = self.choose(self.branch_bill, company_id=self.branch.id)
        values, _lines = self.read_all(self.in_branch, draft)
        self.assertIn(self.company.name, values["problem"])

    def test_what_is_the_head_offices_is_not_presented_by_the_branch(self):
        bill = self.bill()
        with self.assertRaises(AccessError):
            self.call(self.in_branch, bill, "action_open_presentation")

    # === WHO WORKS IN THE HEAD OFFICE ONLY === #

    def test_who_works_in_the_head_office_reads_what_is_presented_with_it(self):
        presentation = self.present(self.bill(40), self.branch_bill)
        values, lines = self.read_all(self.in_office, presentation)
        self.assertEqual(values["amount_total"], 140.0)
        self.assertEqual({line["outcome"] for line in lines}, {"presented"})
        own = presentation.payment_ids.filtered(lambda p: p.company_id == self.company)
        self.assertEqual(values["payment_ids"], own.ids)
        self.assertEqual(values["receipt_count"], 1)
        action = self.call(self.in_office, presentation, "action_open_receipts")
        self.assertEqual(action["res_id"], own.id)
        action = self.call(self.in_office, presentation, "action_open_invoices")
        self.assertEqual(action["res_id"], own.invoice_ids.id)
        self.assertEqual(presentation.receipt_count, 2)

    def test_what_of_a_branch_is_opened_or_withdrawn_by_who_works_there(self):
        presentation = self.present(self.bill(40), self.branch_bill)
        of_branch = presentation.line_ids.filtered(lambda line: line.amount == 100)
        office = self.in_office
        for records, name in (
            (presentation, "action_cancel"),
            (of_branch, "action_withdraw"),
        ):
            with self.assertRaisesRegex(UserError, "Some lines are of Branch"):
                self.call(office, records, name)
        self.call(office, presentation.line_ids - of_branch, "action_withdraw")
        outcomes = sorted(presentation.line_ids.mapped("outcome"))
        self.assertEqual(outcomes, ["presented", "withdrawn"])
        presentation.action_cancel()
        self.assertEqual(of_branch.outcome, "withdrawn")
        whole = self.present(self.branch_bill)
        for name in ("action_open_receipts", "action_open_invoices"):
            with self.assertRaisesRegex(UserError, "Some lines are of Branch"):
                self.call(office, whole, name)

    def test_a_draft_with_an_instalment_of_a_branch_says_who_can_present_it(self):
        for grouping in ("instalment", "customer"):
            draft = self.choose(self.bill(40), self.branch_bill, grouping=grouping)
            values, lines = self.read_all(self.in_office, draft)
            self.assertEqual(values["problem_count"], 1)
            self.assertIn(
                "It is of Branch",
                "".join(filter(None, (line["problem"] for line in lines))),
            )
            with self.assertRaisesRegex(UserError, "It is of Branch"):
                self.call(self.in_office, draft, "action_present")
        draft.action_present()
        self.assertPresented(draft, 2)

    # === RECEIPTS OF A BRANCH THAT THE HEAD OFFICE PRESENTED === #

    def test_an_invoice_of_the_branch_shows_its_receipt_there(self):
        presentation = self.present(self.branch_bill)
        receipt = presentation.payment_ids
        (values,) = self.call(
            self.in_branch, self.branch_bill, "read", ["receipt_count"]
        )
        self.assertEqual(values["receipt_count"], 1)
        action = self.call(self.in_branch, self.branch_bill, "action_open_receipts")
        self.assertEqual(action["res_id"], receipt.id)

    def test_a_receipt_leads_to_its_presentation_where_that_may_be_seen(self):
        of_office = self.present(self.branch_bill)
        bill = self.bill(company_id=self.branch.id)
        of_branch = self.present(bill, company_id=self.branch.id)
        seen = {
            receipt["id"]: receipt["presentation_id"]
            for receipt in self.call(
                self.in_branch,
                of_office.payment_ids | of_branch.payment_ids,
                "read",
                ["presentation_id", "is_receipt"],
                load=None,
            )
            if receipt["is_receipt"]
        }
        self.assertEqual(
            seen,
            {of_office.payment_ids.id: False, of_branch.payment_ids.id: of_branch.id},
        )
        name = "action_open_presentation"
        action = self.call(self.in_branch, of_branch.payment_ids, name)
        self.assertEqual(action["res_id"], of_branch.id)
        with self.assertRaisesRegex(UserError, self.company.name):
            self.call(self.in_branch, of_office.payment_ids, name)
