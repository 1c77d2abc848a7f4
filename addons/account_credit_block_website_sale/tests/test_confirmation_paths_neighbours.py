"""Paths to state `sale` in a shop that other addons of Odoo bring."""

import json
from datetime import timedelta

from odoo import fields, http
from odoo.fields import Command
from odoo.tests import HttpCase, new_test_user, tagged

from odoo.addons.account_credit_block.tests.common import NEUTRAL_TEXT
from odoo.addons.account_credit_block.tests.common_paths import (
    ALL_ASIDE,
    ASIDE,
    CUSTOMERS,
    IMPOSSIBLE,
    ConfirmationPaths,
    Path,
    PaymentPaths,
)
from odoo.addons.account_credit_block.tests.test_confirmation_paths_neighbours import (
    TAGS,
)
from odoo.addons.payment_custom.tests.common import PaymentCustomCommon
from odoo.addons.website_sale.tests.common import WebsiteSaleCommon


@tagged(*TAGS)
class TestConfirmationPathsOnSite(PaymentPaths, PaymentCustomCommon, WebsiteSaleCommon):
    """Orders that the customer pays when he collects them."""

    paths = (Path("7", "paid on site", "_pay_on_site", CUSTOMERS, **ALL_ASIDE),)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.enable_post_process_patcher = False
        cls._setup_credit_block(cls.env.company)
        cls.on_site = cls._prepare_provider(code="custom", custom_mode="on_site")

    def _pay_on_site(self, order):
        tx = self._create_tx(
            order,
            provider_id=self.on_site.id,
            payment_method_id=self.on_site.payment_method_ids.id,
        )
        tx._set_pending()
        tx._post_process()

    def _assert_customer_is_served(self, path, order):
        self.assertTrue(order.transaction_ids.is_post_processed)


@tagged(*TAGS)
class TestConfirmationPathsEvent(ConfirmationPaths, WebsiteSaleCommon, HttpCase):
    """Registrations that cost nothing, by a customer who has a cart."""

    # An order that waits or was refused is no cart.
    registered = {"to_hold": ASIDE, "held": IMPOSSIBLE, "refused": IMPOSSIBLE}
    paths = (
        Path("8", "a ticket for nothing", "_register", **registered),
        Path("8", "a booth for nothing", "_book", **registered),
    )

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._setup_credit_block(cls.env.company)
        cls.customer = cls.user_portal.partner_id
        good = new_test_user(cls.env, login="acb_good", groups="base.group_portal")
        cls.good_customer = good.partner_id
        (cls.customer | good.partner_id).write(cls.dummy_partner_address_values)
        cls.event = cls._create_event()

    @classmethod
    def _create_event(cls):
        ticket, booth = cls.env["product.product"].create(
            [
                {"name": name, "type": "service", "service_tracking": tracking}
                for name, tracking in (("Ticket", "event"), ("Booth", "event_booth"))
            ]
        )
        (ticket | booth).write({"list_price": 0, "taxes_id": False})
        category = cls.env["event.booth.category"].create(
            {"name": "Small", "product_id": booth.id, "price": 0}
        )
        start = fields.Datetime.now() + timedelta(days=5)
        return cls.env["event.event"].create(
            {
                "name": "Fair",
                "date_begin": start,
                "date_end": start + timedelta(hours=8),
                "website_published": True,
                "event_ticket_ids": [
                    Command.create(
                        {"name": "Free", "product_id": ticket.id, "price": 0}
                    )
                ],
                "event_booth_ids": [
                    Command.create({"name": str(i), "booth_category_id": category.id})
                    for i in range(9)
                ],
            }
        )

    def _create_order(self, partner):
        vals = {"partner_id": partner.id, "website_id": self.website.id}
        return self.env["sale.order"].sudo().create(vals)

    def _post(self, order, route, data):
        login = order.partner_id.user_ids.login
        self.authenticate(login, login)
        data["csrf_token"] = http.Request.csrf_token(self)
        return self.url_open(f"/event/{self.event.id}/{route}/confirm", data=data)

    def _post_registration(self, order):
        questions = self.event.question_ids
        answers = {"name": "Bob", "email": "bob@test.lan", "phone": "8989898989"}
        data = {
            f"1-{kind}-{question.id}": answers[kind]
            for question in questions
            if (kind := question.question_type) in answers
        }
        data["1-event_ticket_id"] = self.event.event_ticket_ids.id
        return self._post(order, "registration", data)

    def _register(self, order):
        response = self._post_registration(order)
        self.assertEqual(response.status_code, 200)
        self.assertIn("/shop/confirmation", response.url)

    def _book(self, order):
        booth = self.event.event_booth_ids.filtered("is_available")[:1]
        data = {
            "booth_category_id": booth.booth_category_id.id,
            "event_booth_ids": json.dumps(booth.ids),
            "contact_name": "Bob",
            "contact_email": "bob@test.lan",
            "contact_phone": "8989898989",
        }
        self.assertIn("success", self._post(order, "booth", data).text)

    def test_what_a_visitor_has_booked_stays_his_while_the_order_waits(self):
        order = self._create_order(self.customer)
        self._register(order)
        attendee = self.env["event.registration"].search(
            [("sale_order_id", "=", order.id)]
        )
        self.assertEqual(attendee.name, "Bob")
        order.with_user(self.user_credit_manager)._release_hold("welcome")
        self.assertEqual((order.state, attendee.state), ("sale", "open"))

    def test_what_the_blocks_forbid_is_refused_in_neutral_words(self):
        self.level_pending.policy_web_order = "forbid"
        order = self._create_order(self.customer)
        response = self._post_registration(order)
        self.assertEqual(response.status_code, 422)
        self.assertIn(NEUTRAL_TEXT, response.text)
        self.assertEqual((order.state, order.hold_state), ("draft", "none"))
        self.assertFalse(self.event.registration_ids)
