"""Paths to state `sale` that the shop has."""

from odoo import http
from odoo.fields import Command
from odoo.tests import HttpCase, new_test_user, tagged

from odoo.addons.account_credit_block.tests.common_paths import (
    ALL_ASIDE,
    ASIDE,
    CANCELLED,
    CUSTOMERS,
    Path,
    SignedPaths,
)
from odoo.addons.delivery.tests.cash_on_delivery_common import CashOnDeliveryCommon
from odoo.addons.website_sale.tests.common import WebsiteSaleCommon


@tagged("post_install", "-at_install")
class TestConfirmationPathsWebsite(
    SignedPaths, CashOnDeliveryCommon, WebsiteSaleCommon, HttpCase
):
    """What a customer does on the shop and on the portal, by hand."""

    paths = (
        Path("2", "a signature, logged in", "_sign_logged_in", **ALL_ASIDE),
        Path("2", "a signature, by a link", "_sign_by_link", **ALL_ASIDE),
        Path("5", "a cart for nothing", "_check_out_for_nothing", **ALL_ASIDE),
        Path("6", "cash on delivery", "_pay_on_delivery", CUSTOMERS, **ALL_ASIDE),
        # Refused, the order of a customer is cancelled.
        Path(
            "8",
            "`_validate_order`",
            "_validate",
            to_hold=ASIDE,
            held=ASIDE,
            refused=CANCELLED,
        ),
    )

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.enable_post_process_patcher = False
        cls._setup_credit_block(cls.env.company)
        cls.user_good = new_test_user(
            cls.env, login="acb_good", groups="base.group_portal"
        )
        cls.customer = cls.user_portal.partner_id
        cls.good_customer = cls.user_good.partner_id
        (cls.customer | cls.good_customer).write(cls.dummy_partner_address_values)
        cls.service_product.list_price = 0
        cls.free_delivery.allow_cash_on_delivery = True

    def _create_order(self, partner):
        return (
            self.env["sale.order"]
            .sudo()
            .create(
                {
                    "partner_id": partner.id,
                    "website_id": self.website.id,
                    "carrier_id": self.free_delivery.id,
                    "require_payment": False,
                    "require_signature": True,
                    "order_line": [
                        Command.create({"product_id": self.service_product.id})
                    ],
                }
            )
        )

    def _check_out_for_nothing(self, order):
        if order.state == "draft":
            order.order_line.price_unit = 0
        self._login(order)
        self.session["sale_last_order_id"] = order.id
        http.root.session_store.save(self.session)
        response = self.url_open("/shop/payment/validate")
        if order.hold_state != "refused":
            self.assertEqual(response.status_code, 200)

    def _pay_on_delivery(self, order):
        self._create_tx(
            order,
            provider_id=self.cod_provider.id,
            payment_method_id=self.cod_provider.payment_method_ids.id,
        )._set_pending()
        order.sudo().transaction_ids._post_process()

    def _assert_customer_is_served(self, path, order):
        if path.number == "6":
            self.assertTrue(order.transaction_ids.is_post_processed)
