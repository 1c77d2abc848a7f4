from contextlib import suppress
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common_hidden import NAME, HiddenCommon

TEXTS = ("char", "html", "json", "many2one", "reference", "text")
# What the chatter keeps of a document, and where it says which.
ABOUT = {
    "mail.message": ("model", "res_id"),
    "mail.notification": ("mail_message_id.model", "mail_message_id.res_id"),
    "mail.followers": ("res_model", "res_id"),
    "mail.activity": ("res_model", "res_id"),
    "mail.scheduled.message": ("model", "res_id"),
}
# Who points at any document and need not be hidden with it.
OPEN = {
    "ir.attachment": "asks the document itself; see the tests of links",
    "ir.model.data": "for administrators",
    "mail.mail": "for administrators",
    "base.automation": "for administrators",
    "product.document": "of products",
    "quotation.document": "of templates",
    "rating.rating": "nobody rates an order",
}


@tagged("post_install", "-at_install")
class TestHiddenOrders(HiddenCommon):
    """Nobody but the managers and the customer learns of a hidden order, by RPC."""

    # === WHAT IS FOUND === #

    def _find_name(self, user):
        """Return where a user reads the name of the order: a set of model.field."""
        self.env.flush_all()
        self.env.invalidate_all()
        env = self.env(user=user.id)
        return {
            f"{model._name}.{name}"
            for model in map(env.__getitem__, sorted(env.registry))
            if not model._abstract and not model._transient
            for name, value in self._read_texts(model)
            if NAME in repr(value)
        }

    @mute_logger("odoo.models", "odoo.addons.base.models.ir_rule", "odoo.sql_db")
    def _read_texts(self, model):
        """Yield the texts in the latest rows of a model, as far as they may be read."""
        rows = model.browse()
        with suppress(Exception), self.env.cr.savepoint():
            rows = model.with_context(active_test=False).search(
                [], order="id desc", limit=50
            )
        for name, field in model._fields.items() if rows else ():
            if field.type in TEXTS and model._has_field_access(field, "read"):
                with suppress(Exception), self.env.cr.savepoint():
                    yield from ((name, row[name]) for row in rows.read([name]))

    def test_nobody_else_reads_the_name_of_the_order_anywhere(self):
        order = self._hide()
        order.with_user(self.user_credit_manager).message_post(
            body=f"do we trust {NAME}?", subtype_xmlid="mail.mt_comment"
        )
        for user in self.outsiders:
            with self.subTest(user=user.login):
                self.assertFalse(self._find_name(user))
        found = self._find_name(self.user_credit_manager)
        for place in (
            "sale.order.name",
            "sale.order.hold.display_name",
            "mail.message.record_name",
            "mail.notification.mail_message_id",
            "ir.attachment.name",
        ):
            with self.subTest(place=place):
                self.assertIn(place, found)

    def test_nobody_else_reads_what_the_chatter_keeps_whose_number_he_knows(self):
        order = self._hide()
        for model, (model_field, id_field) in ABOUT.items():
            rows = self.env[model].with_context(active_test=False)
            rows = rows.search(
                ["|", "&", (model_field, "=", "sale.order"), (id_field, "=", order.id)]
                + ["&", (model_field, "=", "sale.order.hold")]
                + [(id_field, "=", order.hold_ids.id)]
            )
            for user in self.outsiders:
                for row in rows:
                    with self.subTest(user=user.login, row=row):
                        self.assertFalse(
                            self.rpc(user, model, "search", [("id", "=", row.id)])
                        )
                        with self.assertRaises(AccessError):
                            self.rpc(user, model, "read", row.ids, ["id"])
            if rows:
                found = self.rpc(
                    self.user_credit_manager, model, "search", [("id", "in", rows.ids)]
                )
                self.assertTrue(
                    self.rpc(self.user_credit_manager, model, "read", found, ["id"])
                )

    def test_a_message_to_be_sent_later_is_hidden_too(self):
        order = self._create_talked_about()
        later = self.env["mail.scheduled.message"].with_user(self.user_salesperson)
        later = later.create(
            {
                "model": "sale.order",
                "res_id": order.id,
                "author_id": self.user_salesperson.partner_id.id,
                "body": NAME,
                "scheduled_date": fields.Datetime.now() + timedelta(days=1),
            }
        )
        self.assertTrue(self.rpc(self.user_salesperson, later._name, "read", later.ids))
        self._hide(order)
        with self.assertRaises(AccessError):
            self.rpc(self.user_salesperson, later._name, "read", later.ids)

    def test_nobody_else_writes_or_adds_to_what_the_chatter_keeps(self):
        order = self._hide()
        seller = self.user_salesperson
        own = order.message_ids.filtered(lambda m: m.author_id == seller.partner_id)
        vals = {"model": "sale.order", "res_id": order.id, "body": "hello"}
        for method, args in (
            ("write", [own[:1].ids, {"body": "changed"}]),
            ("unlink", [own[:1].ids]),
            ("create", [{**vals, "parent_id": own[:1].id}]),
        ):
            with self.subTest(method=method), self.assertRaises(AccessError):
                self.rpc(seller, "mail.message", method, *args)

    def test_every_model_that_points_at_documents_is_hidden_with_them(self):
        pointing = {
            name
            for name, model in self.env.registry.items()
            for field in model._fields.values()
            if field.type == "many2one_reference" and field.store
            if not model._abstract
        }
        hidden = {n for n in pointing if hasattr(self.env[n], "_hiding_models")}
        self.assertEqual(hidden, set(ABOUT) - {"mail.notification"})
        self.assertLessEqual(pointing - hidden, set(OPEN))

    def test_the_salesperson_reads_his_messages_again_after_the_decision(self):
        order = self._create_talked_about()
        own = order.message_ids.ids
        public = self.env["ir.attachment"].search(
            [("res_id", "=", order.id), ("public", "=", True)]
        )
        self._hide(order)
        self.assertFalse(public.public)
        domain = [("id", "in", own)]
        self.assertFalse(
            self.rpc(self.user_salesperson, "mail.message", "search", domain)
        )
        order.sudo().with_user(self.user_credit_manager)._refuse_hold("not this time")
        found = self.rpc(self.user_salesperson, "mail.message", "search", domain)
        self.assertEqual(set(found), set(own))
        self.assertTrue(
            self.rpc(self.user_salesperson, "mail.message", "read", own, ["body"])
        )
        self.assertEqual(order.with_user(self.user_salesperson).display_name, NAME)
        self.assertTrue(public.public)

    def test_other_orders_and_their_messages_are_as_ever(self):
        self._hide()
        other = self._create_order(self.good_customer)
        message = other.message_post(body="hello")
        for user in (self.user_salesperson, self.user_sales_manager):
            self.assertTrue(self.rpc(user, "mail.message", "read", message.ids))
        self.assertEqual(
            other.with_user(self.user_sales_manager).display_name, other.name
        )

    # === SEARCHES, NAMES AND REFUSALS === #

    def test_no_search_through_another_record_tells_of_the_order(self):
        order = self._hide(self._create_talked_about(note=NAME))
        for domain in (
            [("sale_order_ids.name", "=", NAME)],
            [("sale_order_ids.amount_total", ">", 0)],
            [("sale_order_ids", "any", [("name", "=", NAME)])],
            [("sale_order_ids", "ilike", NAME)],
            [("sale_order_ids.access_token", "!=", False)],
            [("sale_order_ids.order_line.product_id", "=", self.product.id)],
            [("sale_order_ids.message_ids.body", "ilike", NAME)],
        ):
            for user in self.outsiders:
                with (
                    self.subTest(user=user.login, domain=domain),
                    suppress(AccessError),
                ):
                    self.assertFalse(self.rpc(user, "res.partner", "search", domain))
        found = self.rpc(
            self.user_credit_manager,
            "res.partner",
            "search",
            [("sale_order_ids.name", "=", NAME)],
        )
        self.assertEqual(found, order.partner_id.ids)

    def test_names_that_odoo_reads_with_all_rights_name_no_hidden_order(self):
        order = self._hide()
        for record in (order, order.order_line, order.hold_ids):
            for user in self.outsiders:
                with self.subTest(user=user.login, record=record):
                    self.env.invalidate_all()
                    self.assertNotIn(NAME, record.with_user(user).sudo().display_name)
            self.env.invalidate_all()
            seen = record.with_user(self.user_credit_manager)
            self.assertIn(NAME, seen.display_name)

    def test_no_button_of_the_order_tells_anything(self):
        self.credit_company.credit_hold_user_ids = self.user_credit_manager
        order = self._hide()
        manager = self.user_credit_manager.name
        secrets = (NAME, manager, "late payer", self.level_assistance.name)
        for user in (self.user_salesperson, self.user_sales_manager):
            for method, args in (
                ("action_confirm", []),
                ("action_confirm_or_hold", []),
                ("action_cancel", []),
                ("action_draft", []),
                ("action_quotation_send", []),
                ("action_preview_sale_order", []),
                ("action_open_holds", []),
                ("get_portal_url", []),
                ("copy", []),
                ("read", [["name"]]),
                ("write", [{"note": "hello"}]),
                ("message_post", []),
                ("web_read", [{"display_name": {}}]),
            ):
                with self.subTest(user=user.login, method=method):
                    with self.assertRaises(UserError) as caught:
                        self.rpc(user, "sale.order", method, order.ids, *args)
                    for secret in secrets:
                        self.assertNotIn(secret, str(caught.exception))
        self._assert_states(order, "sent", "held")

    def test_a_contact_of_a_hidden_order_is_not_deleted_and_no_order_is_named(self):
        site, unused = (self._create_contact(self.customer, name) for name in "AB")
        self._hide(self._create_talked_about(partner_shipping_id=site.id))
        user = self.user_sales_manager
        user.group_ids += self.env.ref("base.group_partner_manager")
        self.rpc(user, "res.partner", "unlink", unused.ids)
        with self.assertRaises(UserError) as caught:
            self.rpc(user, "res.partner", "unlink", site.ids)
        self.assertIn("archive", str(caught.exception))
        for word in ("sale", "order", "constraint", NAME):
            self.assertNotIn(word, str(caught.exception))

    # === FIGURES === #

    def test_sums_of_held_orders_are_without_those_that_are_hidden(self):
        shown = self._create_order()
        self.credit_company.credit_hold_handover = "visible"
        self.rpc(
            self.user_salesperson, "sale.order", "action_confirm_or_hold", shown.ids
        )
        self.credit_company.credit_hold_handover = "hidden"
        self._hide()
        for user, held in (
            (self.user_credit_user, 100.0),
            (self.user_credit_manager, 200.0),
        ):
            with self.subTest(user=user.login):
                self.env.invalidate_all()
                partner = self.customer.with_user(user)
                for customer in (partner, partner.sudo()):
                    exposure = customer._get_credit_exposure(self.credit_company)
                    self.assertEqual(exposure[self.customer.id]["held"], held)
                row = self.rpc(
                    user,
                    "credit.exposure.report",
                    "search_read",
                    [("partner_id", "=", self.customer.id)],
                    ["held"],
                )
                self.assertEqual(row[0]["held"], held)
                card = self.env["credit.customer.card"].with_user(user)
                card = card._render_full(partner, self.credit_company)
                self.assertEqual("200.00" in card, held == 200.0)

    def test_counters_are_without_hidden_orders(self):
        campaign = self.env["utm.campaign"].create({"name": "Spring"})
        self._hide(self._create_talked_about(campaign_id=campaign.id))
        self._create_order(self.good_customer, campaign_id=campaign.id)

        def count(user, model, record, name):
            return self.rpc(user, model, "read", record.ids, [name])[0][name]

        team = self.user_salesperson.sale_team_id or self.env["crm.team"].search([])[:1]
        before = {}
        for user in (self.user_salesperson, self.user_sales_manager):
            with self.subTest(user=user.login):
                self.assertEqual(
                    count(user, "utm.campaign", campaign, "quotation_count"), 1
                )
                self.assertEqual(
                    count(user, "res.partner", self.customer, "sale_order_count"), 0
                )
                before[user] = count(user, "crm.team", team, "sale_order_count")
        manager = self.user_credit_manager
        self.assertEqual(count(manager, "utm.campaign", campaign, "quotation_count"), 2)
        self.assertEqual(
            count(manager, "res.partner", self.customer, "sale_order_count"), 1
        )

    # === WHO WRITES === #

    def test_odoobot_asks_who_decides(self):
        order = self._hide()
        root = self.env.ref("base.partner_root")
        hold = order.hold_ids
        asked = self.env["mail.message"].search(
            [("model", "=", "sale.order.hold"), ("res_id", "=", hold.id)]
        )
        self.assertTrue(asked)
        self.assertEqual(asked.author_id, root)
        self.assertEqual(asked.create_uid.partner_id, root)
        self.assertEqual(hold.activity_ids.create_uid.partner_id, root)
        moved = order.activity_ids
        self.assertEqual(moved.user_id, hold.responsible_id)

    def test_the_customer_does_not_read_the_question_about_his_order(self):
        self.customer = self.user_portal.partner_id
        self._block(level=self.level_assistance)
        order = self._create_order(self.customer).sudo()
        order.with_user(self.user_portal).sudo()._validate_order()
        self._assert_states(order, "sent", "held")
        messages = self.env["mail.message"].search(
            [("model", "=", "sale.order.hold"), ("res_id", "=", order.hold_ids.id)]
        )
        self.assertTrue(messages)
        for message in messages:
            with self.assertRaises(AccessError):
                self.rpc(self.user_portal, "mail.message", "read", message.ids)
        self.assertTrue(
            self.rpc(self.user_portal, "sale.order", "read", order.ids, ["name"])
        )

    def test_of_a_visible_or_silent_hold_the_salesperson_finds_no_trace_of_amounts(
        self,
    ):
        for handover in ("visible", "silent"):
            self.credit_company.credit_hold_handover = handover
            order = self._create_order()
            self.rpc(
                self.user_salesperson, "sale.order", "action_confirm_or_hold", order.ids
            )
            hold = order.sudo().hold_ids
            for model, (model_field, id_field) in ABOUT.items():
                domain = [(model_field, "=", hold._name), (id_field, "=", hold.id)]
                for user in (self.user_salesperson, self.user_sales_manager):
                    with self.subTest(handover=handover, model=model, user=user.login):
                        self.assertFalse(self.rpc(user, model, "search", domain))
            found = self.rpc(
                self.user_credit_user,
                "mail.followers",
                "search",
                [("res_model", "=", hold._name), ("res_id", "=", hold.id)],
            )
            self.assertTrue(found)
            self.assertTrue(
                self.rpc(self.user_salesperson, "sale.order", "read", order.ids)
            )

    def test_of_a_silent_hold_the_salesperson_is_told_nothing(self):
        self.credit_company.credit_hold_handover = "silent"
        order = self._create_order()
        before = self.rpc(self.user_salesperson, "mail.message", "search", [])
        self.rpc(
            self.user_salesperson, "sale.order", "action_confirm_or_hold", order.ids
        )
        after = self.rpc(self.user_salesperson, "mail.message", "search", [])
        self.assertEqual(after, before)
        order.with_user(self.user_credit_manager)._release_hold("fine")
        after = self.rpc(self.user_salesperson, "mail.message", "search", [])
        self.assertGreater(set(after), set(before))
