from lxml import etree

from odoo.exceptions import AccessError, UserError
from odoo.service.model import get_public_method
from odoo.tests import Form, tagged
from odoo.tools.safe_eval import safe_eval

from ..models.credit.credit_exposure import SOURCES
from ..models.screens.credit_customer_history import AGES, UNUSED
from .common_exposure import ExposureCommon

CARDS = {"credit_customer_card", "credit_customer_figures"}
# What the addon puts on the form of a customer.
OURS = ("credit_block_", "credit_customer_", "credit_return_", "payment_return_")
REPORT = "account_credit_block.report_credit_customer_card"


@tagged("post_install", "-at_install")
class TestResPartnerCard(ExposureCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        customer = cls.customer
        cls._setup_credit_block(cls.company)
        cls.customer = customer
        cls.allowed = (cls.user_credit_user, cls.user_credit_manager)
        cls.others = (cls.user_salesperson, cls.user_accountant, cls.user_portal)

    def _as(self, records, user):
        return records.with_user(user).with_context(
            allowed_company_ids=self.company.ids
        )

    def _get_fields(self, view_type, user, view=False):
        view_id = self.env.ref(f"account_credit_block.{view}").id if view else False
        partners = self._as(self.env["res.partner"], user)
        arch = etree.fromstring(partners.get_view(view_id, view_type)["arch"])
        return set(arch.xpath("//field/@name | //widget/@name"))

    # === WHO SEES IT === #

    def test_a_credit_user_reads_the_card_and_nobody_else_does(self):
        self.issue(300)
        for user in self.allowed:
            card = self._as(self.customer, user).read(list(CARDS))[0]
            for name in CARDS:
                self.assertIn("300.00", card[name])
        for user in self.others:
            for name in CARDS:
                with (
                    self.subTest(user=user.login, field=name),
                    self.assertRaises(AccessError),
                ):
                    self._as(self.customer, user).web_read({name: {}})

    def test_the_form_has_the_card_for_credit_users_only(self):
        for user in self.allowed:
            self.assertIn("credit_customer_figures", self._get_fields("form", user))
        for user in (self.user_salesperson, self.user_accountant):
            self.assertFalse(CARDS & self._get_fields("form", user))

    def test_no_card_is_made_for_a_list(self):
        for view_type in ("list", "kanban"):
            fields = self._get_fields(view_type, self.user_credit_manager)
            self.assertFalse(CARDS & fields)

    def test_the_page_of_its_own_is_no_form_that_one_gets_by_chance(self):
        view = "res_partner_view_form_credit_customer_card"
        own = self._get_fields("form", self.user_credit_user, view)
        self.assertIn("credit_customer_card", own)
        usual = self._get_fields("form", self.user_credit_user)
        self.assertNotIn("credit_customer_card", usual)
        self.assertIn("credit_block_ids", usual)

    def test_the_button_opens_the_card_of_the_whole_customer(self):
        contact = self._create_contact(self.customer, "Mario")
        action = self._as(contact, self.user_credit_user)
        action = action.action_open_credit_customer_card()
        self.assertEqual(
            (action["res_model"], action["res_id"], action["path"]),
            ("res.partner", self.customer.id, "customer-credit"),
        )
        view = "res_partner_view_form_credit_customer_card"
        self.assertEqual(
            action["views"],
            [(self.env.ref(f"account_credit_block.{view}").id, "form")],
        )

    def test_the_page_without_a_customer_is_a_list_to_choose_from(self):
        action = self._as(self.env["ir.actions.act_window"], self.user_credit_user)
        action = action._for_xml_id(
            "account_credit_block.res_partner_action_credit_customer_card"
        )
        kinds = [kind for _id, kind in action["views"]]
        self.assertEqual(kinds, ["list", "kanban", "form"])
        partners = self._as(self.env["res.partner"], self.user_credit_user)
        for view in action["views"]:
            arch = etree.fromstring(partners.get_view(*view)["arch"])
            self.assertEqual(arch.get("create"), "false")

    def test_the_page_of_nobody_has_no_buttons_and_says_what_to_do(self):
        view = "account_credit_block.res_partner_view_form_credit_customer_card"
        partners = self._as(self.env["res.partner"], self.user_credit_manager)
        arch = partners.get_view(self.env.ref(view).id, "form")["arch"]
        arch = etree.fromstring(arch)
        for button in arch.iter("button"):
            with self.subTest(button=button.get("name")):
                hidden = safe_eval(
                    button.get("invisible"),
                    {
                        "id": False,
                        "credit_block_level_id": False,
                        "payment_return_count": 0,
                    },
                )
                self.assertTrue(hidden)
        [hint] = arch.xpath("//div[@invisible='id']")
        self.assertIn("choose one", hint.text)

    def test_a_new_customer_has_no_card_yet(self):
        partners = self._as(self.env["res.partner"], self.user_credit_manager)
        for name in CARDS:
            self.assertFalse(partners.new({"name": "New one"})[name])
            self.assertIn(
                "No credit limit", self._as(self.customer, partners.env.user)[name]
            )

    def test_no_card_is_made_before_somebody_looks_at_it(self):
        customer = self._as(self.customer, self.user_credit_manager)
        self.assertFalse(CARDS & set(Form(customer)._view["fields_spec"]))

    def test_the_cards_of_a_customer_are_those_of_the_company_one_works_in(self):
        other = self.env["res.company"].create({"name": "Other"})
        self._block(company=other, reason="theirs")
        self._block(reason="ours")
        customer = self._as(self.customer, self.user_credit_user)
        self.assertIn("ours", customer.credit_customer_card)
        self.assertNotIn("theirs", customer.credit_customer_card)

    def test_the_button_of_held_orders_opens_those_of_the_whole_customer(self):
        contact = self._create_contact(self.customer, "Mario")
        self.level_assistance.sudo().policy_confirmation = "hold"
        self._block(level=self.level_assistance)
        order = self.order(10, state="draft")
        order.action_confirm_or_hold()
        action = self._as(contact, self.user_credit_user).action_open_credit_holds()
        found = self.env[action["res_model"]].sudo().search(action["domain"])
        self.assertEqual(found, order.sudo().hold_ids)

    # === WHAT IS BEHIND AN AMOUNT === #

    def _open_figure(self, figure, user=None, partner=None):
        """The records behind an amount, as a user finds them."""
        partner = self._as(partner or self.customer, user or self.user_credit_user)
        action = partner.action_open_credit_figure(figure)
        model = partner.env[action["res_model"]]
        for view_id, kind in action["views"]:
            model.get_view(view_id, kind)
        return model.search(action["domain"])

    def _fill_every_bucket(self):
        """Make something for each amount of the card."""
        self.company.sudo().credit_block_on_return = False
        self.issue(300)
        self.issue(100, due=-10)
        self.issue(10, due=-100)
        self.pay(self.issue(25), payment_date=self.day(-1))
        self.pay(
            self.issue(70),
            payment_date=self.day(-1),
            payment_method_line_id=self.method(30).id,
            journal_id=self.bank.id,
        )
        self.make_return(self.pay(self.issue(40))).action_confirm()
        self.draft(900)
        refund = self.draft(5, "out_refund")
        refund.action_post()
        self.order(60)
        self.order(2000)._create_invoices()
        self.level_assistance.sudo().policy_confirmation = "hold"
        self._block(level=self.level_assistance)
        self.order(15, state="draft").action_confirm_or_hold()

    def _sum(self, records):
        """What these records are worth for the exposure."""
        if records._name == "account.payment":
            return sum(records.mapped("amount"))
        if records._name == "sale.order":
            return sum(records.mapped("amount_total"))
        drafts = records.filtered(lambda item: item.parent_state == "draft")
        posted = records - drafts
        return sum(posted.mapped("amount_residual")) + sum(drafts.mapped("balance"))

    def test_what_is_behind_an_amount_adds_up_to_it(self):
        self._fill_every_bucket()
        exposure = self.exposure()
        self.assertTrue(all(exposure.values()), exposure)
        for figure, model in SOURCES.items():
            with self.subTest(figure=figure):
                found = self._open_figure(figure)
                self.assertEqual(found._name, model)
                self.assertAlmostEqual(self._sum(found), exposure[figure], 2)
        history = self.env["credit.customer.history"]
        figures = history._get_figures(self.customer, self.company)[self.customer.id]
        for age in (*AGES, UNUSED):
            with self.subTest(age=age):
                amount = figures.aging.get(age, 0.0)
                self.assertAlmostEqual(self._sum(self._open_figure(age)), amount, 2)
        [line] = self._open_figure("returns")
        self.assertEqual(line.amount, 40.0)

    def test_nothing_of_another_customer_is_behind_an_amount(self):
        self.issue(100, due=-10, partner=self.other_customer)
        self.assertFalse(self._open_figure("overdue"))
        self.assertTrue(self._open_figure("overdue", partner=self.other_customer))

    def test_a_contact_has_the_amounts_of_its_company(self):
        self.issue(100, due=-10)
        contact = self._create_contact(self.customer, "Mario")
        self.assertTrue(self._open_figure("overdue", partner=contact))

    def test_what_is_behind_an_amount_is_for_who_sees_amounts(self):
        self.issue(100, due=-10)
        for user in self.others:
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self._as(self.customer, user).action_open_credit_figure("overdue")
        self.assertTrue(self._open_figure("overdue", self.user_credit_manager))

    def test_a_figure_that_there_is_not_is_refused(self):
        for figure in ("total", "", False, "id) OR (1=1", {}, [], 5):
            with (
                self.subTest(figure=figure),
                self.assertRaisesRegex(UserError, "nothing behind"),
            ):
                self._open_figure(figure)

    def test_amounts_are_links_where_a_page_can_follow_them(self):
        self.issue(100, due=-10)
        card = self.env["credit.customer.card"]
        link = 'data-figure="overdue"'
        self.assertIn(link, card._render_full(self.customer, self.company))
        self.assertIn(link, card._render_figures(self.customer, self.company))
        self.assertNotIn(link, card._render(self.customer, self.company))
        paper = card._render_paper(self.customer, self.company)
        self.assertNotIn(link, paper[self.customer.id])

    def test_no_remote_call_makes_a_card(self):
        for model, method in (
            ("credit.customer.card", "_render_full"),
            ("credit.customer.card", "_get_values"),
            ("credit.customer.history", "_get_figures"),
            (f"report.{REPORT}", "_get_report_values"),
        ):
            records = self.env[model].with_user(self.user_salesperson)
            with (
                self.subTest(method=method),
                self.assertRaisesRegex(AccessError, "[Pp]rivate method"),
            ):
                get_public_method(records, method)

    # === ON PAPER === #

    def _print(self, partners, user):
        report = self.env["ir.actions.report"].with_user(user).sudo(False)
        report = report.with_context(allowed_company_ids=self.company.ids)
        return report._render_qweb_html(REPORT, partners.ids)[0].decode()

    def test_credit_users_print_the_cards_of_several_customers(self):
        self.issue(300)
        self.issue(700, partner=self.other_customer)
        contact = self._create_contact(self.customer, "Mario")
        partners = self.customer + contact + self.other_customer
        for user in self.allowed:
            page = self._print(partners, user)
            document = etree.HTML(page)
            pages = document.xpath("//div[contains(@class, 'article')]")
            self.assertEqual(len(pages), 2, "one for each customer")
            for page, partner, amount in zip(
                pages,
                self.customer + self.other_customer,
                ("300.00", "700.00"),
                strict=True,
            ):
                text = "".join(page.itertext())
                self.assertIn(partner.name, text)
                self.assertIn(amount, text)
            self.assertIn(self.company.name, "".join(document.itertext()))

    def test_nobody_else_prints_a_card(self):
        for user in self.others:
            with (
                self.subTest(user=user.login),
                self.assertRaisesRegex(AccessError, "Only credit users can print"),
            ):
                self._print(self.customer, user)

    def test_the_print_menu_offers_the_card_to_credit_users(self):
        report = self.env.ref("account_credit_block.action_report_credit_customer_card")
        for user in (*self.allowed, self.user_salesperson, self.user_accountant):
            partners = self._as(self.env["res.partner"], user)
            bindings = self.env["ir.actions.actions"].with_env(partners.env)
            found = bindings.get_bindings("res.partner").get("report", ())
            with self.subTest(user=user.login):
                self.assertEqual(
                    report.id in [action["id"] for action in found],
                    user in self.allowed,
                )

    # === COST === #

    def _fill(self, count):
        """A customer with as many open orders and invoices, and a return."""
        order, move = self.order(10), self.issue(10, due=-40)
        self.make_return(
            self.pay(self.issue(10, due=-20)), date=self.day(-1)
        ).action_confirm()
        self.env.flush_all()
        self._copy("account_move", "account_move_line", "move_id", move.id, count)
        self._copy("sale_order", "sale_order_line", "order_id", order.id, count)
        self.env.cr.execute("ANALYZE account_move, account_move_line, sale_order")
        self.env.invalidate_all()

    def _copy(self, table, lines, key, record_id, count):
        """Copy a document with its lines by one statement."""
        columns = self._get_columns(
            table, {"id", "name", "sequence_number", "access_token"}
        )
        line_columns = self._get_columns(lines, {"id", key})
        self.env.cr.execute(
            f"""
            WITH copied AS (
                INSERT INTO {table} (name, {columns})
                SELECT name || '/' || n, {columns}
                  FROM {table}, generate_series(1, %s) n WHERE id = %s
             RETURNING id)
            INSERT INTO {lines} ({key}, {line_columns})
            SELECT copied.id, line.* FROM copied, (
                SELECT {line_columns} FROM {lines} WHERE {key} = %s) line
            """,
            [count, record_id, record_id],
        )

    def _get_columns(self, table, skipped):
        self.env.cr.execute(
            """SELECT quote_ident(column_name) FROM information_schema.columns
                WHERE table_name = %s AND table_schema = current_schema()
                  AND column_name <> ALL(%s) ORDER BY column_name""",
            [table, list(skipped)],
        )
        return ", ".join(name for (name,) in self.env.cr.fetchall())

    def _block_by_others(self):
        """A history in which several people appear, and an order that was refused."""
        level = self.level_assistance.sudo()
        level.policy_confirmation = "hold"
        self.customer.with_user(self.user_salesperson)._set_credit_block(
            level, "late", self.company
        )
        self.customer._lift_credit_block(self.level_unpaid, "paid", self.company)
        order = self.order(10, state="draft")
        order.action_confirm_or_hold()
        order.with_user(self.user_credit_manager)._refuse_hold("no")

    def _get_specifications(self):
        """What the form of a customer reads, with the addon and without it."""
        customer = self._as(self.customer, self.user_credit_manager)
        with_addon = self._add_names(customer, Form(customer)._view["fields_spec"])
        without = {
            name: spec for name, spec in with_addon.items() if not name.startswith(OURS)
        }
        self.assertLess(len(without), len(with_addon) - 6)
        return with_addon, without

    def _add_names(self, records, specification):
        """Ask for the names of what is referred to, as a browser does."""
        added = {}
        for name, spec in specification.items():
            field = records._fields[name]
            if field.type == "many2one":
                added[name] = {**spec, "fields": {"display_name": {}}}
            elif spec.get("fields"):
                rows = self.env[field.comodel_name]
                fields = self._add_names(rows, spec["fields"])
                added[name] = {**spec, "fields": fields}
            else:
                added[name] = spec
        return added

    def test_the_form_of_a_big_customer_costs_ten_queries_more_at_most(self):
        self._fill(200)
        self._block_by_others()
        customer = self._as(self.customer, self.user_credit_manager)
        with_addon, without = (
            lambda spec=spec: customer.web_read(spec)
            for spec in self._get_specifications()
        )
        for read in (without, with_addon):
            self._count_queries(read)
        few, many = self._count_queries(without), self._count_queries(with_addon)
        self.assertLessEqual(many - few, 10, f"{many} instead of {few}")

    def test_what_lists_show_costs_the_same_whatever_their_length(self):
        partners = self.env["res.partner"].create(
            [{"name": f"Customer {n}"} for n in range(80)]
        )
        for partner in partners[::10]:
            self.make_return(
                self.pay(self.issue(10, partner=partner)), date=self.day(-1)
            ).action_confirm()
        partners = self._as(partners, self.user_credit_manager)
        shown = self._get_fields("list", self.user_credit_manager)
        shown |= self._get_fields("kanban", self.user_credit_manager)
        ours = {name for name in shown if name.startswith(OURS)}
        self.assertIn("credit_block_level_id", ours)
        specification = dict.fromkeys({*ours, "payment_return_count"}, {})

        def read(some):
            return self._count_queries(lambda: some.web_read(specification))

        read(partners)
        few, many = read(partners[:8]), read(partners)
        self.assertEqual(few, many)
        self.assertLessEqual(many, 8)
