"""Every form as every role: New, emptied fields, copies, buttons, lists and links.

What is walked is found by definition: the views of this addon and the views that it
extends, the switches of the company, the rights of each role. In a shop it is what the
addons bring that join ours there.
"""

import re

from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from .common import ADDON, get_walked, get_walked_classes, is_ours, new_user
from .common_exposure import ExposureCommon
from .common_forms import WebClient
from .test_tour import TourCommon

ROLES = {
    "employee": "base.group_user",
    "salesperson": "sales_team.group_sale_salesman",
    "salesperson of all": "sales_team.group_sale_salesman_all_leads",
    "sales manager": "sales_team.group_sale_manager",
    "auditor": "account.group_account_readonly",
    "invoicing": "account.group_account_invoice",
    "accountant": "account.group_account_manager",
    "credit user": f"{ADDON}.group_credit_user",
    "credit manager": f"{ADDON}.group_credit_manager",
    "system": "base.group_system",
    "administrator": "base.group_system,account.group_account_manager,"
    f"sales_team.group_sale_manager,{ADDON}.group_credit_manager",
}
# Who enters, who only reads, and who decides: to use all that is there takes long.
SOME_ROLES = ("salesperson", "auditor", "credit manager")
# What shows more fields, and gives no right to do anything but with contacts.
FEATURES = (
    "base.group_multi_company,base.group_multi_currency,uom.group_uom,"
    "account.group_delivery_invoice_address,product.group_product_pricelist,"
    "sale.group_discount_per_so_line,analytic.group_analytic_accounting,"
    "base.group_partner_manager"
)
# As the menus open a new one.
NEW_CONTEXTS = {
    "account.move": [
        {"default_move_type": move_type}
        for move_type in ("entry", "out_invoice", "out_refund", "in_invoice")
    ],
    "account.payment": [
        {"default_payment_type": "inbound", "default_partner_type": "customer"}
    ],
    # None does: it is opened on a document.
    "payment.link.wizard": [],
}
# Those of the shop are there where it is.
HOLD_SWITCHES = {
    f"credit_hold_{name}" for name in ("level", "web", "shipping", "terms")
}
# By these the records of the fixture are of one kind, or of another.
KIND_FIELDS = (
    "state",
    "match_state",
    "hold_state",
    "move_type",
    "payment_state",
    "type",
    "active",
    "parent_id",
)
# Odoo breaks here without this addon too.
FAULTS_OF_ODOO = re.compile(
    # The smart button of the payments is shown to salespeople.
    r"Failed to read field account\.move\.matched_payment_ids"
    # The number of an entry is taken while its journal is empty.
    r"|empty account\.move journal_id: ProgrammingError: can't adapt type 'NewId'"
)
# Who works in some of the companies is told so when saving what all of them share.
RIGHT_REFUSALS = re.compile(r"^fresh \S+: AccessError: All companies share")
# What core's view reads, whose menu is not for all who may read its model.
READ_BY = {
    "account.account_journal_dashboard_kanban_view": "account.bank.statement.line"
}


