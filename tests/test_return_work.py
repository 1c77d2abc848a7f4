from datetime import timedelta
from html import unescape

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged

from ..parsers.iban import make_italian_iban
from .common import new_user
from .common_presentations import HIS_BANK, PresentationCommon
from .common_rpc import RpcMixin

TASK = "account.payment.return.task"
REASON = "account_credit_block.payment_return_reason_{}"


class ReturnWorkCommon(RpcMixin, PresentationCommon):
    """Collections that came back, and who works them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.clerk, cls.manager, cls.seller, cls.auditor, cls.biller = (
            cls._add_user(login, group)
            for login, group in (
                ("clerk", "account_credit_block.group_credit_user"),
                ("manager", "account_credit_block.group_credit_manager"),
                ("seller", "sales_team.group_sale_salesman"),
                ("auditor", "account.group_account_readonly"),
                ("biller", "account.group_account_invoice"),
            )
        )

    @classmethod
    def _add_user(cls, login, group):
        return new_user(cls.env, f"work_{login}", group, cls.company)

    @classmethod
    def bring_back(cls, code="am04", partner=None, amount=100.0, **values):
        """Confirm a return of a paid invoice, for a reason.

        :return: what is to be done about it, as the clerk sees it
        """
        payment = cls.pay(cls.bill(amount, partner=partner, **values))
        returned = cls.make_return(
            payment,
            date=cls.today,
            line_reason_id=cls.env.ref(REASON.format(code)).id,
        )
        returned.action_confirm()
        return cls.tasks_of(returned)

    @classmethod
    def bring_back_receipt(cls, bill, code="am04"):
        """Present an invoice, and confirm that its receipt came back."""
        presentation = cls.present(bill)
        returned = cls.make_return(
            presentation.payment_ids,
            date=cls.today,
            line_reason_id=cls.env.ref(REASON.format(code)).id,
        )
        returned.action_confirm()
        return cls.tasks_of(returned)

    @classmethod
    def tasks_of(cls, returned, user=None):
        tasks = returned.line_ids.sudo().task_ids
        return tasks.with_user(user or cls.clerk).sudo(False)

    def assertEnded(self, task, ending):
        """It has ended so, the searches say the same, and False is to be done."""
        task.invalidate_recordset()
        self.assertEqual(task.ending, ending)
        found = task.search([("id", "=", task.id), ("state", "=", "todo")])
        self.assertEqual(bool(found), not ending)
        done = task.search([("id", "=", task.id), ("state", "!=", "todo")])
        self.assertEqual(bool(done), bool(ending))
        found = task.search([("id", "=", task.id), ("ending", "=", ending)])
        self.assertEqual(found, task)


@tagged("post_install", "-at_install")
class TestReturnWork(ReturnWorkCommon):
    # === WHAT IS TO BE DONE === #

    def test_the_reason_says_what_is_to_be_done(self):
        steps = {
            "am04": "present",
            "ac01": "fix",
            "ms02": "contact",
            "am14": "plan",
            "ac16": "legal",
        }
        for code, step in steps.items():
            with self.subTest(code):
                task = self.bring_back(code)
                self.assertEqual(task.step, step)
                self.assertEqual(task.state, "todo")
                self.assertEqual(task.return_line_id.next_step, step)

    def test_a_draft_says_what_would_be_to_do(self):
        draft = self.make_return(self.pay(self.bill()))
        self.assertEqual(draft.line_ids.next_step, "present")
        self.assertFalse(draft.line_ids.task_ids)
        self.assertEqual(draft.task_count, 0)
        draft.action_confirm()
        self.assertEqual(draft.task_count, 1)

    def test_what_came_back_without_a_reason_asks_for_a_call(self):
        draft = self.make_return(self.pay(self.bill()), line_reason_id=False)
        self.assertFalse(draft.line_ids.next_step)
        draft.action_confirm()
        self.assertEqual(self.tasks_of(draft).step, "contact")

    def test_a_step_that_a_person_chose_stays(self):
        task = self.bring_back("am04")
        task.step = "legal"
        self.reason_funds.sudo().next_step = "contact"
        self.assertEqual(task.step, "legal")
        self.assertEqual(task.return_line_id.next_step, "legal")

    def test_what_is_booked_before_keeps_its_step_when_the_reason_changes(self):
        task = self.bring_back("am04")
        self.reason_funds.sudo().next_step = "contact"
        self.assertEqual(task.step, "present")
        self.assertEqual(self.bring_back("am04").step, "contact")

    # === IT ENDS BY ITSELF === #

    def test_it_ends_when_the_invoice_is_paid_and_begins_anew_when_that_is_undone(self):
        task = self.bring_back()
        self.assertEnded(task, False)
        payment = self.pay(task.return_line_id.invoice_ids.sudo(False))
        self.assertEnded(task, "settled")
        self.payment_item(payment).remove_move_reconcile()
        self.assertEnded(task, False)

    def test_a_part_that_is_paid_ends_nothing(self):
        task = self.bring_back()
        self.pay(task.return_line_id.invoice_ids.sudo(False), amount=40.0)
        self.assertEnded(task, False)

    def test_it_ends_when_the_invoice_is_credited(self):
        task = self.bring_back()
        invoice = task.return_line_id.sudo().invoice_ids
        reversal = self.env["account.move.reversal"].with_context(
            active_model="account.move", active_ids=invoice.ids
        )
        wizard = reversal.create({"journal_id": invoice.journal_id.id})
        wizard.refund_moves()
        # It is reconciled with its invoice then.
        wizard.new_move_ids.action_post()
        self.assertEnded(task, "settled")

    def test_it_ends_when_the_return_is_cancelled(self):
        task = self.bring_back()
        task.return_id.sudo().action_cancel()
        self.assertEnded(task, "cancelled")

    def test_it_ends_when_it_is_presented_again_and_not_when_that_is_withdrawn(self):
        for is_booked in (True, False):
            with self.subTest(is_booked=is_booked):
                if not is_booked:
                    self.without_entry()
                bill = self.bill()
                task = self.bring_back_receipt(bill)
                self.assertEnded(task, False)
                again = self.present(bill)
                self.assertEnded(task, "presented")
                again.action_cancel()
                self.assertEnded(task, False)

    def test_what_comes_back_again_is_one_thing_to_do(self):
        bill = self.bill()
        first = self.bring_back_receipt(bill)
        second = self.bring_back_receipt(bill, "ms02")
        self.assertEnded(first, "again")
        self.assertEnded(second, False)
        second.action_done()
        self.assertEnded(first, "again")

    def test_money_on_account_that_came_back_is_done_by_hand(self):
        payment = self.env["account.payment"].create(
            {
                "amount": 50.0,
                "partner_id": self.customer.id,
                "journal_id": self.bank.id,
                "date": self.today,
            }
        )
        payment.action_post()
        returned = self.make_return(payment, date=self.today)
        returned.action_confirm()
        task = self.tasks_of(returned)
        self.assertEnded(task, False)
        task.action_done()
        self.assertEnded(task, "by_hand")

    # === BY HAND === #

    def test_several_are_done_at_once_by_a_credit_user(self):
        tasks = self.bring_back() | self.bring_back("ac01") | self.bring_back("ms02")
        tasks[2].activity_schedule("mail.mail_activity_data_call")
        self.rpc(self.clerk, TASK, "action_done", tasks.ids)
        self.assertEqual(set(tasks.mapped("ending")), {"by_hand"})
        self.assertEqual(tasks.done_by_id, self.clerk)
        self.assertFalse(tasks.activity_ids)
        self.rpc(self.clerk, TASK, "action_reopen", tasks.ids)
        self.assertEqual(set(tasks.mapped("state")), {"todo"})
        self.assertFalse(tasks.done_by_id)

    def test_what_has_ended_by_itself_is_not_opened_by_hand(self):
        task = self.bring_back()
        task.return_id.sudo().action_cancel()
        with self.assertRaisesRegex(UserError, "Return cancelled"):
            task.action_reopen()

    def test_who_takes_it_finds_it_among_his(self):
        tasks = self.bring_back() | self.bring_back()
        self.rpc(self.clerk, TASK, "action_take", tasks[0].ids)
        mine = tasks.search([("responsible_id", "=", self.clerk.id)])
        self.assertEqual(mine & tasks, tasks[0])

    def test_responsible_is_who_can_see_it(self):
        task = self.bring_back()
        task.responsible_id = self.manager
        for user in (self.seller, self.auditor, self.biller):
            with self.subTest(user.login), self.assertRaises(ValidationError):
                task.responsible_id = user

    def test_who_keeps_the_books_reads_it_and_credit_users_work_it(self):
        task = self.bring_back()
        for user in (self.auditor, self.biller):
            with self.subTest(user.login):
                self.assertEqual(task.with_user(user).step, "present")
                for name in ("action_done", "action_take", "action_do_step"):
                    with self.assertRaises(AccessError):
                        self.rpc(user, TASK, name, task.ids)
                with self.assertRaises(AccessError):
                    self.rpc(user, TASK, "write", task.ids, {"step": "legal"})
        with self.assertRaises(AccessError):
            self.rpc(self.seller, TASK, "read", task.ids, ["step"])
        self.rpc(self.clerk, TASK, "write", task.ids, {"step": "legal"})
        self.assertEqual(task.step, "legal")

    def test_nobody_enters_what_the_buttons_fill_in(self):
        task = self.bring_back()
        for values in (
            {"done_on": "2026-01-01 00:00:00"},
            {"done_by_id": self.manager.id},
            {"return_line_id": self.bring_back().return_line_id.id},
        ):
            with self.subTest(values), self.assertRaises(UserError):
                self.rpc(self.clerk, TASK, "write", task.ids, values)
        with self.assertRaises(UserError):
            line = task.return_line_id
            self.rpc(self.clerk, TASK, "create", [{"return_line_id": line.id}])
        with self.assertRaises(AccessError):
            self.rpc(self.clerk, TASK, "unlink", task.ids)

    def test_other_companies_see_nothing_of_it(self):
        task = self.bring_back()
        other = self.env["res.company"].sudo().create({"name": "Elsewhere"})
        user = new_user(
            self.env, "work_other", "account_credit_block.group_credit_manager", other
        )
        self.assertNotIn(task, task.with_user(user).search([]))
        with self.assertRaises(AccessError):
            task.with_user(user).read(["step"])

    def test_what_is_overdue_is_found(self):
        task = self.bring_back()
        late = [("date_deadline", "<", self.today), ("state", "=", "todo")]
        self.assertNotIn(task, task.search(late))
        task.date_deadline = self.today - timedelta(days=1)
        self.assertIn(task, task.search(late))

    def test_each_way_of_asking_finds_what_is_to_be_done(self):
        todo, done = self.bring_back(), self.bring_back("ms02")
        done.action_done()
        for name, value in (("state", "done"), ("ending", "by_hand")):
            for operator, wanted, found in (
                ("=", value, done),
                ("!=", value, todo),
                ("in", [value], done),
                ("not in", [value], todo),
                ("in", [value, "nonsense", 7], done),
                ("in", ["nonsense", 7], todo.browse()),
                ("not in", ["nonsense"], todo | done),
                ("in", [], todo.browse()),
            ):
                with self.subTest(name, operator=operator, wanted=wanted):
                    self.assertFound(todo | done, (name, operator, wanted), found)
            for operator in ("ilike", "=like", "<", ">="):
                refused = self.assertRaisesRegex(UserError, "Unsupported operator")
                with self.subTest(name, operator=operator), refused:
                    todo.search([(name, operator, value)])
        for name, unset, found in (
            ("state", "=", todo.browse()),
            ("state", "!=", todo | done),
            ("ending", "=", todo),
            ("ending", "!=", done),
        ):
            with self.subTest(name, operator=unset, wanted=False):
                self.assertFound(todo | done, (name, unset, False), found)

    def assertFound(self, records, condition, found):
        """Of these records a condition finds those, and filters the same."""
        domain = [("id", "in", records.ids), condition]
        self.assertEqual(records.search(domain), found)
        self.assertEqual(records.filtered_domain([condition]), found)

    # === PRESENT AGAIN === #

    def test_presenting_again_opens_a_draft_on_a_new_due_date(self):
        late = self.bring_back(due=-40)
        soon = self.bring_back(due=60)
        action = self.rpc(self.clerk, TASK, "action_do_step", (late | soon).ids)
        draft = self.env[action["res_model"]].browse(action["res_id"])
        self.assertEqual(draft.state, "draft")
        items = (late | soon).return_line_id.sudo().invoice_line_ids
        self.assertEqual(draft.line_ids.move_line_id, items)
        self.assertEqual(
            draft.line_ids.mapped("due_date"), [self.day(15), self.day(60)]
        )
        self.assertFalse(draft.line_ids.filtered("problem"))
        draft.with_user(self.clerk).action_present()
        self.assertEqual(set((late | soon).mapped("ending")), {"presented"})

    def test_what_the_reason_bars_is_not_presented_again(self):
        task = self.bring_back("ac06")
        task.step = "present"
        with self.assertRaisesRegex(UserError, "AC06.*Choose another step"):
            task.action_do_step()
        self.assertTrue(self.bring_back("am04").action_do_step())

    def test_steps_are_done_one_at_a_time(self):
        tasks = self.bring_back("am04") | self.bring_back("ms02")
        with self.assertRaisesRegex(UserError, "Several steps"):
            tasks.action_do_step()
        tasks[0].action_done()
        # What is done already is left out.
        self.assertEqual(tasks.action_do_step()["res_model"], "mail.activity.schedule")
        tasks[1].action_done()
        with self.assertRaisesRegex(UserError, "Nothing of it"):
            tasks.action_do_step()

    # === CONTACT, PAYMENT PLAN === #

    def test_contact_and_payment_plan_are_planned_as_activities(self):
        for code, name in (("ms02", "contact"), ("am14", "plan")):
            with self.subTest(code):
                tasks = self.bring_back(code) | self.bring_back(code)
                self._plan(tasks)
                kind = self.env.ref(
                    f"account_credit_block.mail_activity_type_return_{name}"
                )
                planned = tasks.sudo().activity_ids
                self.assertEqual(len(planned), 2)
                self.assertEqual(planned.activity_type_id, kind)
                self.assertEqual(planned.user_id, self.clerk)
                tasks.action_done()
                self.assertFalse(tasks.sudo().activity_ids)

    def _plan(self, tasks):
        """Do what the dialog of the step proposes."""
        action = tasks.action_do_step()
        dialog = Form(
            self.env[action["res_model"]]
            .with_user(self.clerk)
            .with_context(**action["context"])
        )
        dialog.save().action_schedule_activities()

    # === LEGAL === #

    def test_a_manager_is_proposed_the_level_after_the_one_in_force(self):
        task = self.bring_back("ac16").with_user(self.manager)
        levels = self.env["credit.block.level"].search([])
        customer = self.customer.with_company(self.company)
        now = customer.sudo().credit_block_level_id
        action = task.action_do_step()
        self.assertEqual(action["res_model"], "credit.block.change")
        dialog = Form(
            self.env[action["res_model"]]
            .with_user(self.manager)
            .with_context(**action["context"])
        )
        after = levels.filtered(lambda level: level.sequence > now.sequence)[:1]
        self.assertTrue(now)
        self.assertEqual(dialog.level_id, after)
        self.assertIn(task.return_id.name, dialog.reason)
        dialog.save().action_apply()
        customer.invalidate_recordset()
        self.assertEqual(customer.credit_block_level_id, after)
        self.assertEqual(task.state, "todo")

    def test_a_credit_user_plans_that_a_manager_decides(self):
        task = self.bring_back("ac16")
        action = task.action_do_step()
        self.assertEqual(action["res_model"], "mail.activity.schedule")
        with self.assertRaises(AccessError):
            self.env["credit.block.change"].with_user(self.clerk).create({})


@tagged("post_install", "-at_install")
class TestReturnWorkBankData(ReturnWorkCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account = cls.customer.bank_ids

    def fix(self, code="ac01"):
        """A receipt that came back because of the account."""
        return self.bring_back_receipt(self.bill(), code)

    def test_an_account_of_which_the_bank_says_so_is_unfit(self):
        self.assertFalse(self.account.is_unfit)
        task = self.fix()
        self.assertTrue(self.account.is_unfit)
        self.assertIn("malformed", self.account.unfit_text)
        self.assertIn(self.account.acc_number, self.customer.unfit_accounts_text)
        self.assertFalse(self.other_customer.bank_ids.is_unfit)
        self.assertEqual(task.action_do_step()["res_id"], self.account.id)

    def test_no_account_is_unfit_for_another_reason(self):
        self.fix("am04")
        self.assertFalse(self.account.is_unfit)

    def test_the_number_that_the_bank_tells_finds_the_account_of_the_customer(self):
        twin = self.account.sudo().copy({"partner_id": self.other_customer.id})
        told = self.account.acc_number
        self.tell(f"{told[:4]} {told[4:].lower()}")
        self.assertTrue(self.account.is_unfit)
        self.assertFalse(twin.is_unfit)

    def test_a_bank_is_not_asked_to_collect_from_it(self):
        self.fix()
        draft = self.choose(self.bill())
        self.assertIn("Unfit for collection since", draft.line_ids.problem)
        with self.assertRaisesRegex(UserError, "Unfit for collection since"):
            draft.action_present()
        self.rpc(self.clerk, "res.partner.bank", "action_mark_fit", self.account.ids)
        self.env.invalidate_all()
        self.assertFalse(draft.line_ids.problem)
        draft.action_present()
        self.assertPresented(draft, 1)

    def test_another_account_of_the_customer_is_taken(self):
        self.fix()
        iban = make_italian_iban(HIS_BANK, "01600", "777")
        self.customer.sudo().bank_ids = [Command.create({"acc_number": iban})]
        draft = self.choose(self.bill())
        self.assertEqual(draft.line_ids.partner_bank_id.sanitized_acc_number, iban)
        self.assertFalse(draft.line_ids.problem)

    def test_a_new_number_is_fit_and_what_came_back_is_presented_again(self):
        task, barred = self.fix(), self.bring_back("ag01")
        self.assertEqual((task.step, barred.step), ("fix", "fix"))
        number = make_italian_iban(HIS_BANK, "01600", "888")
        before, self.account.sudo().acc_number = self.account.acc_number, number
        self.assertFalse(self.account.is_unfit)
        self.assertFalse(self.customer.unfit_accounts_text)
        self.assertEqual((task.step, barred.step), ("present", "contact"))
        self.account.sudo().acc_number = before
        self.assertTrue(self.account.is_unfit)

    def test_a_new_account_lets_it_go_on_too(self):
        task = self.fix()
        self.env["res.partner.bank"].sudo().create(
            {
                "acc_number": make_italian_iban(HIS_BANK, "01600", "999"),
                "partner_id": self.customer.id,
            }
        )
        self.assertEqual(task.step, "present")
        self.assertTrue(self.account.is_unfit)

    def test_a_cancelled_return_takes_it_back(self):
        task = self.fix()
        task.return_id.sudo().action_cancel()
        self.assertFalse(self.account.is_unfit)

    def test_a_step_that_a_person_chose_marks_it_too(self):
        task = self.fix("am04")
        task.step = "fix"
        self.assertTrue(self.account.is_unfit)

    def test_a_credit_user_says_that_it_is_fit_and_nobody_else(self):
        task = self.fix()
        bank = "res.partner.bank"
        for user in (self.auditor, self.biller, self.seller):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.rpc(user, bank, "action_mark_fit", self.account.ids)
        self.assertTrue(self.account.is_unfit)
        self.rpc(self.clerk, bank, "action_mark_fit", self.account.ids)
        self.env.invalidate_all()
        self.assertFalse(self.account.is_unfit)
        self.assertEqual(task.step, "present")

    def test_nobody_enters_that_an_account_is_unfit(self):
        self.manager.group_ids |= self.env.ref("base.group_partner_manager")
        line, numbers = self.fix().return_line_id, "credit.unfit.number"
        values = {"number": "IT00", "return_line_id": line.id}
        values["partner_id"] = self.customer.id
        with self.assertRaises(AccessError):
            self.rpc(self.manager, numbers, "create", [values])
        told = self.env[numbers].sudo().search([("return_line_id", "=", line.id)])
        self.assertEqual(told.number, self.account.sanitized_acc_number)
        for method in ("read", "unlink"):
            with self.subTest(method), self.assertRaises(AccessError):
                self.rpc(self.manager, numbers, method, told.ids)
        bank = "res.partner.bank"
        self.rpc(self.manager, bank, "write", self.account.ids, {"note": "Called"})

    # === THE WHOLE CUSTOMER === #

    def hold_too(self, name="Accounting"):
        """The same number on a contact of the customer, of both."""
        contact = self.env["res.partner"].create(
            {"name": name, "parent_id": self.customer.id}
        )
        return self.account.sudo().copy({"partner_id": contact.id})

    def test_a_number_is_unfit_wherever_the_customer_holds_it(self):
        held = self.hold_too()
        stranger = self.account.sudo().copy({"partner_id": self.other_customer.id})
        task = self.fix()
        later = self.hold_too("Warehouse")
        self.assertEqual(task.step, "fix", "the same number again mends nothing")
        for account in (self.account, held, later):
            self.assertTrue(account.is_unfit)
            self.assertIn("malformed", account.unfit_text)
        self.assertFalse(stranger.is_unfit)
        self.rpc(self.clerk, "res.partner.bank", "action_mark_fit", held.ids)
        self.env.invalidate_all()
        self.assertFalse((self.account | held | later).filtered("is_unfit"))
        self.assertEqual(task.step, "present")

    def test_a_number_that_one_contact_has_corrected_is_unfit_with_the_others(self):
        held = self.hold_too()
        self.fix()
        self.account.sudo().acc_number = make_italian_iban(HIS_BANK, "01600", "888")
        self.assertFalse(self.account.is_unfit)
        self.assertTrue(held.is_unfit)

    def tell(self, number):
        """A return for which the bank tells the number of the customer."""
        returned = self.make_return(
            self.pay(self.bill()), date=self.today, line_reason_id=self.reason_iban.id
        )
        returned.line_ids.partner_iban = number
        returned.action_confirm()
        return returned

    def test_an_account_known_later_is_unfit_from_the_start(self):
        number = self.account.acc_number
        self.account.sudo().acc_number = make_italian_iban(HIS_BANK, "01600", "888")
        self.tell(number)
        later = self.env["res.partner.bank"].sudo()
        later = later.create({"acc_number": number, "partner_id": self.customer.id})
        self.assertTrue(later.is_unfit)
        self.assertFalse(self.account.is_unfit)

    def test_of_two_returns_that_say_it_one_is_cancelled(self):
        number = self.account.acc_number
        first, second = self.tell(number), self.tell(number)
        first.action_cancel()
        self.assertTrue(self.account.is_unfit)
        second.action_cancel()
        self.assertFalse(self.account.is_unfit)

    def test_it_counts_for_every_company_and_is_told_where_the_return_is_seen(self):
        self.fix()
        other = self.env["res.company"].sudo().create({"name": "Elsewhere"})
        group = "account_credit_block.group_credit_manager"
        stranger = new_user(self.env, "work_elsewhere", group, other)
        names = ["is_unfit", "unfit_text"]
        seller = "sales_team.group_sale_salesman"
        seller = new_user(self.env, "work_salesperson", seller, self.company)
        for user, companies, text in (
            (self.clerk, self.company, "malformed"),
            (stranger, other, "a bank has said so"),
            (seller, self.company, "a bank has said so"),
        ):
            with self.subTest(user.login):
                bank = self.account.with_user(user).sudo(False)
                bank = bank.with_context(allowed_company_ids=companies.ids)
                self.env.invalidate_all()
                [row] = bank.read(names)
                self.assertTrue(row["is_unfit"])
                self.assertIn(text, row["unfit_text"])
                customer = self.customer.with_env(bank.env)
                self.assertIn(text, customer.unfit_accounts_text)
        forged = self.account.with_user(stranger).sudo(False)
        with self.assertRaises(AccessError):
            forged.with_context(allowed_company_ids=self.company.ids).read(names)
        for message in self.account.sudo().message_ids:
            self.assertNotIn("malformed", message.body)

    def test_each_way_of_asking_finds_what_is_unfit(self):
        held = self.hold_too()
        fit = self.other_customer.bank_ids
        self.fix()
        unfit = self.account | held
        for operator, value, found in (
            ("=", True, unfit),
            ("=", False, fit),
            ("!=", True, fit),
            ("!=", False, unfit),
            ("in", [True], unfit),
            ("not in", [True], fit),
            ("in", [True, False], unfit | fit),
            ("not in", [True, False], fit.browse()),
        ):
            with self.subTest(operator=operator, value=value):
                domain = [
                    ("id", "in", (unfit | fit).ids),
                    ("is_unfit", operator, value),
                ]
                self.assertEqual(set(fit.search(domain)), set(found))

    # === THE STEP === #

    def test_of_several_accounts_the_list_is_opened_with_those_of_contacts(self):
        held = self.hold_too()
        task = self.fix()
        action = task.action_do_step()
        accounts = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual(set(accounts), set(self.account | held))
        self.assertEqual(action["context"], {"default_partner_id": self.customer.id})

    def test_without_a_known_account_one_is_entered_there(self):
        self.account.sudo().active = False
        task = self.bring_back("ac01")
        action = task.action_do_step()
        self.assertEqual(action["res_model"], "res.partner.bank")
        self.assertFalse(self.env["res.partner.bank"].search(action["domain"]))
        self.manager.group_ids |= self.env.ref("base.group_partner_manager")
        accounts = self.env["res.partner.bank"].with_context(**action["context"])
        number = make_italian_iban(HIS_BANK, "01600", "888")
        account = accounts.with_user(self.manager).create({"acc_number": number})
        self.assertEqual(account.partner_id, self.customer)
        self.assertEqual(task.step, "present")

    def test_of_several_customers_all_accounts_are_opened(self):
        tasks = self.fix() | self.bring_back("ac01", partner=self.other_customer)
        action = tasks.action_do_step()
        accounts = self.env["res.partner.bank"].search(action["domain"])
        owners = self.customer | self.other_customer
        self.assertEqual(accounts.partner_id, owners)
        self.assertFalse(action["context"])


@tagged("post_install", "-at_install")
class TestReturnWorkTelling(ReturnWorkCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.second_seller = cls._add_user(
            "second_seller", "sales_team.group_sale_salesman"
        )
        cls.kind = cls.env.ref("account_credit_block.mail_activity_type_came_back")

    def bring_back_sold(self, *sold):
        """Confirm one return of invoices.

        :param sold: pairs of a customer and who sold the invoice
        """
        payments = self.env["account.payment"]
        for partner, user in sold:
            bill = self.bill(partner=partner, invoice_user_id=user.id)
            payments |= self.pay(bill)
        returned = self.make_return(payments, date=self.today)
        returned.action_confirm()
        return returned

    def told(self, partner):
        domain = [
            ("res_model", "=", "res.partner"),
            ("res_id", "=", partner.id),
            ("activity_type_id", "=", self.kind.id),
        ]
        return self.env["mail.activity"].sudo().search(domain)

    def test_who_sold_is_told_once_a_customer_and_return(self):
        returned = self.bring_back_sold(
            (self.customer, self.seller),
            (self.customer, self.seller),
            (self.other_customer, self.seller),
            (self.customer, self.second_seller),
        )
        told = self.told(self.customer)
        self.assertEqual(set(told.user_id), set(self.seller | self.second_seller))
        self.assertEqual(len(told), 2)
        self.assertEqual(len(self.told(self.other_customer)), 1)
        note = told.filtered(lambda each: each.user_id == self.seller).note
        mine = returned.line_ids.filtered(
            lambda line: (
                line.invoice_ids.invoice_user_id == self.seller
                and line.partner_id == self.customer
            )
        )
        self.assertEqual(len(mine), 2)
        for invoice in mine.invoice_ids:
            self.assertIn(invoice.name, note)
        self.assertEqual(note.count("Not enough funds"), 2)
        self.assertIn("Present again", note)
        self.assertIn("100.00", note)

    def test_what_came_back_is_told_without_a_discount(self):
        term = self.early_discount_term()
        bill = self.bill(
            invoice_user_id=self.seller.id, invoice_payment_term_id=term.id
        )
        self.make_return(self.pay(bill), date=self.today).action_confirm()
        self.assertEqual(bill.amount_residual, 100)
        text = f"{self.company.currency_id.format(98)} came back on"
        self.assertIn(text, unescape(self.told(self.customer).note))

    def test_who_sold_reads_it_with_the_least_rights(self):
        self.bring_back_sold((self.customer, self.seller))
        told = self.told(self.customer).with_user(self.seller).sudo(False)
        self.assertIn("Not enough funds", told.note)
        told.action_done()
        self.assertFalse(self.told(self.customer))

    def test_nobody_else_reads_it_but_who_sees_returns(self):
        self.bring_back_sold((self.customer, self.seller))
        told = self.told(self.customer)
        elsewhere = self.env["res.company"].sudo().create({"name": "Elsewhere"})
        manager = "account_credit_block.group_credit_manager"
        writes = "base.group_user,base.group_partner_manager"
        keeps = f"{writes},account.group_account_invoice"
        planned = self.customer.sudo().activity_schedule(user_id=self.seller.id)
        for user, seen in (
            (self._add_user("writes", writes), planned),
            (new_user(self.env, "work_elsewhere", manager, elsewhere), planned),
            (self._add_user("keeps", keeps), planned + told),
        ):
            with self.subTest(user=user.login):
                activities = (planned + told).with_user(user).sudo(False)
                found = activities.search([("id", "in", activities.ids)])
                self.assertEqual(set(found.ids), set(seen.ids))

    def test_the_chatter_of_the_customer_does_not_repeat_it(self):
        self.bring_back_sold((self.customer, self.seller))
        told = self.told(self.customer)
        note = told.note
        told.with_user(self.seller).sudo(False).action_feedback(feedback="I called")
        message = self.customer.sudo().message_ids[0]
        self.assertIn("I called", message.body)
        self.assertNotIn("100.00", message.body)
        self.assertEqual(told.note, note)

    def test_it_is_told_in_the_language_of_who_sold(self):
        self.env["res.lang"].sudo()._activate_lang("it_IT")
        kind = self.kind.sudo().with_context(lang="it_IT")
        kind.summary = "Che cosa è tornato insoluto"
        self.reason_funds.sudo().with_context(lang="it_IT").name = "Fondi mancanti"
        self.seller.sudo().lang = "it_IT"
        self.bring_back_sold((self.customer, self.seller))
        told = self.told(self.customer)
        self.assertEqual(told.summary, "Che cosa è tornato insoluto")
        self.assertIn("Fondi mancanti", told.note)

    def test_without_a_seller_of_the_invoice_that_of_the_customer_is_told(self):
        self.customer.sudo().user_id = self.second_seller
        nobody = self.env["res.users"]
        self.bring_back_sold((self.customer, nobody))
        self.assertEqual(self.told(self.customer).user_id, self.second_seller)

    def test_who_is_gone_or_works_elsewhere_is_not_told(self):
        elsewhere = self.env["res.company"].sudo().create({"name": "Elsewhere"})
        away = new_user(
            self.env, "work_away", "sales_team.group_sale_salesman", elsewhere
        )
        gone = self._add_user("gone", "sales_team.group_sale_salesman")
        portal = self._add_user("portal", "base.group_portal")
        for user in (away, gone, portal):
            with self.subTest(user.login):
                bill = self.bill()
                bill.sudo().invoice_user_id = user
                user.sudo().active = user != gone
                self.make_return(self.pay(bill), date=self.today).action_confirm()
                self.assertFalse(self.told(self.customer))
        self.bring_back_sold((self.customer, self.seller))
        self.assertEqual(self.told(self.customer).user_id, self.seller)

    def test_nobody_is_told_where_that_is_switched_off(self):
        self.company.sudo().credit_return_tell_salesperson = False
        self.bring_back_sold((self.customer, self.seller))
        self.assertFalse(self.told(self.customer))
        self.company.sudo().credit_return_tell_salesperson = True
        self.bring_back_sold((self.customer, self.seller))
        self.assertTrue(self.told(self.customer))

    def test_the_rest_of_a_return_is_told_in_the_same_activity(self):
        returned = self.bring_back_sold((self.customer, self.seller))
        told = self.told(self.customer)
        invoice = returned.line_ids.invoice_ids
        self.assertEqual(told.note.count(invoice.name), 1)
        returned.line_ids.sudo().task_ids._tell_salespeople()
        self.assertEqual(self.told(self.customer), told)
        self.assertEqual(told.note.count(invoice.name), 2)

    def test_a_cancelled_return_is_not_told_any_more(self):
        returned = self.bring_back_sold((self.customer, self.seller))
        other = self.bring_back_sold((self.customer, self.seller))
        returned.action_cancel()
        self.assertEqual(self.told(self.customer).sudo().told_return_id, other)

    def test_no_mail_is_sent_beside_the_activity(self):
        before = self.env["mail.mail"].sudo().search([])
        self.company.sudo().credit_return_mail = False
        self.bring_back_sold((self.customer, self.seller))
        self.assertFalse(self.env["mail.mail"].sudo().search([]) - before)

    def test_many_lines_are_told_in_as_few_queries(self):
        # What Odoo asks once and keeps is asked before.
        self.count_queries(1)
        self.assertEqual(self.count_queries(2), self.count_queries(6))

    def count_queries(self, count):
        """How many queries what is to be done takes, of so many customers."""
        partners = self.env["res.partner"].create(
            [{"name": f"Customer {number}"} for number in range(count)]
        )
        returned = self.bring_back_sold(*((each, self.seller) for each in partners))
        tasks = returned.line_ids.sudo().task_ids
        activities = self.env["mail.activity"].sudo()
        activities.search([("told_return_id", "=", returned.id)]).unlink()
        tasks.unlink()
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        opened = tasks.with_env(self.env)._open(returned.line_ids)
        opened._tell_salespeople()
        self.env.flush_all()
        self.assertEqual(len(opened), count)
        return self.env.cr.sql_log_count - before
