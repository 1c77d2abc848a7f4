"""What a person decides on the lines of a draft return: whose payment, which one."""

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools.safe_eval import safe_eval

from .common import new_user
from .common_rpc import RpcMixin
from .test_match import MatchCommon


class ChoiceCommon(RpcMixin, MatchCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.clerk = cls.add_user("acb_clerk", "account_credit_block.group_credit_user")

    @classmethod
    def add_user(cls, login, groups, company=None):
        company = company or cls.company
        return new_user(cls.env, login, groups, company)

    def take(self, line, record, user=None):
        """Choose by one click, as the screen does."""
        self.rpc(
            user or self.clerk,
            line._name,
            "action_take_candidate",
            line.ids,
            record._name,
            record.id,
        )

    def get_proposed(self, line):
        """The payments behind the buttons of a line, in order."""
        line.invalidate_recordset(["candidates"])
        found = line.candidates or []
        records = [self.env[each["model"]].browse(each["id"]) for each in found]
        payments = self.env["account.payment"]
        for record in records:
            payments += record if record._name == payments._name else record.payment_id
        return payments


@tagged("post_install", "-at_install")
class TestProposals(ChoiceCommon):
    def test_what_is_not_found_offers_what_the_same_customer_paid(self):
        near, far, nearest = (self.collect(amount) for amount in (90, 400, 101))
        self.collect(100.5, partner=self.other_customer)
        for told in (
            {"partner_name": "IMPIANTI ROSSI SRL"},
            {"partner_vat": "IT12345670017"},
            {"partner_iban": "IT60X0542811101000000123456"},
            {"partner_id": self.customer.id},
        ):
            self.customer.vat = told.get("partner_vat")
            if "partner_iban" in told:
                self.env["res.partner.bank"].sudo().create(
                    {
                        "acc_number": told["partner_iban"],
                        "partner_id": self.customer.id,
                    }
                )
            with self.subTest(told=told):
                line = self.match(reference="?", amount=100, **told)
                self.assertNotMatched(line, "unmatched", "No payment found")
                self.assertEqual(self.get_proposed(line), nearest + near + far)

    def test_nothing_of_it_is_chosen_by_itself(self):
        self.collect(90)
        line = self.match(reference="?", amount=100, partner_name="Rossi Impianti")
        line._match()
        self.assertNotMatched(line, "unmatched", "No payment found")
        self.assertTrue(line.candidates)

    def test_nobody_of_that_name_has_no_proposals(self):
        self.collect(90)
        for name in ("Somebody Else", "Rossi", "srl", ""):
            with self.subTest(name=name):
                line = self.match(reference="?", amount=100, partner_name=name)
                self.assertNotMatched(line, "unmatched", "No payment found")
                self.assertFalse(line.candidates)

    def test_what_came_back_already_is_not_proposed(self):
        gone, there = self.collect(90), self.collect(80)
        self.make_return(gone).action_confirm()
        line = self.match(reference="?", amount=100, partner_name="Rossi Impianti")
        self.assertEqual(self.get_proposed(line), there)
        there.action_draft()
        self.assertFalse(self.get_proposed(line))

    def test_a_new_return_and_one_without_lines_have_none(self):
        new = self.env["account.payment.return.line"].new({})
        self.assertFalse(new.candidates)
        empty = self.env["account.payment.return"].create({"journal_id": self.bank.id})
        self.assertFalse(any(each["ids"] for each in empty.line_filters))
        self.assertFalse(self.match(reference="?").candidates)

    def test_the_button_says_what_tells_the_payments_apart(self):
        payment = self.collect(950.99)
        line = self.match(reference="?", amount=900, partner_name="ROSSI IMPIANTI SRL")
        (proposed,) = line.candidates
        invoice = payment.invoice_ids.name
        self.assertTrue(proposed["label"].startswith("950.99"), proposed["label"])
        self.assertIn(f" · {invoice} · ", proposed["label"])
        self.assertNotIn("Rossi", proposed["label"])
        expected = f"{payment.name} · Rossi Impianti Srl · {invoice} · "
        self.assertTrue(proposed["tooltip"].startswith(expected), proposed["tooltip"])
        self.assertFalse(proposed["ask"])

    def test_what_was_paid_after_the_return_comes_last(self):
        before = self.pay(self.invoice(300), payment_date="2026-10-05")
        after = self.pay(self.invoice(100), payment_date="2026-10-06")
        told = {"reference": "?", "amount": 100, "partner_name": "Rossi Impianti"}
        line = self.match(**told)
        self.assertEqual(self.get_proposed(line), before + after)
        self.take(line, self.payment_item(after))
        self.assertMatched(line, after)
        reject = self.match(**told, kind="reject")
        self.assertEqual(self.get_proposed(reject)[0], before)
        line.return_id.unlink()
        reject = self.match(**told, kind="reject")
        self.assertEqual(self.get_proposed(reject), after + before)

    def test_the_number_of_queries_does_not_depend_on_the_lines(self):
        self.count_queries(2)
        few, many = self.count_queries(3), self.count_queries(30)
        self.assertLessEqual(many, few + 2)

    def count_queries(self, size):
        """The queries of showing the proposals of so many lines."""
        for number in range(size):
            self.collect(100 + number)
        returned = self.tell_lost(size)
        returned.action_match()
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        self.assertTrue(all(returned.line_ids.mapped("candidates")))
        return self.cr.sql_log_count - before

    def tell_lost(self, size):
        """A draft of lines that nothing leads to but the name of the customer."""
        told = {"partner_name": "Rossi Impianti"}
        return self.told(
            *({**told, "reference": f"?{size}-{n}", "amount": n} for n in range(size))
        )

    def test_two_hundred_lines_are_matched_and_shown_in_few_queries(self):
        for number in range(3):
            self.collect(100 + number)
        returned = self.tell_lost(200)
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        returned.action_match()
        self.env.flush_all()
        matching = self.cr.sql_log_count - before
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        self.assertTrue(all(returned.line_ids.mapped("candidates")))
        showing = self.cr.sql_log_count - before
        self.assertLess(matching, 90)
        self.assertLess(showing, 40)


@tagged("post_install", "-at_install")
class TestChoice(ChoiceCommon):
    def setUp(self):
        super().setUp()
        self.first, self.second = (self.collect(end_to_end_id="7") for _n in range(2))
        self.line = self.match(reference="7", amount=100)

    def test_one_click_chooses(self):
        self.assertEqual(self.get_proposed(self.line), self.first + self.second)
        self.take(self.line, self.payment_item(self.second))
        self.assertMatched(self.line, self.second, "Chosen by acb_clerk")
        self.assertFalse(self.line.candidates)

    def test_a_payment_without_an_entry_is_chosen_too(self):
        payment = self.first
        invoice = payment.invoice_ids
        payment.move_id.line_ids.remove_move_reconcile()
        payment.move_id.button_draft()
        payment.write({"move_id": False, "outstanding_account_id": False})
        payment.invoice_ids = invoice
        payment.sudo().state = "paid"
        line = self.line
        line._match()
        self.assertIn(payment, line.candidate_payment_ids)
        self.take(line, payment)
        self.assertEqual((line.payment_id, line.match_state), (payment, "matched"))

    def test_who_comes_later_is_told(self):
        self.take(self.line, self.payment_item(self.second))
        with self.assertRaisesRegex(UserError, "has been chosen meanwhile"):
            self.take(self.line, self.payment_item(self.first))
        self.assertEqual(self.line.payment_id, self.second)

    def test_what_is_not_proposed_is_not_chosen_by_a_click(self):
        other = self.collect(partner=self.other_customer)
        for record in (
            self.payment_item(other),
            other,
            self.first,
            self.line,
            self.env["account.move.line"].browse(0),
        ):
            with (
                self.subTest(record=record),
                self.assertRaisesRegex(UserError, "not proposed any more"),
            ):
                self.take(self.line, record)
        self.first.action_draft()
        with self.assertRaisesRegex(UserError, "not proposed any more"):
            self.take(self.line, self.line.candidate_line_ids[-1:])
        self.assertFalse(self.line.payment_id)

    def test_nothing_is_chosen_on_a_return_that_left_the_draft(self):
        self.line.return_id.action_cancel()
        with self.assertRaisesRegex(UserError, "on draft payment returns only"):
            self.take(self.line, self.payment_item(self.first))

    def test_only_who_registers_returns_chooses(self):
        other = self.env["res.company"].create({"name": "Other Company"})
        strangers = (
            self.add_user("acb_seller", "sales_team.group_sale_manager"),
            self.add_user("acb_auditor", "account.group_account_readonly"),
            self.add_user(
                "acb_foreign", "account_credit_block.group_credit_manager", other
            ),
        )
        for user in strangers:
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.take(self.line, self.payment_item(self.first), user)
        self.assertFalse(self.line.payment_id)
        self.take(self.line, self.payment_item(self.first), self.clerk)
        self.assertEqual(self.line.payment_id, self.first)

    def test_the_lines_are_filtered_by_what_is_to_be_done(self):
        returned = self.told(
            {"reference": "7", "amount": 100},
            {"reference": "NOBODY"},
            {"reference": "SKIP"},
            {"payment_id": self.first.id},
        )
        to_choose, unknown, skipped, matched = returned.line_ids
        returned.action_match()
        skipped.action_skip()
        groups = {each["name"]: each["ids"] for each in returned.line_filters}
        self.assertEqual(groups["matched"], matched.ids)
        self.assertEqual(groups["skipped"], skipped.ids)
        self.assertEqual(
            groups["duplicate"] + groups["pending"], [to_choose.id, unknown.id]
        )
        with Form(returned) as form:
            with form.line_ids.edit(1) as line:
                line.payment_id = self.second
            ids = {each["name"]: each["ids"] for each in form.line_filters}
            self.assertIn(unknown.id, ids["matched"])


@tagged("post_install", "-at_install")
class TestCustomerKept(ChoiceCommon):
    """The customer of a line is never changed without a word."""

    def setUp(self):
        super().setUp()
        self.own = self.collect(60)
        self.foreign = self.collect(100, partner=self.other_customer)
        self.line = self.told(
            {"reference": "?", "amount": 50, "partner_id": self.customer.id}
        ).line_ids

    def test_a_payment_of_another_customer_is_put_back(self):
        form = Form(self.line.return_id)
        with form.line_ids.edit(0) as line:
            line.payment_id = self.foreign
            self.assertFalse(line.payment_id)
            self.assertEqual(line.partner_id, self.customer)
            line.payment_id = self.own
            line.payment_id = self.foreign
            self.assertEqual(line.partner_id, self.customer)
        values = {"payment_id": self.foreign.id}
        spec = {"payment_id": {}, "partner_id": {}}
        answer = self.line.onchange(values, ["payment_id"], spec)
        self.assertIn("Bianchi Carlo", answer["warning"]["message"])
        self.assertIn("Rossi Impianti Srl", answer["warning"]["message"])

    def test_another_one_than_the_chosen_is_put_back_to_it(self):
        self.line.payment_id = self.own
        form = Form(self.line.return_id)
        with form.line_ids.edit(0) as line:
            line.payment_id = self.foreign
            self.assertEqual(line.payment_id, self.own)
        self.assertEqual(form.save().line_ids.move_line_id, self.payment_item(self.own))

    def test_programs_are_refused(self):
        item = self.payment_item(self.foreign)
        for values in ({"payment_id": self.foreign.id}, {"move_line_id": item.id}):
            with self.subTest(values=values):
                with self.assertRaises(ValidationError) as refused:
                    self.rpc(
                        self.clerk, self.line._name, "write", self.line.ids, values
                    )
                self.assertRegex(
                    str(refused.exception), "Bianchi Carlo.*Rossi Impianti"
                )
        self.assertEqual(self.line.partner_id, self.customer)
        values = {"payment_id": self.foreign.id, "partner_id": self.other_customer.id}
        self.rpc(self.clerk, self.line._name, "write", self.line.ids, values)
        self.assertEqual(self.line.payment_id, self.foreign)

    def test_a_payment_goes_with_its_customer(self):
        self.line.payment_id = self.own
        form = Form(self.line.return_id)
        with form.line_ids.edit(0) as line:
            line.partner_id = self.other_customer
            self.assertFalse(line.payment_id)
            line.payment_id = self.foreign
        returned = form.save()
        self.assertMatched(returned.line_ids, self.foreign)
        with self.assertRaisesRegex(ValidationError, "Bianchi Carlo"):
            returned.line_ids.partner_id = self.customer

    def test_a_line_without_a_customer_takes_the_payments(self):
        with Form(self.env["account.payment.return"]) as form:
            form.journal_id = self.bank
            with form.line_ids.new() as line:
                line.payment_id = self.foreign
                self.assertEqual(line.partner_id, self.other_customer)
        self.assertMatched(form.record.line_ids, self.foreign)

    def test_who_the_bank_names_is_asked_about(self):
        line = self.told({"partner_name": "Neri Sas", "amount": 50}).line_ids
        spec = {"payment_id": {}, "partner_id": {}}
        values = {"payment_id": self.foreign.id}
        answer = line.onchange(values, ["payment_id"], spec)
        self.assertIn("The bank names Neri Sas", answer["warning"]["message"])
        self.assertEqual(answer["value"]["partner_id"], self.other_customer.id)
        line.partner_name = "CARLO BIANCHI"
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertNotIn("warning", line.onchange(values, ["payment_id"], spec))

    def test_a_proposal_of_another_customer_asks_first(self):
        self.foreign.end_to_end_id = "FT-1"
        line = self.match(end_to_end_id="FT-1", partner_name="Neri Sas", amount=100)
        (proposed,) = line.candidates
        number = self.foreign.invoice_ids.name or self.foreign.name
        self.assertRegex(proposed["label"], rf"{number} · .* · Bianchi Carlo$")
        self.assertIn("The bank names Neri Sas", proposed["ask"])
        line.partner_id = self.customer
        self.assertIn("The line is of Rossi Impianti Srl", line.candidates[0]["ask"])
        self.take(line, self.payment_item(self.foreign))
        self.assertMatched(line, self.foreign)

    def test_the_dialog_asks_too(self):
        action = self.line.action_choose_candidate()
        dialog = self.env[action["res_model"]].browse(action["res_id"])
        self.assertFalse(dialog.doubt)
        dialog.payment_id = self.own
        self.assertFalse(dialog.doubt)
        dialog.payment_id = self.foreign
        self.assertIn("this payment is of Bianchi Carlo", dialog.doubt)
        dialog.action_choose_payment()
        self.assertMatched(self.line, self.foreign)

    def test_a_contact_of_the_customer_is_the_customer(self):
        contact = self.env["res.partner"].create(
            {"name": "Mario", "parent_id": self.customer.id}
        )
        self.line.partner_id = contact
        self.line.payment_id = self.own
        self.assertEqual(self.line.partner_id, self.customer)


@tagged("post_install", "-at_install")
class TestPaymentField(ChoiceCommon):
    """The payment is known, and looked for, by all that is said of it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.payment = cls.collect(950.99)
        cls.payment_other = cls.collect(1234.5, partner=cls.other_customer)
        cls.both = cls.payment + cls.payment_other

    def find(self, text, domain=(), user=None, **context):
        """Ids of the test's payments that the field offers for some words."""
        found = self.rpc(
            user or self.clerk,
            "account.payment",
            "name_search",
            text,
            [("id", "in", self.both.ids), *domain],
            context={"payment_return_label": True, **context},
        )
        return self.env["account.payment"].browse(id_ for id_, _name in found)

    def test_it_says_number_customer_invoice_day_and_amount(self):
        label = self.payment.with_context(payment_return_label=True).display_name
        parts = label.split(" · ")
        self.assertEqual(parts[0], self.payment.name)
        self.assertEqual(parts[1], "Rossi Impianti Srl")
        self.assertEqual(parts[2], self.payment.invoice_ids.name)
        self.assertEqual(parts[3], f"{self.payment.date.day} {self.payment.date:%b}")
        self.assertIn("950.99", parts[4])
        self.assertEqual(self.payment.display_name, self.payment.name)

    def test_it_is_found_by_each_of_them(self):
        label = self.payment.with_context(payment_return_label=True).display_name
        day = self.payment.date
        for text in (
            self.payment.name,
            "rossi",
            "impianti rossi",
            self.payment.invoice_ids.name,
            "950.99",
            "950,99",
            "950",
            "rossi 950,99",
            f"rossi {day:%m/%d/%Y}",
            f"rossi {day:%m/%d}",
            f"rossi {day.day} {day:%b}",
            f"rossi {day.day} {day:%B} {day.year}",
            label,
        ):
            with self.subTest(text=text):
                self.assertEqual(self.find(text), self.payment)
        for text in ("1234.5", "1,234.50", "1.234,50", "1234", "€1234"):
            with self.subTest(text=text):
                self.assertEqual(self.find(text), self.payment_other)
        for text in ("rossi 1234.5", "951", "99", "rossi bianchi", "31/31/2026"):
            with self.subTest(text=text):
                self.assertFalse(self.find(text))
        self.assertEqual(self.find(""), self.both.sorted("id", reverse=True))

    def test_elsewhere_payments_are_called_and_found_as_ever(self):
        found = self.rpc(self.clerk, "account.payment", "name_search", "rossi")
        self.assertFalse(found)
        found = self.rpc(
            self.clerk, "account.payment", "name_search", self.payment.name
        )
        self.assertIn((self.payment.id, self.payment.name), map(tuple, found))

    def test_those_of_the_bank_come_alone_where_there_are_any(self):
        cash = self.company_data["default_journal_cash"]
        in_cash = self.pay(self.invoice(70), journal_id=cash.id)
        self.both += in_cash
        for journal, text, expected in (
            (self.bank, "rossi", self.payment),
            (cash, "rossi", in_cash),
            (cash, "bianchi", self.payment_other),
            (self.bank, "70", in_cash),
        ):
            with self.subTest(journal=journal.name, text=text):
                found = self.find(text, payment_return_bank=journal.id)
                self.assertEqual(found, expected)
        self.assertEqual(self.find("rossi"), in_cash + self.payment)
        for wrong in ("x", [1], {"id": 1}, True, -1):
            self.assertEqual(len(self.find("", payment_return_bank=wrong)), 3)

    def test_the_line_offers_those_of_its_customer(self):
        line = self.told({"partner_id": self.customer.id, "reference": "?"}).line_ids
        expression = line._fields["payment_id"].domain
        values = {
            "return_company_id": self.company.id,
            "commercial_partner_id": line.commercial_partner_id.id,
        }
        domain = safe_eval(expression, values)
        self.assertEqual(self.find("", domain), self.payment)
        domain = safe_eval(expression, {**values, "commercial_partner_id": False})
        self.assertEqual(len(self.find("", domain)), 2)

    def test_nothing_is_found_of_what_one_may_not_see(self):
        other = self.env["res.company"].create({"name": "Other Company"})
        groups = "account_credit_block.group_credit_manager"
        foreign = self.add_user("acb_foreign", groups, other)
        for text in ("rossi", "950.99", self.payment.name, ""):
            with self.subTest(text=text):
                self.assertFalse(self.find(text, user=foreign))
        seller = self.add_user("acb_seller", "sales_team.group_sale_salesman")
        with self.assertRaises(AccessError):
            self.find("rossi", user=seller)


@tagged("post_install", "-at_install")
class TestPaymentFieldBranch(ChoiceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.add_branch()

    def test_an_invoice_of_a_branch_is_told_to_who_works_there(self):
        invoice = self.invoice(70, company_id=self.branch.id)
        payment = self.pay(self.invoice(70))
        item = self.payment_item(payment)
        item.remove_move_reconcile()
        debt = invoice.line_ids.filtered(lambda i: i.account_id == item.account_id)
        (item + debt).reconcile()
        seen = payment.with_context(payment_return_label=True)
        self.assertIn(invoice.name, seen.display_name)
        hidden = payment.with_user(self.clerk).with_context(
            payment_return_label=True, allowed_company_ids=self.company.ids
        )
        self.env.invalidate_all()
        self.assertIn(payment.name, hidden.display_name)
        self.assertNotIn(invoice.name, hidden.display_name)
        line = self.told({"partner_name": "Rossi Impianti", "amount": 60}).line_ids
        line._match()
        line = line.with_env(hidden.env)
        self.assertIn(payment.name, str(line.candidates))