class FormsFixture(ExposureCommon):
    """One user per role, and a record of each kind."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        blocked, good = cls.customer, cls.other_customer
        cls._setup_credit_block(cls.company)
        cls.customer, cls.good_customer = blocked, good
        cls.users_of_roles = {
            role: cls._create_user(role, groups) for role, groups in ROLES.items()
        }
        cls.forms = cls._get_views("form")
        before = {model: cls._get_last_id(model) for model, _view in cls.forms}
        cls._create_records()
        cls.env.flush_all()
        cls.records = {model: cls._pick(model, before[model]) for model in before}
        cls.entered = cls._get_entered()

    @classmethod
    def _create_user(cls, role, groups):
        return new_user(
            cls.env,
            f"forms_{role.replace(' ', '_')}",
            f"{groups},{FEATURES}",
            cls.company,
            name=f"Forms {role}",
        )

    # === WHAT IS WALKED === #

    @classmethod
    def _get_views(cls, view_type):
        """Return pairs of a model and a view: our addons', and those they extend."""
        data = cls.env["ir.model.data"].sudo()
        data = data.search(
            [("module", "=like", f"{ADDON}%"), ("model", "=", "ir.ui.view")]
        )
        found = set()
        for view in cls.env["ir.ui.view"].sudo().browse(data.mapped("res_id")):
            while view.mode == "extension":
                view = view.inherit_id  # noqa: PLW2901
            if view.type == view_type and cls._is_walked(view.model):
                found.add((view.model, view))
        return sorted(found, key=lambda pair: (pair[0], pair[1].id))

    @classmethod
    def _is_walked(cls, model):
        """Say whether the addons that are walked here have a part in a model."""
        is_all = ADDON in get_walked(cls.env)
        return model and (is_all or get_walked_classes(cls.env[model]))

    @classmethod
    def _get_switch_settings(cls):
        """Return a dict from name to values of the company: all off, on, and each."""
        own = [
            field
            for field in cls.company._fields.values()
            if (field._module or "").startswith(ADDON)
        ]
        switches = [field.name for field in own if field.type == "boolean"]
        # Core's own switch, without which nobody has a limit.
        switches.append("account_use_credit_limit")
        off, on = dict.fromkeys(switches, False), dict.fromkeys(switches, True)
        settings = {"all off": off, "all on": on}
        settings.update((name, {**off, name: True}) for name in switches)
        settings.update(
            (f"{field.name} {value}", {**on, field.name: value})
            for field in own
            if field.type == "selection"
            for value, _label in field.selection
        )
        return settings

    @classmethod
    def _get_last_id(cls, model):
        records = cls.env[model].sudo().with_context(active_test=False)
        if records._transient:
            return 0
        return records.search([], order="id desc", limit=1).id or 0

    @classmethod
    def _pick(cls, model, last_id):
        """Return a record of each kind, of those made here if there are any."""
        records = cls.env[model].sudo().with_context(active_test=False)
        if records._transient:
            return records
        made = records.search([("id", ">", last_id)]) or records.search([])
        names = [name for name in KIND_FIELDS if name in records._fields]
        kinds = made.grouped(lambda record: tuple(record[name] for name in names))
        return records.union(*(found[0] for found in kinds.values()))

    @classmethod
    def _get_entered(cls):
        """Return what is entered in new forms; the rest is the first that fits."""
        line = {"product_id": cls.goods}
        order = cls.env["ir.model"]._get("sale.order")
        return {
            "account.journal": {"name": "Fresh", "code": "FRE"},
            "account.move": {
                "partner_id": cls.good_customer,
                "invoice_line_ids": line,
            },
            "account.payment": {"partner_id": cls.good_customer, "amount": 10.0},
            "account.payment.return": {"line_ids": {"payment_id": cls.payment}},
            "credit.guard": {"model_id": order, "partner_path": "partner_id"},
            "res.partner": {"name": "Fresh"},
            "res.partner.bank": {"partner_id": cls.good_customer},
            "sale.order": {"partner_id": cls.good_customer, "order_line": line},
        }

    # === THE RECORDS === #

    @classmethod
    def _create_records(cls):
        cls.good_customer.credit_limit = 5000.0
        cls.customer.sudo().credit_limit = 10.0
        # Two names of one customer, by the tax number.
        cls.customer.vat = "IT00743110157"
        twin = {"vat": cls.customer.vat, "email": "neri@example.com"}
        cls._create_contact(cls._create_customer("Officine Neri", **twin), "Mario")
        cls._create_returns()
        cls._create_orders()
        cls.customer._set_credit_block(cls.level_unpaid, "late", cls.company)
        cls.customer._set_credit_block(cls.level_pending, "late", cls.company)
        cls.customer._lift_credit_block(cls.level_pending, "paid", cls.company)
        cls.env["credit.guard"].sudo().create(
            {
                "name": "Guard of sale.order",
                "model_id": cls.env["ir.model"]._get_id("sale.order"),
                "partner_path": "partner_id",
                "active": False,
                "fallback_company_id": cls.company.id,
            }
        )
        cls._create_formats()

    @classmethod
    def _create_formats(cls):
        place = {"record": "51", "field": "receipt", "first": 11, "last": 20}
        cls.env["account.payment.return.format"].sudo().create(
            {
                "name": "Our savings bank",
                "company_id": cls.company.id,
                "field_ids": [Command.create(place)],
                "code_ids": [Command.create({"code": "42010"})],
                "mark_ids": [Command.create({"mark": "RIF."})],
            }
        )

    @classmethod
    def _create_returns(cls):
        salesperson = {"invoice_user_id": cls.users_of_roles["salesperson"].id}
        cls.payment = cls.pay(cls.issue(101))
        cls.pay(cls.issue(80), amount=30)
        draft, confirmed, cancelled = (
            cls.make_return(cls.pay(cls.issue(amount, **salesperson)))
            for amount in (102, 103, 104)
        )
        (confirmed + cancelled).action_confirm()
        cancelled.action_cancel()
        unknown = {"payment_id": False, "move_line_id": False, "reference": "unknown"}
        draft.line_ids = [
            Command.create({"amount": 7.0, **unknown}),
            Command.create({"amount": 8.0, **unknown}),
        ]
        draft.line_ids[-1].match_state = "ambiguous"
        cls.draft(50, **salesperson)
        cls.draft(51, move_type="out_refund")

    @classmethod
    def _create_orders(cls):
        cls.company.sudo().credit_hold_limit = True
        manager = cls.users_of_roles["credit manager"]
        values = {
            "partner_id": cls.good_customer.id,
            "user_id": cls.users_of_roles["salesperson"].id,
        }
        cls.order(20, **values)
        cls.order(21, state="draft", **values)
        held, released, refused = (
            cls.order(amount, state="draft", **values) for amount in (9000, 9100, 9200)
        )
        (held + released + refused).action_confirm_or_hold()
        released.with_user(manager)._release_hold("a good customer")
        refused.with_user(manager)._refuse_hold("not this time")


