"""What customers may read of our fields: nothing but what their pages show."""

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import is_ours
from .common_holds import HoldCommon
from .common_rpc import call_as

# Core's: what the customer agreed on with us, which is on each of his invoices; and
# what his own page filters his invoices by.
SHOWN = {
    ("account.move", "is_payment_returned"),
    ("res.partner", "property_payment_term_id"),
    ("res.partner", "property_inbound_payment_method_line_id"),
    ("res.users", "property_payment_term_id"),
    ("res.users", "property_inbound_payment_method_line_id"),
}


# A condition that some records fulfil and others do not, by type of field.
CONDITIONS = {
    "boolean": ("=", True),
    "integer": (">", 0),
    "float": (">", 0),
    "monetary": (">", 0),
    "char": ("=", "held"),
    "text": ("=", "held"),
    "selection": ("=", "held"),
    "date": ("!=", False),
    "many2one": ("!=", False),
    "one2many": ("!=", False),
    "many2many": ("!=", False),
}


@tagged("post_install", "-at_install", "shop")
class TestPortalFields(HoldCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.portal = cls.user_portal.partner_id

    def _call(self, user, records, name, *args):
        args = (records.ids, *args) if records else args
        return call_as(self.env, user, records._name, name, *args)

    def _get_readable_models(self):
        """Return the models that customers may read something of."""
        access = self.env(user=self.user_portal, su=False)["ir.model.access"]
        return [
            model
            for name, model in self.env.items()
            if not model._abstract and access.check(name, "read", False)
        ]

    def test_our_fields_are_for_employees_on_whatever_a_customer_reads(self):
        open_fields = []
        for model in self._get_readable_models():
            own = model.with_env(self.env(user=self.user_portal, su=False))
            open_fields += [
                (model._name, name)
                for name, field in model._fields.items()
                if is_ours(field) and own._has_field_access(field, "read")
            ]
        self.assertEqual(set(open_fields) - SHOWN, set())

    def test_what_a_customer_may_not_read_he_does_not_search_by(self):
        for model in self._get_readable_models():
            for name, field in model._fields.items():
                condition = CONDITIONS.get(field.type)
                ours = is_ours(field) and (model._name, name) not in SHOWN
                if not (ours and field._description_searchable and condition):
                    continue
                with self.subTest(model=model._name, name=name):
                    domain = [(name, *condition)]
                    with self.assertRaises(AccessError):
                        self._call(self.user_portal, model, "search", domain)
                    self._call(self.env.ref("base.user_admin"), model, "search", domain)

    def test_the_customer_reads_the_own_order_and_nothing_of_ours(self):
        self.portal._set_credit_block(
            self.level_assistance, "late payer", self.credit_company
        )
        self.credit_company.account_use_credit_limit = True
        order = self._hold(self.portal)
        self.assertTrue(self._call(self.user_portal, order, "read", ["name", "state"]))
        names = ("partner_credit_warning", "hold_state", "hold_banner", "hold_status")
        for name in names:
            with self.subTest(name=name):
                with self.assertRaises(AccessError):
                    self._call(self.user_portal, order, "read", [name])
                with self.assertRaises(AccessError):
                    self._call(
                        self.user_portal,
                        order.browse(),
                        "search",
                        [(name, "=", "held")],
                    )
        for name in names[:3]:
            self._call(self.user_salesperson, order, "read", [name])

    def test_the_customer_reads_the_company_and_not_how_it_grants_credit(self):
        company = self.credit_company
        self.assertTrue(self._call(self.user_portal, company, "read", ["name"]))
        for name in ("credit_hold_user_ids", "credit_hold_limit_tolerance"):
            with self.subTest(name=name):
                with self.assertRaises(AccessError):
                    self._call(self.user_portal, company, "read", [name])
                self._call(self.user_salesperson, company, "read", [name])
        described = self._call(self.user_portal, company.browse(), "fields_get")
        self.assertNotIn("credit_hold_user_ids", described)
