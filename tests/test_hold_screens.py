from datetime import date, timedelta

from lxml import etree, html

from odoo import fields
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form, HttpCase, freeze_time, tagged

from .common_holds import HoldCommon

CARDS = {"customer_card", "order_summary"}


@tagged("post_install", "-at_install")
class TestHoldScreens(HoldCommon):
    def _get_arch(self, records, view_type, user, view=False):
        view_id = self.env.ref(view).id if view else False
        view = records.with_user(user).get_view(view_id, view_type)
        return etree.fromstring(view["arch"])

    def _get_buttons(self, records, user):
        """Names of the buttons that a user has on the form."""
        return set(self._get_arch(records, "form", user).xpath("//button/@name"))

    # === THE QUEUE === #

    def test_every_view_loads_for_who_may_see_it(self):
        holds = self.env["sale.order.hold"]
        for user in (self.user_credit_user, self.user_credit_manager):
            for view_type in ("list", "kanban", "form", "search"):
                with self.subTest(user=user.login, view_type=view_type):
                    self.assertEqual(
                        self._get_arch(holds, view_type, user).tag, view_type
                    )

    def test_only_managers_have_the_buttons_that_decide(self):
        deciding = {"action_release", "action_refuse", "action_forward"}
        holds = self.env["sale.order.hold"]
        self.assertLessEqual(
            deciding, self._get_buttons(holds, self.user_credit_manager)
        )
        self.assertFalse(deciding & self._get_buttons(holds, self.user_credit_user))

    def test_the_queue_shows_what_waits_the_oldest_first(self):
        first, second = self._hold(), self._hold()
        arch = self._get_arch(first.hold_ids, "list", self.user_credit_manager)
        found = self.env["sale.order.hold"].search(
            [("order_id", "in", (first + second).ids)], order=arch.get("default_order")
        )
        self.assertEqual(found.order_id, first + second)

    def test_no_card_is_made_for_a_list(self):
        holds = self.env["sale.order.hold"]
        for view_type in ("list", "kanban"):
            arch = self._get_arch(holds, view_type, self.user_credit_manager)
            self.assertFalse(CARDS & set(arch.xpath("//field/@name")))
        form = self._get_arch(holds, "form", self.user_credit_manager)
        self.assertLessEqual(CARDS, set(form.xpath("//field/@name")))

    def test_a_list_of_holds_costs_the_same_whatever_its_length(self):
        holds = self.env["sale.order.hold"]
        for number in range(8):
            partner = self._create_customer(f"Customer {number}")
            self._block(partner, self.level_assistance)
            holds += self._hold(partner).hold_ids
        holds = holds.with_env(self.env).with_user(self.user_credit_manager)
        for view_type in ("list", "kanban"):
            arch = self._get_arch(holds, view_type, self.user_credit_manager)
            names = set(arch.xpath("//field/@name")) - {"color"}
            specification = dict.fromkeys(names & set(holds._fields), {})
            specification["reason_ids"] = {"fields": {"display_name": {}, "color": {}}}
            with self.subTest(view_type=view_type):
                self._count_queries(lambda s=specification: holds.web_read(s))
                few = self._count_queries(lambda s=specification: holds[:2].web_read(s))
                many = self._count_queries(lambda s=specification: holds.web_read(s))
                self.assertEqual(many, few)

    def test_reasons_are_tags_in_the_language_of_the_reader(self):
        reason = self._hold().hold_ids.reason_ids
        self.assertEqual(reason.display_name, "Credit block")
        self.assertTrue(reason.color)

    def test_the_days_of_waiting_end_with_the_decision(self):
        order = self._hold()
        hold = order.hold_ids
        self.assertEqual(hold.waiting_days, 0)
        later = fields.Datetime.now() + timedelta(days=3)
        with freeze_time(later):
            hold.invalidate_recordset(["waiting_days"])
            self.assertEqual(hold.waiting_days, 3)
            order.with_user(self.user_credit_manager)._refuse_hold("no")
        with freeze_time(later + timedelta(days=9)):
            hold.invalidate_recordset(["waiting_days"])
            self.assertEqual(hold.waiting_days, 3)

    def test_a_release_is_valid_until_the_end_of_the_day_that_was_chosen(self):
        manager = self.user_credit_manager
        for tz in ("Europe/Rome", "America/New_York"):
            manager.tz = tz
            hold = self._hold().hold_ids.with_user(manager).with_context(tz=tz)
            self.assertFalse(hold.valid_day)
            hold._release("fine", date(2030, 6, 30))
            self.assertEqual(hold.valid_day, date(2030, 6, 30))
            [shown] = hold.web_read({"valid_day": {}})
            self.assertEqual(fields.Date.to_string(shown["valid_day"]), "2030-06-30")

    # === THE LINK TO PAY BY === #

    def _get_link_warning(self, order, user=None):
        wizard = self.env["payment.link.wizard"].with_user(
            user or self.user_salesperson
        )
        order = order.with_user(wizard.env.user)
        wizard = wizard.with_context(active_model=order._name, active_id=order.id)
        return Form(wizard).credit_warning

    def test_the_link_of_an_order_that_waits_says_that_it_cannot_be_paid(self):
        good = self._create_order(self.good_customer)
        self.assertFalse(self._get_link_warning(good))
        held = self._hold()
        self.assertIn("cannot pay", self._get_link_warning(held))
        self.assertIn("late payer", self._get_link_warning(held))
        held.with_user(self.user_credit_manager)._release_hold("fine")
        self.assertFalse(self._get_link_warning(held))

    def test_the_link_of_an_order_of_a_blocked_customer_says_so_too(self):
        order = self._create_order()
        self.assertFalse(self._get_link_warning(order))
        self.level_assistance.policy_confirmation = "forbid"
        self.assertIn("cannot pay", self._get_link_warning(order))

    def test_the_link_tells_nothing_of_a_silent_hold(self):
        self.credit_company.credit_hold_handover = "silent"
        order = self._hold()
        self.assertFalse(self._get_link_warning(order))
        told = self._get_link_warning(order, self.user_credit_manager)
        self.assertIn("cannot pay", told)

    def test_the_link_tells_nothing_of_an_order_that_one_may_not_see(self):
        order = self._hold(user=self.user_credit_manager)
        order.user_id = self.user_credit_manager
        wizard = self.env["payment.link.wizard"].with_user(self.user_salesperson)
        vals = {"res_model": order._name, "res_id": order.id, "amount": 1.0}
        self.assertFalse(wizard.new(vals).credit_warning)

    # === THE DECISION === #

    def test_the_decision_screen_shows_customer_and_order(self):
        hold = self._hold(quantity=3).hold_ids
        for user in (self.user_credit_user, self.user_credit_manager):
            with self.subTest(user=user.login), Form(hold.with_user(user)) as form:
                self.assertIn("late payer", form.customer_card)
                self.assertIn("This order", form.customer_card)
                self.assertIn("Bolt", form.order_summary)

    def test_a_decided_order_is_not_counted_twice(self):
        order = self._hold()
        order.with_user(self.user_credit_manager)._release_hold("fine")
        hold = order.hold_ids
        hold.invalidate_recordset()
        self.assertNotIn("This order", hold.customer_card)

    def test_a_salesperson_reads_no_card(self):
        hold = self._hold().hold_ids
        with self.assertRaises(AccessError):
            hold.with_user(self.user_salesperson).read(["customer_card"])
        self.assertTrue(hold.with_user(self.user_credit_user).read(["customer_card"]))

    def test_the_smart_buttons_open_the_order_and_the_customer(self):
        order = self._hold()
        hold = order.hold_ids.with_user(self.user_credit_manager)
        for action, record in (
            (hold.action_open_order(), order),
            (hold.action_open_customer(), self.customer),
        ):
            self.assertEqual(
                (action["res_model"], action["res_id"]), (record._name, record.id)
            )

    # === THE ORDER === #

    def test_the_form_of_the_order_has_the_buttons_of_each_role(self):
        orders = self.env["sale.order"]
        deciding = {"action_release_hold", "action_refuse_hold"}
        sales = self._get_buttons(orders, self.user_salesperson)
        self.assertIn("action_confirm", sales)
        self.assertFalse(deciding & sales)
        manager = self._get_buttons(orders, self.user_credit_manager)
        self.assertLessEqual({*deciding, "action_open_holds"}, manager)

    def test_a_held_or_refused_order_can_be_set_to_quotation_again(self):
        for decide in (False, True):
            order = self._hold()
            if decide:
                order.with_user(self.user_credit_manager)._refuse_hold("no")
            order.with_user(self.user_salesperson).action_draft()
            self._assert_states(order, "draft", "none")

    def test_the_banner_shows_to_who_may_know(self):
        order = self._hold()
        form = Form(order.with_user(self.user_salesperson))
        self.assertIn("Held since", form.hold_banner)
        self.credit_company.credit_hold_handover = "silent"
        silent = self._hold()
        form = Form(silent.with_user(self.user_salesperson))
        self.assertEqual((form.hold_state, form.hold_banner), ("none", False))
        form = Form(silent.with_user(self.user_credit_manager))
        self.assertIn("Held since", form.hold_banner)

    def test_held_orders_are_found_by_a_filter(self):
        held, free = self._hold(), self._create_order(self.good_customer)
        arch = self._get_arch(
            free, "search", self.user_salesperson, "sale.view_sales_order_filter"
        )
        self.assertTrue(arch.xpath("//filter[@name='hold_held']"))
        found = self.env["sale.order"].search(
            [("id", "in", (held + free).ids), ("hold_state", "=", "held")]
        )
        self.assertEqual(found.ids, held.ids)

    def test_orders_are_confirmed_or_handed_over_from_the_list(self):
        action = self.env.ref("account_credit_block.sale_order_action_confirm_or_hold")
        held, free = self._create_order(), self._create_order(self.good_customer)
        result = self._run(action, held + free)
        self.assertEqual(result["tag"], "display_notification")
        self._assert_states(held, "sent", "held")
        self._assert_states(free, "sale", "none")
        self.assertFalse(self._run(action, self._create_order(self.good_customer)))

    def _run(self, action, orders):
        return (
            action.with_user(self.user_salesperson)
            .with_context(active_model=orders._name, active_ids=orders.ids)
            .run()
        )