@tagged("post_install", "-at_install", "shop")
class TestForms(FormsFixture):
    """Nothing breaks, whoever opens, empties, copies or presses."""

    def setUp(self):
        super().setUp()
        self.faults, self.done = {}, set()
        self.company = self.company.sudo()
        # What users may do to the fixture is refused or not, and in the log.
        loggers = (
            "odoo.tests.form.onchange",
            "odoo.sql_db",
            "odoo.addons.base.models.ir_actions_server",
            "odoo.addons.base.models.ir_actions",
        )
        muted = mute_logger(*loggers)
        self.enterContext(muted)

    def _get_client(self, role, settings="all on"):
        """Return a role's web client, the switches of the company being set."""
        self.company.write(self._get_switch_settings()[settings])
        self.env.flush_all()
        context = {"allowed_company_ids": self.company.ids, "lang": "en_US"}
        user = self.users_of_roles[role]
        env = self.env(user=user.id, su=False, context=context)
        return WebClient(env, f"{role}, {settings}", self.faults, self.done)

    def _assert_no_faults(self):
        faults = [
            f"{fault}\n    {'; '.join(sorted(who))}"
            for fault, who in sorted(self.faults.items())
            if not (FAULTS_OF_ODOO.search(fault) or RIGHT_REFUSALS.search(fault))
        ]
        self.assertFalse(faults, f"{len(faults)} faults:\n" + "\n".join(faults))

    # === NEW === #

    def _open_new(self, client):
        """Open each form that a user may fill in, and empty its fields."""
        for model, view in self.forms:
            for context in NEW_CONTEXTS.get(model, [{}]):
                records = client.env[model].with_context(**context)
                if self._is_dialog(records) or not records.has_access("create"):
                    continue
                form = client.try_open(records, view, "new")
                if form and form.allows("create"):
                    client.empty_fields(form, model)
                    client.empty_lines(form, model)
                    yield model, form

    def _is_dialog(self, records):
        """Say whether a button opens the form, filled in, and no menu."""
        return records._transient and records._original_module == ADDON

    def _save_and_press(self, client, model, form):
        """Save a new form, copy the record and press all that it shows."""
        with client.attempt("fresh", model, allowed=ValidationError):
            client.fill(form, self.entered.get(model, {}))
            form.save()
            client.done.add(("saved", model))
            client.press_all(form, "fresh", depth=1)
            if not form._record._transient and form.allows("duplicate"):
                client.duplicate(form._record, "fresh")

    def test_a_new_record_is_filled_in_saved_copied_and_its_buttons_pressed(self):
        for role in ROLES:
            client = self._get_client(role)
            for model, form in self._open_new(client):
                self._save_and_press(client, model, form)
        self._assert_no_faults()
        saved = {what[1] for what in self.done if what[0] == "saved"}
        wanted = {*self.entered, "credit.block.rule", "account.payment.return.reason"}
        walked = {model for model, _view in self.forms}
        self.assertLessEqual(wanted & walked, saved)
        self.assertIn("sale.order", saved)

    def test_new_opens_whatever_the_switches_of_the_company(self):
        for settings in self._get_switch_settings():
            for role in ("salesperson", "credit manager"):
                for _opened in self._open_new(self._get_client(role, settings)):
                    self.done.add((role, settings))
        self._assert_no_faults()
        self.assertIn(("salesperson", "account_use_credit_limit"), self.done)
        self.assertIn(("salesperson", "credit_hold_limit"), self.done)

    # === WHAT THERE IS === #

    def _walk_existing(self, client, thoroughly):
        for model, view in self.forms:
            for record in self.records[model].with_env(client.env):
                if not record.has_access("read"):
                    continue
                form = client.try_open(record, view, "open")
                if form and thoroughly:
                    self._use_existing(client, record, form)

    def _use_existing(self, client, record, form):
        if record.has_access("write") and form.allows("edit"):
            client.empty_fields(form, record._name)
            client.empty_lines(form, record._name, steps=("edit",))
        client.press_all(form, "existing", depth=1)
        if record.has_access("create") and form.allows("duplicate"):
            client.duplicate(record, "existing", allowed=ValidationError)

    def test_existing_records_open_are_copied_and_their_buttons_pressed(self):
        for role in ROLES:
            self._walk_existing(self._get_client(role), role in SOME_ROLES)
        self._assert_no_faults()
        opened = {what[1] for what in self.done if what[0] == "opened"}
        dialogs = {m for m, _v in self.forms if self._is_dialog(self.env[m])}
        # What a menu opens is pressed there.
        self.assertLessEqual(dialogs - {"account.payment.return.import"}, opened)

    def test_every_list_loads_and_its_buttons_are_pressed(self):
        for role in ROLES:
            client = self._get_client(role)
            for view_type in ("list", "kanban", "search", "pivot", "graph", "activity"):
                for model, view in self._get_views(view_type):
                    needed = READ_BY.get(view.xml_id, model)
                    if client.env[needed].has_access("read"):
                        client.show(model, view, view_type)
        self._assert_no_faults()

    def test_a_row_is_added_to_every_list_that_is_edited_in_place(self):
        for role in ROLES:
            client = self._get_client(role)
            for model, view in self._get_views("list"):
                records = client.env[model]
                if not (records.has_access("read") and records.has_access("create")):
                    continue
                arch = records.get_view(view.id, "list")["arch"]
                if "editable=" in arch:
                    with client.attempt("row", view.xml_id):
                        spec = {name: {} for name in records._fields if name in arch}
                        records.onchange({}, [], spec)
                        self.done.add(("row", model))
        self._assert_no_faults()
        reasons = self.env.ref(f"{ADDON}.account_payment_return_reason_view_list")
        if (reasons.model, reasons) in self._get_views("list"):
            self.assertIn(("row", reasons.model), self.done)

    def test_the_links_of_empty_lists_work_for_whom_they_are_shown(self):
        actions = self.env["ir.actions.act_window"].sudo().search([])
        actions = actions.filtered(lambda a: (a.xml_id or "").startswith(ADDON))
        for role in ROLES:
            for action in actions:
                self._get_client(role).follow_links(action)
        self._assert_no_faults()
        followed = self._get_client("administrator")
        link = self.env.ref(f"{ADDON}.credit_guard_action_suggest").id
        text = followed.env["credit.guard"].get_empty_list_help("")
        self.assertTrue(f'name="{link}"' in text or "nothing to suggest" in text)


