"""What the customer learns of a quotation that nobody has let in yet: nothing."""

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import HttpCase, new_test_user, tagged

from .test_sale_order_request import REFUSED, SENTENCE, WAITING, RequestCommon


@tagged("post_install", "-at_install")
class TestSaleOrderRequestSent(RequestCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Who shares links keeps the contacts.
        cls.user_salesperson.group_ids += cls.env.ref("base.group_partner_manager")
        # The customer of the portal is the one for whom nothing may be quoted.
        cls.debtor = cls.user_portal.partner_id
        cls.debtor.email = "rinaldi@example.com"
        cls.debtor._set_credit_block(cls.level_unpaid, "unpaid", cls.credit_company)

    def _shows(self, order, url="/my/quotes", user="acb_portal"):
        self.env.flush_all()
        self.authenticate(user, user)
        return order.name in self.url_open(url).text

    def _share(self, order):
        share = self.enter(
            self.user_salesperson,
            "portal.share",
            res_model="sale.order",
            res_id=order.id,
            partner_ids=[Command.set(self.debtor.ids)],
        )
        return self._act(share, "action_send_mail")

    def _mail_all(self, order):
        composers = self.env["mail.compose.message"]
        vals = {
            "model": "sale.order",
            "res_ids": str(order.ids),
            "composition_mode": "mass_mail",
            "subject": "Our offer",
            "body": "See it",
        }
        ids = self._act(composers, "create", [vals])
        return self._act(composers.browse(ids), "action_send_mail")

    def _mail_template(self, order):
        template = self.env.ref("sale.email_template_edi_sale")
        return self._act(template, "send_mail", order.id)

    # === NOTHING IS SENT === #

    def test_what_is_asked_for_is_a_draft_however_it_was_entered(self):
        def write(**vals):
            order = self._enter(self.good_customer, request=None)
            if not vals:
                self._act(order, "action_quotation_sent")
            vals = {"partner_id": self.debtor.id, "credit_request": SENTENCE, **vals}
            self._act(order, "write", vals)
            return order

        ways = {
            "created": lambda: self._enter(state="sent"),
            "by default": lambda: self.env["sale.order"].browse(
                self._act(
                    self.env["sale.order"],
                    "create",
                    [{"partner_id": self.debtor.id, "credit_request": SENTENCE}],
                    context={"default_state": "sent"},
                )
            ),
            "sent before": write,
            "sent with it": lambda: write(state="sent"),
        }
        for name, enter in ways.items():
            with self.subTest(way=name):
                order = enter()
                self._assert_states(order, "draft", "held")
                self.assertFalse(self._shows(order))
        self._refuse(order, cancel=False)
        self._assert_states(order, "draft", "refused")
        self.assertFalse(self._shows(order))

    def test_no_link_opens_it_before_it_is_let_in(self):
        order = self._enter()
        order.sudo()._portal_ensure_token()
        page = f"/my/orders/{order.id}"
        links = (page, order.sudo().get_portal_url())
        for url in links:
            for user in ("acb_portal", None):
                with self.subTest(url=url, user=user):
                    self.assertFalse(self._shows(order, url, user))
        # Who has entered it sees how it will look.
        self.assertTrue(self._shows(order, page, self.user_salesperson.login))
        self._release(order)
        for url in links:
            self.assertTrue(self._shows(order, url))

    def test_nobody_mails_it_or_its_link_before_it_is_let_in(self):
        self.user_salesperson.email = "seller@example.com"
        order = self._enter()
        ways = {
            "share": lambda: self._share(order),
            "composer": lambda: self._mail_all(order),
            "template": lambda: self._mail_template(order),
            "message": lambda: self._act(
                order, "message_post", body="Look", partner_ids=self.debtor.ids
            ),
        }
        for name, send in ways.items():
            with self.subTest(way=name), self.assertRaisesRegex(UserError, WAITING):
                send()
        colleague = self.user_credit_manager.partner_id
        self._act(order, "message_post", body="Please", partner_ids=colleague.ids)
        self._release(order)
        for name, send in ways.items():
            with self.subTest(way=name, state="released"):
                send()

    def test_who_may_not_read_it_is_told_nothing_by_sending_it(self):
        order = self._enter()
        colleague = self._new_seller("colleague", self.credit_company)
        elsewhere = self._new_seller("elsewhere", self.other_company)
        employee = new_test_user(self.env, login="acb_request_employee")
        for user in (colleague, elsewhere, employee):
            with (
                self.subTest(user=user.login),
                self.assertRaises(AccessError) as caught,
            ):
                self._act(order, "action_quotation_send", user=user)
            self.assertNotIn(SENTENCE, str(caught.exception))
        with self.assertRaisesRegex(UserError, WAITING):
            self._act(order, "action_quotation_send")

    # === MORE THAN WAS LET IN === #

    def test_what_becomes_more_than_was_let_in_is_not_sent(self):
        order = self._enter()
        self._release(order)
        self._act(order, "action_quotation_send")
        self._act(order.order_line, "write", {"product_uom_qty": 1000})
        for send in (
            lambda: self._act(order, "action_quotation_send"),
            lambda: self._act(order, "action_quotation_sent"),
            lambda: self._share(order),
        ):
            with self.assertRaisesRegex(UserError, "not what was released any more"):
                send()
        self._act(order.order_line, "write", {"product_uom_qty": 1})
        self._act(order, "action_quotation_sent")
        self._assert_states(order, "sent", "released")

    def test_what_becomes_more_is_sent_when_nothing_refuses_it_any_more(self):
        order = self._enter()
        self._release(order)
        self.debtor._lift_credit_block(
            self.level_unpaid, "has paid", self.credit_company
        )
        self._act(order.order_line, "write", {"product_uom_qty": 1000})
        self._act(order, "action_quotation_sent")
        self._assert_states(order, "sent", "released")

    def test_what_becomes_more_is_asked_for_anew(self):
        order = self._enter()
        self._release(order)
        self._act(order, "action_quotation_sent")
        self._act(order, "write", {"credit_request": "Nothing has changed"})
        self._assert_states(order, "sent", "released")
        self._act(order.order_line, "write", {"product_uom_qty": 1000})
        self._act(order, "write", {"credit_request": "They want more"})
        self._assert_states(order, "draft", "held")
        self.assertEqual(order.sudo().hold_ids[0].request_text, "They want more")
        self._release(order)
        self._act(order, "action_quotation_sent")

    # === ASKED TWICE === #

    def test_what_waits_or_was_refused_is_not_asked_for_again(self):
        order = self._enter()
        again = {"credit_request": "Please, please"}
        with self.assertRaisesRegex(UserError, WAITING):
            self._act(order, "write", again)
        self._refuse(order, cancel=False)
        with self.assertRaisesRegex(UserError, "was refused"):
            self._act(order, "write", again)
        self.assertEqual(order.sudo().hold_ids.request_text, SENTENCE)
        # Who takes it back asks anew.
        with self.assertRaisesRegex(UserError, REFUSED):
            self._act(order, "action_draft")
        self._act(order, "write", {"state": "draft", **again})
        self._assert_states(order, "draft", "held")
        self.assertEqual(order.sudo().hold_ids[0].request_text, "Please, please")

    def test_what_is_no_text_asks_for_nothing(self):
        vals = {"partner_id": self.debtor.id}
        orders = self.env["sale.order"]
        for request in ([], {}, [1], 5):
            both = [
                {**vals, "credit_request": SENTENCE},
                {**vals, "credit_request": request},
            ]
            with (
                self.subTest(request=request),
                self.assertRaisesRegex(UserError, "Say in one sentence"),
            ):
                self._act(orders, "create", both)
        order = self._enter(self.good_customer, request=None)
        with self.assertRaisesRegex(UserError, "Say in one sentence"):
            self._act(order, "write", {"note": "x", "credit_request": []})
