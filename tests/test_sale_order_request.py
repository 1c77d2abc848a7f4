"""A salesperson asks for the quotation that is refused to him."""

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .common import new_user
from .common_holds import HoldCommon
from .common_rpc import RemoteCalls

SENTENCE = "They pay the old invoices next week"
REFUSED = "No quotation can be entered for this customer"
WAITING = "waiting for a decision"


class RequestCommon(RemoteCalls, HoldCommon):
    """A customer for whom nothing may be quoted, nor confirmed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.debtor = cls._create_customer("Rinaldi Macchine")
        cls.debtor._set_credit_block(cls.level_unpaid, "unpaid", cls.credit_company)
        cls.credit_company.credit_hold_user_ids = cls.user_credit_manager

    def _enter(self, partner=None, user=None, request=SENTENCE, **vals):
        """Enter a quotation as a client does, with a request unless said."""
        values = {
            "partner_id": (partner or self.debtor).id,
            "order_line": [Command.create({"product_id": self.product.id})],
            **({"credit_request": request} if request else {}),
            **vals,
        }
        order = self.enter(user or self.user_salesperson, "sale.order", **values)
        return order.with_user(user or self.user_salesperson)

    def _new_seller(self, name, company, group="group_sale_salesman"):
        return new_user(self.env, f"acb_request_{name}", f"sales_team.{group}", company)

    def _act(self, order, name, *args, user=None, **kwargs):
        return self.call(user or self.user_salesperson, order, name, *args, **kwargs)

    def _release(self, order):
        order.with_user(self.user_credit_manager)._release_hold("they have paid half")

    def _refuse(self, order, **kwargs):
        order.with_user(self.user_credit_manager)._refuse_hold("not yet", **kwargs)


@tagged("post_install", "-at_install")
class TestSaleOrderRequest(RequestCommon):
    # === ASKING === #

    def test_what_is_asked_for_is_entered_and_waits(self):
        with self.assertRaisesRegex(ValidationError, REFUSED):
            self._enter(request=None)
        order = self._enter()
        self._assert_states(order, "draft", "held")
        self.assertRecordValues(
            order.sudo().hold_ids,
            [
                {
                    "state": "held",
                    "request_text": SENTENCE,
                    "is_for_quotation": True,
                    "is_from_customer": False,
                    "handed_over_by_id": self.user_salesperson.id,
                    "responsible_id": self.user_credit_manager.id,
                    "amount_total": 10.0,
                }
            ],
        )
        self.assertEqual(order.sudo().hold_ids.reason_ids.code, "level")
        self.assertIn(SENTENCE, order.hold_banner)
        self.assertIn("Unpaid returns block", order.hold_banner)

    def test_who_decides_reads_the_request(self):
        hold = self._enter().sudo().hold_ids
        activity = hold.activity_ids
        self.assertEqual(activity.user_id, self.user_credit_manager)
        self.assertIn(SENTENCE, activity.note)
        mail = hold.message_ids.filtered(
            lambda m: "waits for your" in (m.subject or "")
        )
        self.assertIn(SENTENCE, mail.body)

    def test_a_good_customer_is_quoted_whatever_is_asked(self):
        order = self._enter(self.good_customer)
        self._assert_states(order, "draft", "none")

    def test_of_several_each_is_asked_for_by_itself(self):
        vals = {"partner_id": self.debtor.id}
        orders = self.env["sale.order"]
        with self.assertRaisesRegex(ValidationError, REFUSED):
            self._act(orders, "create", [{**vals, "credit_request": SENTENCE}, vals])
        good = {"partner_id": self.good_customer.id}
        ids = self._act(orders, "create", [{**vals, "credit_request": SENTENCE}, good])
        first, second = orders.browse(ids)
        self._assert_states(first, "draft", "held")
        self._assert_states(second, "draft", "none")

    def test_a_quotation_is_taken_to_a_blocked_customer_by_asking(self):
        order = self._enter(self.good_customer, request=None)
        vals = {"partner_id": self.debtor.id}
        with self.assertRaisesRegex(ValidationError, REFUSED):
            self._act(order, "write", vals)
        self._act(order, "write", {**vals, "credit_request": SENTENCE})
        self._assert_states(order, "draft", "held")
        self.assertEqual(order.partner_id, self.debtor)

    def test_a_copy_is_asked_for(self):
        order = self._enter()
        with self.assertRaisesRegex(ValidationError, REFUSED):
            self._act(order, "copy")
        ids = self._act(order, "copy", {"credit_request": "Once more"})
        copied = order.browse(ids)
        self._assert_states(copied, "draft", "held")
        self.assertEqual(copied.sudo().hold_ids.request_text, "Once more")

    def test_the_web_client_saves_it_with_the_form(self):
        spec = {"hold_state": {}, "partner_id": {}}
        vals = {"partner_id": self.debtor.id, "credit_request": SENTENCE}
        for handover in ("visible", "silent", "hidden"):
            with self.subTest(handover=handover):
                self.credit_company.credit_hold_handover = handover
                saved = self.rpc(
                    self.user_salesperson, "sale.order", "web_save", [], vals, spec
                )
                self.assertEqual(saved[0]["hold_state"], "held")

    def test_an_empty_sentence_asks_for_nothing(self):
        for request in ("  ", [1], 5):
            with (
                self.subTest(request=request),
                self.assertRaisesRegex(UserError, "Say in one sentence"),
            ):
                self._enter(request=request)
        with self.assertRaisesRegex(ValidationError, REFUSED):
            self._enter(request=None, credit_request="")
        order = self._enter(self.good_customer, request=None, credit_request=False)
        self._assert_states(order, "draft", "none")

    def test_who_does_not_sell_asks_for_nothing(self):
        for name in ("accountant", "portal"):
            with self.subTest(user=name), self.assertRaises(AccessError):
                self._enter(user=self.users[name])
        order = self._enter(self.good_customer, request=None)
        seller = self._new_seller(
            "other", self.other_company, "group_sale_salesman_all_leads"
        )
        colleague = self._new_seller("colleague", self.credit_company)
        for user in (seller, colleague):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                vals = {"partner_id": self.debtor.id, "credit_request": SENTENCE}
                self._act(order, "write", vals, user=user)
        with self.assertRaises(AccessError):
            self._enter(user=seller, company_id=self.credit_company.id)

    def test_what_odoo_computes_is_not_entered_with_a_request(self):
        for vals in ({"amount_total": 1.0}, {"hold_status": "released"}):
            with self.subTest(vals=vals), self.assertRaises(AccessError):
                self._enter(**vals)

    def test_where_nobody_decides_nothing_is_asked(self):
        company = self.env["res.company"].create({"name": "Without managers"})
        self.assertFalse(company._get_hold_deciders())
        self._block(self.debtor, company=company)
        seller = self._new_seller("alone", company)
        with self.assertRaisesRegex(UserError, "No credit manager is defined"):
            self._enter(user=seller)
        order = self._enter(self.good_customer, user=seller)
        self._assert_states(order, "draft", "none")

    # === WAITING === #

    def test_what_waits_is_neither_confirmed_nor_sent(self):
        order = self._enter()
        for name in ("action_confirm", "action_confirm_or_hold"):
            with self.subTest(method=name), self.assertRaisesRegex(UserError, WAITING):
                self._act(order, name)
        for name, args in (
            ("action_quotation_send", ()),
            ("action_quotation_sent", ()),
            ("write", ({"state": "sent"},)),
        ):
            with self.subTest(method=name), self.assertRaisesRegex(UserError, WAITING):
                self._act(order, name, *args)
        with self.assertRaisesRegex(UserError, WAITING):
            order.write({"state": "sale"})
        with self.assertRaisesRegex(UserError, WAITING):
            order.sudo()._create_invoices()
        self._assert_states(order, "draft", "held")

    def test_what_is_asked_for_is_not_gone_around(self):
        order = self._enter()
        for name, args in (
            ("action_draft", ()),
            ("write", ({"state": "draft"},)),
        ):
            with (
                self.subTest(method=name),
                self.assertRaisesRegex(ValidationError, REFUSED),
            ):
                self._act(order, name, *args)
        self._assert_states(order, "draft", "held")
        self._act(order, "action_cancel")
        self.assertEqual(order.sudo().hold_ids.state, "withdrawn")
        with self.assertRaisesRegex(ValidationError, REFUSED):
            self._act(order, "action_draft")

    def test_it_is_worked_on_while_it_waits(self):
        order = self._enter()
        self._act(order.order_line, "write", {"product_uom_qty": 3})
        self._act(order, "write", {"partner_shipping_id": self.debtor.id, "note": "x"})
        self.assertEqual(order.sudo().hold_ids.amount_total, 30.0)

    def test_it_is_checked_again_when_the_block_is_gone(self):
        order = self._enter()
        told = self._act(order, "action_recheck_hold")["params"]["message"]
        self.assertIn("Unpaid returns block", told)
        self._assert_states(order, "draft", "held")
        self.debtor._lift_credit_block(
            self.level_unpaid, "has paid", self.credit_company
        )
        self._act(order, "action_recheck_hold")
        self._assert_states(order, "draft", "released")
        self._act(order, "action_confirm")
        self._assert_states(order, "sale", "released")

    # === DECIDED === #

    def test_a_released_one_is_a_quotation_that_is_confirmed_by_who_asked(self):
        order = self._enter()
        self._release(order)
        self._assert_states(order, "draft", "released")
        answer = order.sudo().activity_ids
        self.assertEqual(answer.user_id, self.user_salesperson)
        self.assertIn("they have paid half", answer.note)
        self._act(order, "write", {"note": "thank you", "partner_id": self.debtor.id})
        self._act(order, "action_confirm")
        self._assert_states(order, "sale", "released")
        # Who went on has done what there was to do.
        self.assertFalse(order.sudo().activity_ids)

    def test_a_release_covers_what_was_asked_and_no_more(self):
        order = self._enter()
        self._release(order)
        self._act(order.order_line, "write", {"product_uom_qty": 30})
        with self.assertRaisesRegex(UserError, "cannot be confirmed"):
            self._act(order, "action_confirm")
        other = self._create_customer("Another debtor")
        self._block(other)
        with self.assertRaisesRegex(ValidationError, REFUSED):
            self._act(order, "write", {"partner_id": other.id})
        self._act(order.order_line, "write", {"product_uom_qty": 1})
        self._act(order, "action_confirm")
        self._assert_states(order, "sale", "released")

    def test_a_refused_one_is_cancelled_and_kept(self):
        order = self._enter()
        self._refuse(order)
        self._assert_states(order, "cancel", "refused")
        self.assertEqual(self._act(order, "read", ["name"])[0]["id"], order.id)
        self.assertIn("not yet", order.sudo().activity_ids.note)
        with self.assertRaisesRegex(ValidationError, REFUSED):
            self._act(order, "action_draft")

    def test_one_that_is_given_back_is_no_way_around(self):
        order = self._enter()
        self._refuse(order, cancel=False)
        self._assert_states(order, "draft", "refused")
        for name, args in (
            ("action_draft", ()),
            ("write", ({"state": "draft"},)),
        ):
            with self.assertRaisesRegex(ValidationError, REFUSED):
                self._act(order, name, *args)
        self.debtor._lift_credit_block(
            self.level_unpaid, "has paid", self.credit_company
        )
        self._act(order, "action_draft")
        self._assert_states(order, "draft", "none")

    def test_the_policy_of_entering_is_a_reason_though_confirming_is_allowed(self):
        self.level_unpaid.policy_confirmation = "allow"
        order = self._enter()
        self.assertEqual(order.sudo().hold_ids.reason_ids.code, "level")
        told = self._act(order, "action_recheck_hold")["params"]["message"]
        self.assertIn("Unpaid returns block", told)
        self._assert_states(order, "draft", "held")
        self._release(order)
        self._act(order, "action_confirm")
        self._assert_states(order, "sale", "released")


@tagged("post_install", "-at_install")
class TestSaleOrderRefusal(RequestCommon):
    """What the dialog of the web client is told, and what others read."""

    def _get_refusal(self, function, *args, **kwargs):
        """Return what a refusal tells the dialog, and its text."""
        with self.assertRaises(UserError) as caught:
            function(*args, **kwargs)
        context = getattr(caught.exception, "context", {})
        return context.get("credit_refusal"), str(caught.exception)

    def _set_policies(self, quotation, confirmation):
        self.level_unpaid.write(
            {"policy_quotation": quotation, "policy_confirmation": confirmation}
        )

    def test_a_refused_quotation_says_why_and_who_decides(self):
        refusal, text = self._get_refusal(self._enter, request=None)
        self.assertEqual(refusal["title"], "No quotation for Rinaldi Macchine")
        self.assertIn("Unpaid returns block", "".join(refusal["reasons"]))
        self.assertEqual(refusal["who"], "Who decides: Test credit_manager.")
        self.assertEqual(refusal["decider"], "Test credit_manager")
        self.assertFalse(refusal["order_ids"])
        self.assertFalse(refusal["lift"])
        self.assertRegex(text, f"{REFUSED}.\nRinaldi .*Unpaid returns block.*\nTo lift")

    def test_who_decides_is_not_sent_to_ask_himself(self):
        manager = self.user_credit_manager
        manager.group_ids += self.env.ref("sales_team.group_sale_salesman_all_leads")
        refusal, __ = self._get_refusal(self._enter, user=manager, request=None)
        self.assertFalse(refusal["decider"])
        self.assertEqual(refusal["lift"]["res_model"], "credit.block.change")
        context = refusal["lift"]["context"]
        self.assertEqual(context["default_partner_ids"], self.debtor.ids)
        self.assertEqual(context["default_change"], "lift")
        self.assertEqual(refusal["lift"]["views"], [(False, "form")])

    def test_where_nobody_decides_it_says_so(self):
        company = self.env["res.company"].create({"name": "Without managers"})
        self._block(self.debtor, company=company)
        seller = self._new_seller("alone", company)
        refusal, __ = self._get_refusal(self._enter, user=seller, request=None)
        self.assertFalse(refusal["decider"])
        self.assertIn("No credit manager is defined", refusal["who"])

    def test_who_does_not_sell_is_told_without_a_way_to_ask(self):
        order = self._enter(self.good_customer, request=None)
        order = order.with_user(self.user_accountant)
        refusal, __ = self._get_refusal(order.write, {"partner_id": self.debtor.id})
        self.assertFalse(refusal["decider"])
        self.assertIn("Test credit_manager", refusal["who"])

    def test_each_policy_of_entering_and_of_confirming(self):
        entered = {"allow": True, "warn": True, "hold": True, "forbid": False}
        for quotation, may_enter in entered.items():
            for confirmation in entered:
                self._set_policies(quotation, confirmation)
                with self.subTest(quotation=quotation, confirmation=confirmation):
                    if not may_enter:
                        refusal, __ = self._get_refusal(self._enter, request=None)
                        self.assertIn("No quotation for", refusal["title"])
                        self._assert_states(self._enter(), "draft", "held")
                        continue
                    order = self._enter(request=None)
                    if confirmation == "forbid":
                        self._assert_asked_to_confirm(order)
                        continue
                    self._act(order, "action_confirm_or_hold")
                    held = "hold" in (quotation, confirmation)
                    self._assert_states(
                        order, *(("sent", "held") if held else ("sale", "none"))
                    )

    def _assert_asked_to_confirm(self, order):
        refusal, text = self._get_refusal(order.action_confirm_or_hold)
        self.assertEqual(refusal["title"], "No order for Rinaldi Macchine")
        self.assertEqual(refusal["order_ids"], order.ids)
        self.assertEqual(refusal["decider"], "Test credit_manager")
        self.assertIn("cannot be confirmed", text)
        self._act(order, "action_ask_to_confirm", SENTENCE)
        self._assert_states(order, "sent", "held")
        hold = order.sudo().hold_ids
        self.assertEqual(hold.request_text, SENTENCE)
        self.assertFalse(hold.is_for_quotation)

    def test_what_is_asked_to_be_confirmed_is_confirmed_by_the_release(self):
        self._set_policies("allow", "forbid")
        order = self._enter(request=None)
        self._act(order, "action_ask_to_confirm", SENTENCE)
        refusal, text = self._get_refusal(order.action_confirm_or_hold)
        self.assertIn(WAITING, text)
        self.assertIsNone(refusal)
        with self.assertRaisesRegex(UserError, WAITING):
            self._act(order, "action_ask_to_confirm", SENTENCE)
        self._release(order)
        self._assert_states(order, "sale", "released")
        self.assertEqual(order.sudo().activity_ids.user_id, self.user_salesperson)

    def test_asking_to_confirm_takes_a_seller_and_a_sentence(self):
        self._set_policies("allow", "forbid")
        order = self._enter(request=None)
        with self.assertRaisesRegex(UserError, "Say in one sentence"):
            self._act(order, "action_ask_to_confirm", " ")
        for name in ("accountant", "portal"):
            with self.subTest(user=name), self.assertRaises(AccessError):
                self._act(
                    order, "action_ask_to_confirm", SENTENCE, user=self.users[name]
                )
        with self.assertRaisesRegex(UserError, "No order is selected"):
            self._act(self.env["sale.order"].browse(), "action_ask_to_confirm", [], "x")
        good = self._enter(self.good_customer, request=None)
        self._act(good, "action_ask_to_confirm", SENTENCE)
        self._assert_states(good, "sale", "none")

    def test_who_asked_knows_of_his_request_whatever_is_hidden(self):
        for handover in ("silent", "hidden"):
            with self.subTest(handover=handover):
                self.credit_company.credit_hold_handover = handover
                order = self._enter()
                self.assertEqual(order.hold_state, "held")
                self.assertIn(SENTENCE, order.hold_banner)
                found = self._act(
                    self.env["sale.order"], "search", [("hold_state", "=", "held")]
                )
                self.assertIn(order.id, found)
                self._release(order)
                self._act(order, "action_confirm")
                self._assert_states(order, "sale", "released")

    def test_the_customer_reads_nothing_of_a_request(self):
        order = self._enter()
        self.assertFalse(order.sudo()._is_under_review())
        self.assertFalse(order.sudo()._has_to_be_signed())
        self.assertFalse(order.sudo()._has_to_be_paid())