@tagged("post_install", "-at_install", "shop")
class TestFormsRules(TransactionCase):
    """What a form needs of the fields and methods that it shows."""

    def test_no_field_that_is_for_a_group_is_copied(self):
        places = [
            str(field)
            for model in self.env.registry.values()
            if model._auto
            for field in model._fields.values()
            if is_ours(field) and field.groups and field.copy
        ]
        self.assertFalse(places, "Who is not in the group cannot duplicate the record")


@tagged("post_install", "-at_install", "shop")
class TestFormsBrowser(TourCommon):
    """The same in a real browser, where it was found."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.sudo().write(
            {
                "account_use_credit_limit": True,
                "credit_hold_limit": True,
                **{name: True for name in cls.company._fields if name in HOLD_SWITCHES},
            }
        )
        cls.env.flush_all()

    def _open_in_browser(self, path, login, wanted, button="null"):
        """Open a page, press a button if there is one, and wait for what it shows."""
        self.browser_js(
            path,
            f"""
            let button = {button!r};
            const look = () => {{
                if (document.querySelector(".o_error_dialog")) {{
                    console.error("The page shows an error");
                }} else if (document.querySelector({wanted!r})) {{
                    console.log("test successful");
                }} else {{
                    const found = document.querySelector(button);
                    if (found) {{
                        found.click();
                        button = null;
                    }}
                    setTimeout(look, 200);
                }}
            }};
            look();
            """,
            ready="odoo.isReady === true",
            login=login,
        )

    def test_new_quotation_and_new_invoice_open_with_the_switches_on(self):
        customer = ".o_form_view .o_field_widget[name=partner_id] input"
        for action, login in (
            ("sale.action_quotations", "acb_salesperson"),
            ("account.action_move_out_invoice_type", "acb_accountant"),
        ):
            with self.subTest(action=action):
                path = f"/odoo/action-{self.env.ref(action).id}/new"
                self._open_in_browser(path, login, customer)

    def test_suggested_guards_say_that_nothing_is_installed(self):
        new_user(
            self.env,
            "forms_administrator",
            f"base.group_system,{ADDON}.group_credit_manager",
            self.company,
        )
        button = "button[name=action_create_suggested]"
        known = self.env["credit.guard"]._get_known_suggestions()
        wanted = ".o_data_row" if known else ".o_notification"
        self._open_in_browser(
            "/odoo/credit-guards", "forms_administrator", wanted, button
        )
