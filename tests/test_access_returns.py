from contextlib import nullcontext

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from .common import CreditBlockFixture, new_user
from .common_returns import PaymentReturnCommon
from .common_rpc import RemoteCalls

# role -> what it may do with each model; "c", "r", "u", "d" as in any matrix.
MATRIX = {
    "account.payment.return": {
        "credit_manager": "crud",
        "credit_user": "crud",
        "accountant": "crud",
        "salesperson": "",
        "portal": "",
        "public": "",
    },
    "account.payment.return.partial": {
        "credit_manager": "r",
        "credit_user": "r",
        "accountant": "r",
        "salesperson": "",
        "portal": "",
        "public": "",
    },
    "account.payment.return.reason": {
        "credit_manager": "crud",
        "credit_user": "r",
        "accountant": "r",
        "salesperson": "",
        "portal": "",
        "public": "",
    },
    "account.payment.return.import": {
        "credit_manager": "crud",
        "credit_user": "crud",
        "accountant": "crud",
        "salesperson": "",
        "portal": "",
        "public": "",
    },
}
reasons = MATRIX["account.payment.return.reason"]
MATRIX["account.late.interest.rate"] = reasons
for name in ("format", "format.field", "format.code", "format.mark"):
    MATRIX[f"account.payment.return.{name}"] = reasons
MATRIX["account.payment.return.format.preview"] = {
    **dict.fromkeys(MATRIX["account.payment.return"], ""),
    "credit_manager": "cru",
}
for name in ("line", "decision", "register", "register.row"):
    MATRIX[f"account.payment.return.{name}"] = MATRIX["account.payment.return"]