@tagged("post_install", "-at_install")
class TestHoldPages(HoldCommon, HttpCase):
    """What the customer sees of an order that waits."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = (
            cls.env["sale.order"]
            .sudo()
            .create(
                {
                    "partner_id": cls.user_portal.partner_id.id,
                    "user_id": cls.user_salesperson.id,
                    "require_signature": False,
                    "require_payment": True,
                    "prepayment_percent": 1.0,
                    "validity_date": cls.env.company._get_credit_today()
                    + timedelta(days=30),
                    "order_line": [Command.create({"product_id": cls.product.id})],
                }
            )
        )
        cls.order.state = "sent"

    def _hold_order(self):
        self.order.partner_id._set_credit_block(
            self.level_assistance, "late payer", self.credit_company
        )
        self.order.action_confirm_or_hold()

    def _open(self, **parameters):
        """The order's own page."""
        url = self.order.get_portal_url(
            query_string="".join(f"&{key}={parameters[key]}" for key in parameters)
        )
        return html.fromstring(self.url_open(url).text)

    def _offers_payment(self, page):
        return bool(
            page.xpath(
                "//*[@id='o_sale_portal_paynow'] | //*[@name='sale_order_actions']"
                " | //*[@id='modalaccept']/div"
            )
        )

    def test_an_order_that_waits_asks_for_nothing_on_its_page(self):
        self.assertTrue(self._offers_payment(self._open()))
        self.assertTrue(self._offers_payment(self._open(payment_amount="11.5")))
        self._hold_order()
        for page in (self._open(), self._open(payment_amount="11.5")):
            self.assertFalse(self._offers_payment(page))
            self.assertIn("Your order is being reviewed", page.text_content())
            self.assertNotIn("late payer", page.text_content())

    def test_an_order_that_waits_does_not_expire_in_the_eyes_of_the_customer(self):
        self.order.validity_date = self.env.company._get_credit_today() - timedelta(
            days=1
        )
        said = "//div[not(@hidden)]/strong[text()='This offer expired!']"
        self.assertTrue(self._open().xpath(said))
        self._hold_order()
        self.assertFalse(self._open().xpath(said))

    def test_the_list_of_quotations_says_which_ones_wait(self):
        self.authenticate("acb_portal", "acb_portal")
        self.assertNotIn("Being reviewed", self.url_open("/my/quotes").text)
        self._hold_order()
        self.assertIn("Being reviewed", self.url_open("/my/quotes").text)

    def test_a_silent_hold_says_nothing_but_takes_no_money(self):
        self.credit_company.credit_hold_handover = "silent"
        self._hold_order()
        page = self._open(payment_amount="11.5")
        self.assertFalse(self._offers_payment(page))
        self.assertNotIn("reviewed", page.text_content())
