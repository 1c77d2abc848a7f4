"""What statements of returns read is in the database before they ask for it.

PostgreSQL says which columns a statement reads: a view of it depends on them. Calls
are watched for what they flush; see `test_statement_columns` for the other rooms.
"""

import sys
from contextlib import ExitStack
from unittest.mock import patch

from odoo import models
from odoo.api import Environment
from odoo.tests import TransactionCase, tagged
from odoo.tools import SQL, Query

from ..models.returns.account_payment_return_left import AccountPaymentReturnLeft
from .common_statements import BORN_WITH, get_columns

ADDON = "account_credit_block"


def is_ours(name):
    """Whether our code called what is being called, by its name."""
    frame = sys._getframe(2)
    # Core's own overrides of it are passed over.
    while frame.f_code.co_name == name:
        frame = frame.f_back
    return f"/{ADDON}/" in frame.f_code.co_filename


class Flushed(set):
    """Names of (model, field) that are in the database; all fields of ``whole``."""

    def __init__(self, pairs=(), whole=()):
        super().__init__(pairs)
        self.whole = set(whole)

    def add_model(self, model, names):
        """Add the fields that a call of `flush_model` writes."""
        if names is None:
            self.whole.add(model)
        else:
            self.update((model, name) for name in names)

    def has(self, model, name):
        return model in self.whole or (model, name) in self


@tagged("post_install", "-at_install")
class TestHouseSql(TransactionCase):
    """Each statement lists the columns that it reads too early."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.by_table, cls.by_relation = {}, {}
        for model in cls.env.registry.values():
            if model._abstract or not model._auto:
                continue
            cls.by_table.setdefault(model._table, model._name)
            for field in model._fields.values():
                if field.type == "many2many" and field.store and field.relation:
                    cls.by_relation.setdefault(field.relation, []).append(
                        (field.model_name, field.name)
                    )

    # === WHAT A STATEMENT READS === #

    def find_unflushed(self, query, flushed):
        """What of a statement's columns may not be in the database yet."""
        return sorted(
            f"{table}.{column}"
            for table, column in get_columns(self.env, query)
            if not self.is_flushed(table, column, flushed)
        )

    def is_flushed(self, table, column, flushed):
        if table in self.by_relation:
            # Either side of a many2many field writes its rows.
            return any(flushed.has(*pair) for pair in self.by_relation[table])
        model = self.by_table.get(table)
        if model is None:
            return False
        return column in BORN_WITH or flushed.has(model, column)

    def watch(self, ask):
        """Statements that a call makes, each with what our code has flushed before.

        :param ask: may return a query, which is one of them
        """
        flushed, statements = Flushed(), []
        flush_model, execute_query = models.Model.flush_model, Environment.execute_query

        def note_flush(records, names=None):
            if is_ours("flush_model"):
                flushed.add_model(records._name, names)
            return flush_model(records, names)

        def note_query(env, query):
            if is_ours("execute_query"):
                statements.append((query, self.add_told(flushed, query)))
            return execute_query(env, query)

        with ExitStack() as stack:
            base = models.BaseModel
            stack.enter_context(patch.object(base, "flush_model", note_flush))
            stack.enter_context(patch.object(Environment, "execute_query", note_query))
            found = ask()
        if isinstance(found, Query):
            query = found.select()
            statements.append((query, self.add_told(flushed, query)))
        return statements

    def add_told(self, flushed, query):
        """What is in the database, with what the ORM flushes for its own part."""
        known = Flushed(flushed, flushed.whole)
        known.update((field.model_name, field.name) for field in query.to_flush)
        return known

    def check_asked(self, **asked):
        """Check all statements of some calls, which are to make one at least."""
        for name, ask in asked.items():
            with self.subTest(asked=name):
                self.env.flush_all()
                self.env.invalidate_all()
                statements = self.watch(ask)
                self.assertTrue(statements)
                for query, flushed in statements:
                    self.assertEqual(self.find_unflushed(query, flushed), [], query)

    # === OURS === #

    def test_what_is_left_is_read_of_what_is_flushed(self):
        left = self.env["account.payment.return.left"]
        item = self.env["account.move.line"].browse(1)
        self.check_asked(
            entries=lambda: left._find_entries(item),
            debtors=lambda: left._find_debtors(item),
            others=lambda: left._find_given_back({1}, item),
        )

    def test_matching_reads_what_is_flushed(self):
        match = self.env["account.payment.return.match"]
        lines = self.env["account.payment.return.line"]
        payments, invoices = self.env["account.payment"], self.env["account.move"]
        self.check_asked(
            told=lambda: lines._search(
                match._get_forms_domain(lines, {"reference": {"A1"}})
            ),
            payments=lambda: payments._search(
                match._get_forms_domain(
                    payments, {"memo": {"A1"}}, {"end_to_end_id": {"A1"}}
                )
            ),
            note=lambda: lines._search([("match_note", "ilike", "found")]),
            returned=lambda: invoices._search([("is_payment_returned", "=", True)]),
            several=lambda: invoices._search([("payment_return_count", ">", 1)]),
        )

    # === CONTROLS === #

    def test_what_is_not_flushed_is_named(self):
        """A column in any clause, of an alias, of a subquery, of a relation."""
        query = SQL(
            """WITH one AS (SELECT id, name FROM res_partner WHERE active)
               SELECT one.name, lang.code FROM one, res_lang lang
                WHERE EXISTS (SELECT FROM res_groups_users_rel member
                               WHERE member.uid = one.id)
             ORDER BY lang.iso_code"""
        )
        self.assertEqual(
            self.find_unflushed(query, Flushed({("res.partner", "name")})),
            [
                "res_groups_users_rel.uid",
                "res_lang.code",
                "res_lang.iso_code",
                "res_partner.active",
            ],
        )
        whole = Flushed({("res.users", "group_ids")}, {"res.lang", "res.partner"})
        self.assertEqual(self.find_unflushed(query, whole), [])

    def test_a_statement_before_its_flush_is_found(self):
        with patch.object(AccountPaymentReturnLeft, "_flush_books", lambda self: None):
            left = self.env["account.payment.return.left"]
            ((query, flushed),) = self.watch(lambda: left._find_debtors(self.env.user))
        self.assertIn(
            "account_move_line.partner_id", self.find_unflushed(query, flushed)
        )
