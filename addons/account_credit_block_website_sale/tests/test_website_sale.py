from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.account_credit_block.tests.common import (
    NEUTRAL_TEXT,
    CreditBlockFixture,
)
from odoo.addons.delivery.tests.cash_on_delivery_common import CashOnDeliveryCommon
from odoo.addons.payment.tests.http_common import PaymentHttpCommon
from odoo.addons.website_sale.tests.common import MockRequest, WebsiteSaleCommon

from ..controllers.website_sale import WebsiteSale


@tagged("post_install", "-at_install")
class TestWebsiteSale(CreditBlockFixture, CashOnDeliveryCommon, WebsiteSaleCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._setup_credit_block(cls.env.company)
        cls.customer = cls.cart.partner_id.commercial_partner_id
        cls.cart.carrier_id = cls.free_delivery
        cls.free_delivery.allow_cash_on_delivery = True

    def _create_tx(self, order, **vals):
        vals = {
            "reference": f"tx of {order.name} {vals.get('state')}",
            "amount": order.amount_total,
            "sale_order_ids": order.ids,
            **vals,
        }
        return self._create_transaction("direct", **vals)

    @mute_logger("odoo.addons.sale.models.payment_transaction")
    def _post_process(self, tx):
        tx._post_process()

    def _get_errors(self, order):
        with MockRequest(self.env, website=self.website):
            return WebsiteSale()._get_shop_payment_errors(order)

    def test_a_blocked_customer_still_fills_a_cart(self):
        self._block()
        vals = {"partner_id": self.customer.id, "website_id": self.website.id}
        cart = self.env["sale.order"].sudo().create(vals)
        cart.sudo().write({"partner_invoice_id": self.customer.id})
        self.assertEqual(cart.state, "draft")

    def test_a_salesperson_cannot_pass_off_a_quotation_as_a_cart(self):
        self._block()
        orders = self.env["sale.order"].with_user(self.user_salesperson)
        vals = {"partner_id": self.customer.id, "website_id": self.website.id}
        with self.assertRaisesRegex(ValidationError, "credit block"):
            orders.create(vals)
        self.assertTrue(orders.create({**vals, "partner_id": self.good_customer.id}))

    def test_a_blocked_customer_cannot_pay_and_reads_a_neutral_text(self):
        self.cart._check_cart_is_ready_to_be_paid()
        self._block(level=self.level_doubtful)
        with self.assertRaisesRegex(ValidationError, NEUTRAL_TEXT) as caught:
            self.cart._check_cart_is_ready_to_be_paid()
        self.assertNotIn("Doubtful", str(caught.exception))

    def test_the_payment_page_shows_the_neutral_text(self):
        self.assertFalse(self._get_errors(self.cart))
        self._block(level=self.level_doubtful)
        self.assertEqual(
            [text for __, text in self._get_errors(self.cart)], [NEUTRAL_TEXT]
        )

    def test_the_payment_page_says_nothing_of_an_order_to_hold(self):
        self._block()
        self.assertFalse(self._get_errors(self.cart))
        self.cart._check_cart_is_ready_to_be_paid()

    def test_the_payment_page_says_nothing_of_the_block_once_paid(self):
        self._block(level=self.level_doubtful)
        self.provider.support_manual_capture = "full_only"
        for state in ("pending", "authorized", "done"):
            with self.subTest(state=state):
                tx = self._create_tx(self.cart, state=state)
                self.assertFalse(self._get_errors(self.cart))
                tx.state = "cancel"
        self.assertTrue(self._get_errors(self.cart), "a failed payment is no payment")

    def test_a_web_order_follows_its_own_column_of_the_grid(self):
        self.level_unpaid.policy_web_order = "warn"
        self._block()
        self.cart._check_cart_is_ready_to_be_paid()
        self.cart.action_confirm()
        self.assertEqual(self.cart.state, "sale")

    def test_a_paid_order_is_confirmed_when_nothing_is_blocked(self):
        self._post_process(self._create_tx(self.cart, state="done"))
        self.assertEqual(self.cart.state, "sale")
        self.assertFalse(self.cart.hold_ids)

    def test_a_customer_who_has_paid_is_not_stranded_by_a_block(self):
        self._block()
        tx = self._create_tx(self.cart, state="done")
        self._post_process(tx)
        self._assert_held()
        hold = self.cart.hold_ids
        self.assertEqual(
            self.credit_company._get_credit_managers(limit=1),
            hold.activity_ids.user_id,
        )
        self._post_process(tx)
        self.assertEqual(self.cart.hold_ids, hold)

    def _assert_held(self):
        self.assertRecordValues(self.cart, [{"state": "sent", "hold_state": "held"}])

    def test_an_authorized_payment_waits_too(self):
        self._block()
        self.provider.support_manual_capture = "full_only"
        self._post_process(self._create_tx(self.cart, state="authorized"))
        self._assert_held()

    def test_a_payment_that_would_not_confirm_is_left_alone(self):
        self._block()
        self.cart.require_payment = True
        amount = self.cart.amount_total / 2
        self._post_process(self._create_tx(self.cart, state="done", amount=amount))
        self.assertFalse(self.cart.hold_ids)

    def _create_cod_tx(self):
        return self._create_tx(
            self.cart,
            state="pending",
            provider_id=self.cod_provider.id,
            payment_method_id=self.cod_provider.payment_method_ids.id,
        )

    def test_cash_on_delivery_confirms_when_nothing_is_blocked(self):
        self._post_process(self._create_cod_tx())
        self.assertEqual(self.cart.state, "sale")

    def test_cash_on_delivery_waits_for_a_blocked_customer(self):
        self._block()
        self._post_process(self._create_cod_tx())
        self._assert_held()

    def test_lifting_the_block_lets_the_parked_order_through(self):
        self._block()
        self._post_process(self._create_tx(self.cart, state="done"))
        told = self.cart.action_recheck_hold()["params"]["message"]
        self.assertIn("credit block", told)
        self.assertEqual(self.cart.state, "sent")
        self.customer._lift_credit_block(self.level_unpaid, "ok", self.credit_company)
        self.cart.action_recheck_hold()
        self.assertEqual(self.cart.state, "sale")


@tagged("post_install", "-at_install")
class TestWebsiteSaleHttp(CreditBlockFixture, PaymentHttpCommon, WebsiteSaleCommon):
    """What a blocked customer meets on the pages themselves."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._setup_credit_block(cls.env.company)
        cls.customer = cls.user_portal.partner_id
        cls.customer.write(cls.dummy_partner_address_values)
        cls.cart = cls.empty_cart.copy({"partner_id": cls.customer.id})
        cls.cart.order_line = [Command.create({"product_id": cls.service_product.id})]

    def _open_payment_page(self):
        self.authenticate("acb_portal", "acb_portal")
        return self.url_open("/shop/payment").text

    def test_the_payment_page_of_a_blocked_customer_offers_no_payment(self):
        page = self._open_payment_page()
        self.assertIn("o_payment_form", page)
        self.assertNotIn(NEUTRAL_TEXT, page)
        self._block(level=self.level_doubtful)
        page = self._open_payment_page()
        self.assertIn(NEUTRAL_TEXT, page)
        self.assertNotIn("o_payment_form", page)
        self.assertNotIn("Doubtful", page)

    def _bring_back(self, partner, name):
        """A posted invoice of a customer, said to have come back."""
        invoice = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": partner.id,
                "payment_reference": name,
                "invoice_line_ids": [
                    Command.create(
                        {"name": "Goods", "price_unit": 240.0, "tax_ids": False}
                    )
                ],
            }
        )
        invoice.action_post()
        register = self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoice.ids
        )
        payments = register.create({})._create_payments()
        returned = self.env["account.payment.return"].create(
            {
                "journal_id": payments.journal_id.id,
                "line_ids": [Command.create({"payment_id": payments.id})],
            }
        )
        returned.action_confirm()
        self.assertTrue(invoice.is_payment_returned)
        return invoice

    def test_the_cart_says_it_before_and_offers_a_way(self):
        self.company = self.env.company
        mine = self._bring_back(self.customer, "MINE")
        other = self._bring_back(self.good_customer, "OTHER")
        self.customer._lift_credit_block(
            self.level_unpaid, "for the test", self.env.company
        )
        self.authenticate("acb_portal", "acb_portal")
        self.provider.sudo().allow_express_checkout = True
        self.provider.sudo().express_checkout_form_view_id = self._create_express_form()
        page = self.url_open("/shop/cart").text
        self.assertNotIn("credit_refused", page)
        self.assertIn("Express pay", page)
        self._block(level=self.level_doubtful)
        for path in ("/shop/cart", "/shop/payment"):
            with self.subTest(path=path):
                page = self.url_open(path).text
                self.assertIn(NEUTRAL_TEXT, page)
                self.assertIn(f'href="/my/invoices/{mine.id}"', page)
                self.assertIn('href="/contactus"', page)
                self.assertNotIn(other.name, page)
                self.assertNotIn(f"/my/invoices/{other.id}", page)
                self.assertNotIn("Doubtful", page)
        self.assertNotIn("Confirm order", page)
        self.assertNotIn("Express pay", self.url_open("/shop/cart").text)

    def _create_express_form(self):
        """What a provider shows in the cart, to pay at once."""
        view = self.env["ir.ui.view"].create(
            {"name": "express", "type": "qweb", "arch": "<p>Express pay</p>"}
        )
        self.env["ir.model.data"].create(
            {
                "module": "account_credit_block",
                "name": "test_express",
                "model": view._name,
                "res_id": view.id,
            }
        )
        return view

    def test_nobody_reads_of_invoices_without_logging_in(self):
        self._bring_back(self.customer, "MINE")
        cart = self.cart.sudo()
        public = cart.with_user(self.env.ref("base.public_user")).sudo()
        self.assertFalse(public._get_returned_invoices())
        self.assertTrue(
            cart.with_user(self.user_portal).sudo()._get_returned_invoices()
        )
        stranger = new_test_user(
            self.env, login="acb_stranger", groups="base.group_portal"
        )
        self.assertFalse(cart.with_user(stranger).sudo()._get_returned_invoices())
        employee = cart.with_user(self.user_salesperson).sudo()
        self.assertFalse(
            employee._get_returned_invoices().filtered(
                lambda move: not move.has_access("read")
            )
        )

    @mute_logger("odoo.http")
    def test_the_payment_route_refuses_a_blocked_customer(self):
        self._block(level=self.level_doubtful)
        self.authenticate("acb_portal", "acb_portal")
        response = self.url_open(
            f"/shop/payment/transaction/{self.cart.id}",
            json={"params": {"access_token": self.cart._portal_ensure_token()}},
        ).json()
        self.assertEqual(response["error"]["data"]["message"], NEUTRAL_TEXT)
        self.assertNotIn("Doubtful", str(response))

    def test_a_signature_is_refused_with_words_instead_of_an_endless_wait(self):
        order = self.env["sale.order"].create(
            {"partner_id": self.customer.id, "require_signature": True}
        )
        order.state = "sent"
        self._block(level=self.level_doubtful)
        result = self.make_jsonrpc_request(
            f"/my/orders/{order.id}/accept",
            {
                "access_token": order._portal_ensure_token(),
                "name": "Mario",
                "signature": "R0lGODlhAQABAAAAACw=",
            },
        )
        self.assertIn("error", result)
        self.assertNotIn("Doubtful", str(result))
        self.assertEqual(order.state, "sent")
        self.assertFalse(order.signature)
