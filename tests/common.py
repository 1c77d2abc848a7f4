from contextlib import contextmanager

from odoo import SUPERUSER_ID, api
from odoo.fields import Command
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, TransactionCase, get_db_name, new_test_user

# The letters of an access matrix.
OPERATIONS = {"c": "create", "r": "read", "u": "write", "d": "unlink"}
ROLES = (
    "credit_manager",
    "credit_user",
    "accountant",
    "salesperson",
    "portal",
    "public",
)

# Root addon and those that install themselves begin with it.
ADDON = "account_credit_block"

# What a customer may read of a refusal, on the shop and on the portal.
NEUTRAL_TEXT = "We cannot accept this order online at the moment. Please contact us."


def is_ours(field):
    """Say whether a field is one that our addons have or change."""
    return any(module.startswith(ADDON) for module in field._modules)


def get_walked(env):
    """Names of our addons whose views and methods are walked, one by one, here.

    The root addon where it is alone; where others have joined it, what they bring.
    """
    ours = {name for name in env.registry._init_modules if name.startswith(ADDON)}
    return ours - {ADDON} or {ADDON}


def get_walked_classes(model):
    """The classes that these addons define or extend a model with."""
    ours = tuple(f"odoo.addons.{name}." for name in get_walked(model.env))
    return [c for c in type(model).mro() if c.__module__.startswith(ours)]


def new_user(env, login, groups, company, **values):
    """A user who works in one company, and in no other.

    :param groups: their external ids, with commas
    """
    return new_test_user(
        env,
        login=login,
        groups=groups,
        company_id=company.id,
        company_ids=[Command.set(company.ids)],
        **values,
    )


class CreditBlockFixture:
    """Customers, levels and one user per role, to mix into a test case."""

    @classmethod
    def _setup_credit_block(cls, company):
        cls.credit_company = company
        cls.level_assistance = cls._get_level("assistance")
        cls.level_unpaid = cls._get_level("unpaid")
        cls.level_pending = cls._get_level("pending")
        cls.level_doubtful = cls._get_level("doubtful")
        cls.level_non_performing = cls._get_level("non_performing")
        cls._setup_credit_users(company)
        cls.customer = cls._create_customer("Officine Rossi")
        cls.contact = cls._create_contact(cls.customer, "Mario of Rossi")
        cls.good_customer = cls._create_customer("Fratelli Verdi")

    @classmethod
    def _get_level(cls, name):
        return cls.env.ref(f"account_credit_block.credit_block_level_{name}")

    @classmethod
    def _setup_credit_users(cls, company):
        groups = {
            "salesperson": "sales_team.group_sale_salesman",
            "accountant": "account.group_account_invoice",
            "credit_user": "account_credit_block.group_credit_user",
            "credit_manager": "account_credit_block.group_credit_manager",
            "portal": "base.group_portal",
        }
        cls.users = {
            name: new_user(cls.env, f"acb_{name}", group, company, name=f"Test {name}")
            for name, group in groups.items()
        }
        cls.users["public"] = cls.env.ref("base.public_user")
        for name, user in cls.users.items():
            setattr(cls, f"user_{name}", user)

    @classmethod
    def _create_customer(cls, name, **vals):
        return cls.env["res.partner"].create({"name": name, "is_company": True, **vals})

    @classmethod
    def _create_contact(cls, parent, name, **vals):
        return cls.env["res.partner"].create(
            {"name": name, "parent_id": parent.id, **vals}
        )

    def _create_order(self, partner=None, user=None, quantity=1, **vals):
        """A new quotation of one line of ``self.product``, of who enters it."""
        line = {"product_id": self.product.id, "product_uom_qty": quantity}
        return (
            self.env["sale.order"]
            .with_user(user or self.user_salesperson)
            .create(
                {
                    "partner_id": (partner or self.customer).id,
                    "company_id": self.credit_company.id,
                    "order_line": [Command.create(line)],
                    **vals,
                }
            )
        )

    def _block(self, partner=None, level=None, **kwargs):
        """Block a customer for the reason "test reason", by hand unless said."""
        kwargs.setdefault("reason", "test reason")
        kwargs.setdefault("company", self.credit_company)
        return (partner or self.customer)._set_credit_block(
            level or self.level_unpaid, **kwargs
        )

    def _verdict(self, operation, partner=None, company=None):
        return (partner or self.customer)._get_credit_verdict(
            operation, company or self.credit_company
        )

    def _check_access_matrix(self, matrix):
        """Compare what every role may do with a dict model -> role -> letters."""
        for model, roles in matrix.items():
            self.assertEqual(tuple(roles), ROLES)
            for role, allowed in roles.items():
                records = self.env[model].with_user(self.users[role]).sudo(False)
                records = records.with_context(
                    allowed_company_ids=self.credit_company.ids
                )
                for letter, operation in OPERATIONS.items():
                    with self.subTest(model=model, role=role, operation=operation):
                        self.assertEqual(
                            records.has_access(operation), letter in allowed
                        )

    @contextmanager
    def assertRaisesRegex(self, expected_exception, expected_regex):
        """Roll back what was refused, as Odoo's own `assertRaises` does."""
        self.env.flush_all()
        self.env.invalidate_all()
        with (
            super().assertRaisesRegex(expected_exception, expected_regex) as caught,
            self.env.cr.savepoint(),
        ):
            yield caught

    def _count_queries(self, function):
        """Return how many queries a function does with nothing in cache."""
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        function()
        self.env.flush_all()
        return self.env.cr.sql_log_count - before


class CreditBlockCommon(CreditBlockFixture, TransactionCase):
    """Light fixture, for what needs no accounting."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._setup_credit_block(cls.env.company)
        cls.other_company = cls.env["res.company"].create({"name": "Other Company"})


class TwoConnectionsCase(BaseCase):
    """Several people at once: real connections, on records that the test commits."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())

    def connect(self):
        """Return an environment on a connection of its own, closed at the end."""
        cr = self.registry.cursor()
        self.addCleanup(cr.close)
        return api.Environment(cr, SUPERUSER_ID, {})