@tagged("post_install", "-at_install")
class TestAccessReturns(RemoteCalls, CreditBlockFixture, PaymentReturnCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Users are made by the system, not by the accountant of the fixture.
        cls.env = cls.env(
            user=cls.env.ref("base.user_root"),
            context={**cls.env.context, "allowed_company_ids": cls.company.ids},
        )
        cls._setup_credit_block(cls.company)
        cls.payment = cls.pay(cls.invoice(100))

    def _as(self, record, role):
        record = record.with_user(self.users[role]).sudo(False)
        return record.with_context(allowed_company_ids=self.company.ids)

    def test_every_cell_of_the_matrix(self):
        self._check_access_matrix(MATRIX)

    def test_who_does_accounting_registers_confirms_and_cancels(self):
        for role in ("accountant", "credit_user", "credit_manager"):
            with self.subTest(role=role):
                payment = self.pay(self.invoice(100))
                returned = self._as(self.env["account.payment.return"], role).create(
                    {
                        "journal_id": self.bank.id,
                        "line_ids": [Command.create({"payment_id": payment.id})],
                    }
                )
                returned.action_match()
                returned.action_confirm()
                self.assertEqual(payment.invoice_ids.payment_state, "not_paid")
                self.assertTrue(self.payment.partner_id.credit_block_level_id)
                returned.action_cancel()
                self.assertEqual(payment.invoice_ids.payment_state, "paid")

    def test_others_can_neither_confirm_nor_cancel(self):
        returned = self.make_return(self.payment)
        for role in ("salesperson", "portal", "public"):
            for method in ("action_match", "action_confirm", "action_cancel"):
                with (
                    self.subTest(role=role, method=method),
                    self.assertRaisesRegex(AccessError, "Payment Return"),
                ):
                    getattr(self._as(returned, role), method)()
        self.assertEqual(returned.state, "draft")

    def test_the_returns_of_other_companies_are_hidden(self):
        returned = self.make_return(self.payment)
        returned.action_confirm()
        other = self.env["res.company"].create({"name": "Other Company"})
        user = self.users["credit_manager"].copy(
            {"company_id": other.id, "company_ids": [Command.set(other.ids)]}
        )
        line = returned.line_ids
        for record in (returned, line, line.undone_ids):
            hidden = record.with_user(user).with_context(allowed_company_ids=other.ids)
            with self.subTest(model=record._name):
                self.assertFalse(hidden.search([("id", "in", record.ids)]))
                with self.assertRaises(AccessError):
                    hidden.read(["display_name"])
                self.assertTrue(
                    self._as(record, "accountant").search([("id", "in", record.ids)])
                )

    # === WHAT A CLIENT SENDS === #

    def _set_up_others(self):
        """Who invoices in one company, and what another company has."""
        self.user = new_user(
            self.env, "acb_one_company", "account.group_account_invoice", self.company
        )
        self.others = self.env["res.company"].create({"name": "Other Company"})
        self.others_bank = self.env["account.journal"].create(
            {
                "name": "Bank of Others",
                "type": "bank",
                "code": "OTH",
                "company_id": self.others.id,
            }
        )
        self.others_customer = self.env["res.partner"].create(
            {"name": "Private to Others", "company_id": self.others.id}
        )

    def test_a_draft_is_moved_to_no_other_company(self):
        self._set_up_others()
        returned = self.make_return(self.payment)
        model, values = "account.payment.return", {"journal_id": self.others_bank.id}
        with self.assertRaises(AccessError):
            self.enter(self.user, model, **values)
        for moved in (values, {"company_id": self.others.id}):
            with self.assertRaises(AccessError):
                self.call(self.user, returned, "write", moved)
            self.assertEqual(returned.company_id, self.company)
        own_bank = self.bank.copy({"name": "Second Bank"})
        self.call(self.user, returned, "write", {"journal_id": own_bank.id})
        self.assertEqual(returned.journal_id, own_bank)

    def test_a_line_is_moved_to_no_return_of_another_company(self):
        self._set_up_others()
        line = self.make_return(self.payment).line_ids
        theirs = self.env["account.payment.return"].create(
            {"journal_id": self.others_bank.id}
        )
        with self.assertRaises(AccessError):
            self.call(self.user, line, "write", {"return_id": theirs.id})
        own = self.env["account.payment.return"].create({"journal_id": self.bank.id})
        self.call(self.user, line, "write", {"return_id": own.id})
        self.assertEqual(line.return_id, own)

    def test_a_line_names_no_customer_that_one_may_not_see(self):
        self._set_up_others()
        returned = self.env["account.payment.return"].create(
            {"journal_id": self.bank.id}
        )
        model = "account.payment.return.line"
        values = {"return_id": returned.id, "amount": 10.0}
        for partner, may in ((self.others_customer, False), (self.customer, True)):
            named = {"partner_id": partner.id}
            commands = {"line_ids": [Command.create({"amount": 1.0, **named})]}
            line = self.enter(self.user, model, **values)
            tries = (
                lambda v=named: self.enter(self.user, model, **values, **v),
                lambda v=named, ln=line: self.call(self.user, ln, "write", v),
                lambda v=commands: self.call(self.user, returned, "write", v),
            )
            for try_ in tries:
                refused = nullcontext() if may else self.assertRaises(AccessError)
                with self.subTest(partner=partner.name), refused:
                    try_()
            self.assertEqual(line.partner_id == partner, may)

    def test_a_record_is_named_by_its_number(self):
        """What Odoo overlooks would be stored, and checked by nobody."""
        self._set_up_others()
        returned = self.env["account.payment.return"].create(
            {"journal_id": self.bank.id}
        )
        line = "account.payment.return.line"
        for partner in (self.others_customer, self.customer):
            for named in (str(partner.id), f" {partner.id}", partner.id + 0.2):
                values = {"return_id": returned.id, "partner_id": named}
                with self.subTest(named=named), self.assertRaises(AccessError):
                    self.enter(self.user, line, **values)
        with self.assertRaises(AccessError):
            self.enter(self.user, returned._name, journal_id=str(self.bank.id))
        values["partner_id"] = self.customer.id
        self.assertEqual(
            self.enter(self.user, line, **values).partner_id, self.customer
        )

    def test_what_the_code_says_of_a_line_is_entered_by_nobody(self):
        self._set_up_others()
        first = self.make_return(self.payment)
        model = "account.payment.return.line"
        values = {"return_id": first.id, "amount": 10.0, "reference": "X"}
        said = {
            "unique_key": "debit:1",
            "match_state": "matched",
            "match_said": {"code": "match.one"},
            "duplicate_line_id": first.line_ids.id,
            "doubt": "fee",
            "raw_data": "forged",
            "candidate_line_ids": [Command.set(self.payment_item(self.payment).ids)],
        }
        defaults = {f"default_{name}": value for name, value in said.items()}
        line = self.enter(self.user, model, context=defaults, **values)
        plain = self.enter(self.user, model, **values)
        for name, value in said.items():
            with self.subTest(field=name):
                self.assertEqual(line[name], plain[name])
                with self.assertRaisesRegex(AccessError, "filled in by Odoo"):
                    self.enter(self.user, model, **values, **{name: value})
                with self.assertRaisesRegex(AccessError, "filled in by Odoo"):
                    self.call(self.user, plain, "write", {name: value})
        same = {"match_state": "unmatched", "unique_key": False, "reference": "Y"}
        self.call(self.user, plain, "write", same)
        self.assertEqual(plain.reference, "Y")
        self.call(self.user, plain, "action_skip")
        self.assertEqual(plain.match_state, "skipped")
        self.call(self.user, plain, "action_match")
        self.assertNotEqual(plain.match_state, "skipped")

    def test_a_copy_of_a_line_is_one_entered_by_hand(self):
        self._set_up_others()
        line = self.make_return(self.payment).line_ids
        line.unique_key = "camt.053||1"
        copied = line.browse(self.call(self.user, line, "copy"))
        self.assertEqual((copied.unique_key, copied.kind), (False, line.kind))
