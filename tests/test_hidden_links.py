from odoo.exceptions import AccessError
from odoo.tests import HttpCase, tagged

from .common_hidden import NAME, HiddenCommon


@tagged("post_install", "-at_install")
class TestHiddenLinks(HiddenCommon, HttpCase):
    """Links that somebody kept open no hidden order; those of the customer do."""

    def setUp(self):
        super().setUp()
        self.order = self._create_talked_about()
        self.order._portal_ensure_token()
        self.old_link = self.order.get_portal_url()
        self.files = self.env["ir.attachment"].search(
            [("res_model", "=", "sale.order"), ("res_id", "=", self.order.id)]
        )
        self.files.generate_access_token()
        self.old_files = [
            f"/web/content/{file.id}?access_token={token}"
            for file in self.files
            for token in (file.access_token, file._get_raw_access_token())
        ] + [f"/web/content/{file.id}" for file in self.files]

    def _opens(self, url):
        self.env.flush_all()
        response = self.url_open(url)
        return response.status_code == 200 and (
            NAME in response.text or response.content == b"offer"
        )

    def test_kept_links_open_nothing_and_the_new_ones_do(self):
        for url in (self.old_link, *self.old_files[:4]):
            self.assertTrue(self._opens(url), url)
        order = self._hide(self.order)
        for user in (None, self.user_salesperson.login, self.user_credit_user.login):
            self.authenticate(user, user)
            for url in (self.old_link, *self.old_files):
                with self.subTest(user=user, url=url):
                    self.assertFalse(self._opens(url))
        self.authenticate(None, None)
        self.assertTrue(self._opens(order.get_portal_url()))
        for file in self.files:
            url = f"/web/content/{file.id}?access_token="
            with self.subTest(file=file.name):
                self.assertTrue(self._opens(url + file.access_token))
                self.assertTrue(self._opens(url + file._get_raw_access_token()))

    def test_the_customer_goes_on_in_his_portal(self):
        self.order.sudo().partner_id = self.user_portal.partner_id
        self.order.sudo().partner_shipping_id = self.customer
        self.authenticate("acb_portal", "acb_portal")
        order = self._hide(self.order)
        self.assertTrue(self._opens(f"/my/orders/{order.id}"))
        self.assertTrue(self._opens("/my/quotes"))
        thread = {"thread_model": "sale.order", "thread_id": order.id}
        self.assertIn("is urgent", self._ask("/mail/thread/messages", thread))

    def test_pages_seen_before_lead_nobody_to_the_new_link(self):
        """The pages of other orders link to the ones before and after, with tokens."""
        other = self._create_order(self.good_customer)
        own = self.user_salesperson.partner_id
        (self.order | other).sudo().write({"partner_id": own.id})
        self.order.sudo().partner_shipping_id = self.customer
        self.order.sudo().message_subscribe(own.ids)
        self.authenticate("acb_salesperson", "acb_salesperson")
        self.url_open("/my/quotes")
        self._hide(self.order)
        self.env.flush_all()
        page = self.url_open(f"/my/orders/{other.id}").text
        token = self.order.sudo().access_token
        self.assertNotIn(token, page)

    def test_links_are_made_for_those_who_may_see_the_order(self):
        order = self._hide(self.order)
        with self.assertRaises(AccessError):
            order.with_user(self.user_salesperson).sudo(False)._portal_ensure_token()
        for user, told in (
            (self.user_salesperson, False),
            (self.user_credit_user, False),
            (self.user_credit_manager, True),
            (self.user_portal, True),
            (self.env.ref("base.public_user"), True),
        ):
            with self.subTest(user=user.login):
                url = order.with_user(user).sudo().get_portal_url()
                self.assertEqual(order.access_token in url, told)

    def test_a_payment_under_way_leads_back_by_the_new_link(self):
        order = self.env["sale.order"].browse(self.order.id)
        provider = self.env["payment.provider"].search([], limit=1)
        tx = self.env["payment.transaction"].create(
            {
                "provider_id": provider.id,
                "payment_method_id": self.env.ref("payment.payment_method_card").id,
                "amount": order.amount_total,
                "currency_id": order.currency_id.id,
                "partner_id": order.partner_id.id,
                "sale_order_ids": order.ids,
                "landing_route": order.get_portal_url(),
                "reference": "tx-68",
            }
        )
        self._hide(self.order)
        self.assertEqual(tx.landing_route, order.get_portal_url())
        with self.assertRaises(AccessError):
            self.rpc(
                self.user_credit_user,
                "payment.transaction",
                "read",
                tx.ids,
                ["landing_route"],
            )

    def test_who_had_a_link_by_mail_gets_the_new_one_and_nobody_else(self):
        template = self.env.ref("account_credit_block.mail_template_order_link")
        body = template.body_html
        self.assertNotIn("review", body)
        self.order.sudo().message_post(
            body="our offer",
            partner_ids=self.customer.ids,
            subtype_xmlid="mail.mt_comment",
        )
        order = self._hide(self.order)
        mailed = order.message_ids.filtered(lambda m: "new link" in (m.subject or ""))
        self.assertIn(self.customer, mailed.notified_partner_ids)
        self.assertFalse(mailed.notified_partner_ids & self.outsiders.partner_id)
        self.assertIn(order.access_token, mailed.body)
        self.assertEqual(mailed.author_id, self.env.ref("base.partner_root"))
        quiet = self._create_order()
        quiet._portal_ensure_token()
        quiet.action_confirm_or_hold()
        self.assertFalse(
            quiet.sudo().message_ids.filtered(lambda m: "link" in (m.subject or ""))
        )

    def test_the_routes_of_the_chatter_tell_nothing(self):
        order = self._hide(self.order)
        ids = order.message_ids.ids
        thread = {"thread_model": "sale.order", "thread_id": order.id}
        calls = (
            ("/mail/thread/messages", thread),
            (
                "/mail/data",
                {
                    "fetch_params": [
                        [
                            "mail.thread",
                            {
                                **thread,
                                "request_list": [
                                    "followers",
                                    "activities",
                                    "attachments",
                                ],
                            },
                        ]
                    ]
                },
            ),
            ("/mail/inbox/messages", {}),
            ("/mail/history/messages", {}),
            ("/mail/starred/messages", {}),
            (
                "/mail/data",
                {
                    "fetch_params": [
                        "failures",
                        "init_messaging",
                        "systray_get_activities",
                    ]
                },
            ),
        )
        self.assertTrue(ids)
        for user in (self.user_salesperson, self.user_sales_manager):
            self.authenticate(user.login, user.login)
            for route, params in calls:
                with self.subTest(user=user.login, route=route, params=params):
                    answer = self._ask(route, params)
                    self.assertNotIn(NAME, answer)
                    self.assertNotIn("is urgent", answer)
        self.authenticate("acb_credit_manager", "acb_credit_manager")
        self.assertIn("is urgent", self._ask("/mail/thread/messages", thread))

    def _ask(self, route, params):
        self.env.flush_all()
        return self.opener.post(
            self.base_url() + route, json={"params": params}, timeout=30
        ).text

    def test_a_refusal_in_developer_mode_names_nothing(self):
        order = self._hide(self.order)
        user = self.user_salesperson.login
        self.authenticate(user, user)
        self.url_open("/odoo?debug=1")
        answer = self.opener.post(
            self.base_url() + "/web/dataset/call_kw/sale.order/read",
            json={
                "params": {
                    "model": "sale.order",
                    "method": "read",
                    "args": [order.ids, ["name"]],
                    "kwargs": {},
                }
            },
            timeout=30,
        ).text
        self.assertIn("AccessError", answer)
        self.assertNotIn(NAME, answer)
