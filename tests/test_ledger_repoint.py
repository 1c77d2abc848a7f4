import random
import traceback
from collections import Counter
from contextlib import ExitStack, contextmanager
from unittest.mock import patch

from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.account_credit_block.models import orm_internals
from odoo.addons.account_credit_block.models.returns import (
    account_payment_return_ledger_direct,
    account_payment_return_ledger_entry,
)

from . import test_ledger_random_kinds as kinds
from .common_returns import PaymentReturnCommon

NUMBERS = "account_credit_block.sequence_account_payment_return"
SEEDS = range(100, 108)
# For a hundred collections of an accountant who sold them, and is told so: 256 and 221.
QUERIES_CONFIRM = 270
QUERIES_CANCEL = 235
# Who says what needs not be made anew.
FINDING = ("_find_repointed", "_find_given_back", "_find_whole", "_find_freed")
# What people enter, though Odoo fills it in first.
ENTERED = {"account_id", "balance", "amount_currency", "name", "partner_id"}
ENTERED |= {"analytic_distribution", "currency_id"}
TRACED = ("company_id", "partner_id", "had_paid", "amount", "restored_amount")
# What names an id, who and when; what is matched is compared by itself.
NOT_COMPARED = {
    *("id", "create_uid", "create_date", "write_uid", "write_date"),
    *("full_reconcile_id", "matching_number", "internal_index"),
    *("date_from", "lifted_on"),
}
COMPARED = (
    "account.move",
    "account.move.line",
    "account.payment",
    "account.bank.statement.line",
    "account.partial.reconcile",
    "account.payment.return.line",
    "account.payment.return.partial",
    "credit.block",
)


class Ledger:
    """What the books say, in words that are the same in two runs of the same steps.

    A new record is told by its number among the new ones of its model.
    """

    def __init__(self, env):
        self.env = env(su=True)
        self.before = {name: self._find_last(name) for name in COMPARED}

    def _find_last(self, name):
        return self._search(name, order="id desc", limit=1).id or 0

    def _search(self, name, domain=(), **options):
        model = self.env[name].with_context(active_test=False)
        return model.search(list(domain), **options)

    def tell(self):
        """Return a dict from model to the new records, with every stored field."""
        self.env.flush_all()
        self.env.invalidate_all()
        self.new = {
            name: self._search(name, [("id", ">", last)], order="id")
            for name, last in self.before.items()
        }
        self.numbers = {
            name: {record.id: number for number, record in enumerate(records)}
            for name, records in self.new.items()
        }
        return {
            **{name: self._tell_all(records) for name, records in self.new.items()},
            "matched": self._tell_matched(),
        }

    def _tell_all(self, records):
        told = [self._tell(record) for record in records]
        # A reconciliation that was kept is older than one that was made anew.
        return sorted(told, key=str) if "debit_move_id" in records else told

    def _tell(self, record):
        return {
            name: self._tell_value(record[name])
            for name, field in record._fields.items()
            if field.store and field.column_type and name not in NOT_COMPARED
            if field.type not in ("properties", "json", "html")
        }

    def _tell_value(self, value):
        if not hasattr(value, "_ids"):
            return value
        return [self._tell_link(each) for each in value]

    def _tell_link(self, record):
        if record._name == "account.partial.reconcile":
            ends = record.debit_move_id, record.credit_move_id
            return record._name, *(self._tell_value(end) for end in ends)
        numbers = self.numbers.get(record._name, {})
        if record.id in numbers:
            return record._name, "new", numbers[record.id]
        return record._name, record.id if record._name in numbers else record._name

    def _tell_matched(self):
        """Which items are matched with which, and which of them wholly."""
        groups = {}
        for item in self.new["account.move.line"]:
            key = item.matching_number, item.full_reconcile_id.id
            groups.setdefault(key, []).append(self._tell_link(item))
        return sorted(
            (number and number.startswith("P"), bool(full), items)
            for (number, full), items in groups.items()
            if number or full
        )


@tagged("post_install", "-at_install")
class TestLedgerRepointRandom(kinds.TestLedgerRandomKinds):
    """To give a reconciliation another debit leaves the books of making it anew."""

    allow_inherited_tests_method = True
    odds = 0.1

    def test_random_sequences(self):
        self.seen, self.faults, self.seed = set(), [], "repoint"
        self.ledgers = type(self.env["account.payment.return.ledger"])
        self.found = Counter()
        for seed in SEEDS:
            with self.subTest(seed=seed):
                quick, told = self.live(seed, self.counting())
                slow, told_again = self.live(seed, self.making_anew())
                self.assertEqual(told, told_again)
                for name, records in slow.items():
                    self.assertEqual(quick[name], records, f"{name}\n{told}")
        for name in FINDING:
            self.assertGreater(self.found[name], 1, name)

    def live(self, seed, how):
        """Take the steps of a seed; return what the books say then, and the steps."""
        rng = random.Random(seed)
        sequence = self.env.ref(NUMBERS).sudo()
        sequence.number_next = 1
        # Those of a year, which other tests may have left.
        sequence.date_range_ids.number_next = 1
        ledger = Ledger(self.env)
        with how, self.going_back():
            self.begin(rng)
            for action in self.draw_actions(rng):
                self.step(action, rng)
            return ledger.tell(), "\n".join(self.done)

    def draw_actions(self, rng):
        drawn = [rng.choice(self.get_actions()) for _each in range(3)]
        return [self.give_back, *drawn, self.give_back, self.cancel]

    @contextmanager
    def counting(self):
        """Count what is given another debit, matched and set free by statements."""
        with ExitStack() as stack:
            for name in FINDING:
                stack.enter_context(patch.object(self.ledgers, *self.count(name)))
            yield

    def count(self, name):
        origin = getattr(self.ledgers, name)

        def find(*args):
            found = origin(*args)
            # What is matched comes together with what is not.
            self.found[name] += len(found[0] if name == "_find_whole" else found)
            return found

        return name, find

    @contextmanager
    def making_anew(self):
        """Let core do and compute everything."""
        items = type(self.env["account.move.line"])
        with (
            patch.object(self.ledgers, "_is_reconciling_extended", lambda self: True),
            patch.object(items, "_is_of_return", lambda self, vals: False),
        ):
            yield


@tagged("post_install", "-at_install")
class TestLedgerRepoint(PaymentReturnCommon):
    """What keeps its reconciliation, and what does not."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.add_branch()

    def confirm(self, payment, **values):
        """Confirm a return of a payment; return its reconciliation, as it was."""
        partials = self.payment_item(payment).matched_debit_ids
        self.assertTrue(partials)
        self.returned = self.make_return(payment, **values)
        self.returned.action_confirm()
        self.assertEqual(self.returned.state, "confirmed")
        return partials

    def assertRepointed(self, payment, **values):
        partial = self.confirm(payment, **values)
        self.assertTrue(partial.exists())
        item = self.returned.line_ids.entry_line_ids
        self.assertEqual(partial.debit_move_id, item)
        self.assertTrue(item.full_reconcile_id)
        self.assertEqual(item.full_reconcile_id, partial.full_reconcile_id)

    def assertMadeAnew(self, payment, **values):
        self.assertFalse(self.confirm(payment, **values).exists())

    def test_what_comes_back_whole_keeps_its_reconciliation(self):
        invoice = self.invoice(100)
        payment = self.pay(invoice)
        self.assertRepointed(payment)
        self.assertFalse(self.due_items(invoice).full_reconcile_id)
        self.assertFalse(self.due_items(invoice).matching_number)

    def test_what_pays_the_rest_of_the_invoice_stays_matched_in_part(self):
        invoice = self.invoice(100)
        first, second = self.pay(invoice, amount=40), self.pay(invoice)
        self.assertTrue(self.due_items(invoice).full_reconcile_id)
        self.assertMadeAnew(first)
        items = self.payment_item(second) | self.due_items(invoice)
        self.assertFalse(items.full_reconcile_id)
        partial = self.payment_item(second).matched_debit_ids
        self.assertEqual(set(items.mapped("matching_number")), {f"P{partial.id}"})
        self.assertEqual(invoice.amount_residual, 40)

    def test_a_part_is_made_anew(self):
        self.assertMadeAnew(self.pay(self.invoice(100)), line_amount=60)

    def test_a_payment_of_two_invoices_is_made_anew(self):
        self.assertMadeAnew(self.pay(self.invoice(100) + self.invoice(50)))

    def test_a_part_of_a_payment_on_account_is_made_anew(self):
        payment = self.pay(self.invoice(100), amount=130)
        self.assertMadeAnew(payment, line_amount=130)

    def test_a_discount_is_made_anew(self):
        invoice = self.invoice(
            100, invoice_payment_term_id=self.early_discount_term().id
        )
        payment = self.pay(invoice, payment_date="2026-09-02")
        self.assertEqual(payment.amount, 98)
        self.assertMadeAnew(payment)

    def test_another_currency_is_made_anew(self):
        usd = self.setup_other_currency("USD", rounding=0.01)
        self.assertMadeAnew(self.pay(self.invoice(100, currency_id=usd.id)))

    def test_a_tax_due_on_payment_is_made_anew(self):
        tax = self.setup_cash_basis_tax()
        invoice = self.invoice(0)
        invoice.button_draft()
        invoice.invoice_line_ids.write({"price_unit": 100, "tax_ids": tax.ids})
        invoice.action_post()
        payment = self.pay(invoice)
        self.assertTrue(self.cash_basis_tax_due(tax))
        self.assertMadeAnew(payment)
        self.assertAlmostEqual(self.cash_basis_tax_due(tax), 0)

    def test_where_the_law_wants_every_trace_it_is_made_anew(self):
        payment = self.pay(self.invoice(100))
        self.company.sudo().restrictive_audit_trail = True
        self.assertMadeAnew(payment)

    def test_a_return_that_is_a_bank_transaction_is_made_anew(self):
        payment = self.pay(self.invoice(100))
        transaction = self.env["account.bank.statement.line"].create(
            {"journal_id": self.bank.id, "amount": -100, "payment_ref": "Unpaid"}
        )
        self.assertMadeAnew(payment, line_statement_line_id=transaction.id)

    def test_an_invoice_of_another_branch_is_made_anew(self):
        invoice = self.invoice(100, company_id=self.branch.id)
        payment = self.env["account.payment"].create(
            {
                "partner_id": self.customer.id,
                "amount": 100,
                "payment_type": "inbound",
                "partner_type": "customer",
                "journal_id": self.bank.id,
            }
        )
        payment.action_post()
        self.assertEqual(payment.company_id, self.company)
        (self.payment_item(payment) | self.due_items(invoice)).reconcile()
        self.assertMadeAnew(payment)

    def test_where_another_addon_extends_reconciliations_they_are_made_anew(self):
        partials = self.env["account.partial.reconcile"]
        self.assertFalse(orm_internals.get_extending(partials))
        self.assertIn("sale", orm_internals.get_extending(self.env["account.move"]))
        payment = self.pay(self.invoice(100))
        with patch.object(orm_internals, "get_extending", lambda model: {"other"}):
            self.assertMadeAnew(payment)
            back = self.payment_item(payment).matched_debit_ids
            self.returned.action_cancel()
        self.assertFalse(back.exists())

    # === CANCELLED === #

    def test_what_is_given_back_whole_keeps_its_reconciliation(self):
        invoice = self.invoice(100)
        payment = self.pay(invoice)
        partial = self.confirm(payment)
        self.returned.action_cancel()
        self.assertTrue(partial.exists())
        self.assertEqual(partial.debit_move_id, self.due_items(invoice))
        self.assertTrue(self.due_items(invoice).full_reconcile_id)
        self.assertEqual(invoice.payment_state, "paid")
        self.assertNotEqual(payment.state, "rejected")
        self.assertEqual(self.returned.line_ids.undone_ids.restored_amount, 100)

    def test_what_was_paid_again_is_not_given_back(self):
        invoice = self.invoice(100)
        payment = self.pay(invoice)
        partial = self.confirm(payment)
        self.pay(invoice, amount=30)
        self.returned.action_cancel()
        self.assertFalse(partial.exists())
        self.assertEqual(self.payment_item(payment).amount_residual, -30)

    def test_of_two_that_paid_the_same_the_first_is_given_back(self):
        invoice = self.invoice(100)
        first = self.pay(invoice)
        self.confirm(first)
        both = self.returned
        second = self.pay(invoice)
        self.confirm(second)
        (both | self.returned).action_cancel()
        self.assertEqual(invoice.payment_state, "paid")
        items = self.payment_item(first) | self.payment_item(second)
        self.assertEqual(sorted(items.mapped("amount_residual")), [-100, 0])

    # === COST === #

    def collect(self, count):
        """A payment of one invoice of each of so many customers."""
        customers = self.env["res.partner"].create(
            [{"name": f"Customer {number}"} for number in range(count)]
        )
        line = {"name": "Goods", "price_unit": 100.0, "tax_ids": False}
        invoices = self.env["account.move"].create(
            [
                {
                    "move_type": "out_invoice",
                    "partner_id": customer.id,
                    "invoice_date": "2026-09-01",
                    "invoice_line_ids": [Command.create(line)],
                }
                for customer in customers
            ]
        )
        invoices.action_post()
        return self.pay(invoices, group=False)

    def test_a_hundred_take_few_queries(self):
        returned = self.make_return(self.collect(100))
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(QUERIES_CONFIRM):
            returned.action_confirm()
            self.env.flush_all()
        self.assertEqual(
            returned.line_ids.invoice_ids.mapped("payment_state"), ["not_paid"] * 100
        )
        self.env.invalidate_all()
        with self.assertQueryCount(QUERIES_CANCEL):
            returned.action_cancel()
            self.env.flush_all()
        self.assertEqual(
            returned.line_ids.invoice_ids.mapped("payment_state"), ["paid"] * 100
        )

    def test_more_than_odoo_reads_at_once_is_read_in_portions(self):
        """As 3,000 are by a thousand each, thirty are here by ten."""
        returned = self.make_return(self.collect(30))
        for do in (returned.action_confirm, returned.action_cancel):
            with (
                patch("odoo.orm.fields.PREFETCH_MAX", 10),
                patch("odoo.orm.models.PREFETCH_MAX", 10),
                patch("odoo.orm.fields_relational.PREFETCH_MAX", 10),
            ):
                asked = self.tally_queries(do)
            often = {place: count for place, count in asked.items() if count >= 30}
            self.assertFalse(often, do)
            self.assertGreater(max(asked.values()), 3)

    def tally_queries(self, do):
        """How often the database is asked, by where in the code."""
        self.env.flush_all()
        self.env.invalidate_all()
        asked, execute = Counter(), type(self.env.cr).execute

        def count(cursor, *args, **kwargs):
            asked[str(traceback.extract_stack())] += 1
            return execute(cursor, *args, **kwargs)

        with patch.object(type(self.env.cr), "execute", count):
            do()
            self.env.flush_all()
        return asked

    # === BY STATEMENTS === #

    def test_what_is_given_with_an_item_is_what_odoo_computes(self):
        returned = self.make_return(self.collect(3))
        returned.action_confirm()
        returned.action_cancel()
        items = returned.move_ids.line_ids.sudo()
        self.assertEqual(len(items), 8)
        computed = [
            field
            for field in items._fields.values()
            if field.store and field.compute and field.column_type
        ]
        before = self.tell_items(items, computed)
        for field in computed:
            if field.name not in ENTERED:
                self.env.add_to_compute(field, items)
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(before, self.tell_items(items, computed))

    def tell_items(self, items, computed):
        self.env.flush_all()
        self.env.invalidate_all()
        return {
            field.name: [str(item[field.name]) for item in items] for field in computed
        }

    def test_of_reconciliations_others_are_computed_through_their_items(self):
        partials = self.env["account.partial.reconcile"]
        ledger = self.env["account.payment.return.ledger"]
        self.assertFalse(ledger._is_reconciling_extended())
        names = account_payment_return_ledger_direct.WRITTEN
        found = orm_internals.get_dependants(partials, names)
        self.assertEqual(found, account_payment_return_ledger_direct.LINKS)
        found = orm_internals.get_dependants(partials, ["exchange_move_id"])
        self.assertTrue(found - account_payment_return_ledger_direct.LINKS)

    def test_a_collection_is_matched_by_a_statement(self):
        payment = self.pay(self.invoice(100))
        item = payment.move_id.line_ids - self.payment_item(payment)
        returned = self.make_return(payment)
        with self.counting_inserted() as inserted:
            returned.action_confirm()
        self.assertEqual(inserted["account.partial.reconcile"], 1)
        self.assertTrue(item.reconciled)
        self.assertEqual(item.matching_number, str(item.full_reconcile_id.id))
        self.assertEqual(
            item.full_reconcile_id.reconciled_line_ids - item,
            returned.move_ids.line_ids.filtered(lambda line: line.balance < 0),
        )
        partial, full = item.matched_credit_ids, item.full_reconcile_id
        returned.action_cancel()
        self.assertFalse(partial.exists())
        self.assertFalse(full.exists())
        self.assertFalse(item.reconciled or item.matching_number)
        self.assertEqual(item.amount_residual, 100)

    def test_what_is_of_another_currency_is_matched_by_core(self):
        usd = self.setup_other_currency("USD", rounding=0.01)
        payment = self.pay(self.invoice(100, currency_id=usd.id))
        with self.counting_inserted() as inserted:
            self.make_return(payment).action_confirm()
        self.assertFalse(inserted["account.partial.reconcile"])
        item = payment.move_id.line_ids - self.payment_item(payment)
        self.assertTrue(item.reconciled)

    def test_where_the_law_wants_every_trace_core_matches(self):
        payment = self.pay(self.invoice(100))
        self.company.sudo().restrictive_audit_trail = True
        with self.counting_inserted() as inserted:
            self.make_return(payment).action_confirm()
        self.assertFalse(inserted["account.partial.reconcile"])

    @contextmanager
    def counting_inserted(self):
        """Count the rows that statements make, by model."""
        inserted, insert = Counter(), orm_internals.insert_rows

        def count(model, vals_list):
            inserted[model._name] += len(vals_list)
            return insert(model, vals_list)

        with patch.object(orm_internals, "insert_rows", count):
            yield inserted

    def test_traces_of_an_addon_that_extends_them_are_records_as_any(self):
        payments = self.pay(self.invoice(100)), self.pay(self.invoice(100))
        told = []
        for payment, extending in zip(payments, (set(), {"other"}), strict=True):
            returned = self.make_return(payment)
            with (
                self.counting_inserted() as inserted,
                patch.object(
                    orm_internals, "get_extending", lambda model, e=extending: e
                ),
            ):
                returned.action_confirm()
            made = inserted["account.payment.return.partial"]
            self.assertEqual(made, 0 if extending else 1)
            trace = returned.line_ids.undone_ids
            told.append({name: trace[name] for name in TRACED})
        self.assertEqual(*told)

    def test_traces_are_rounded_as_their_currency_is(self):
        payment = self.pay(self.invoice(100))
        returned = self.make_return(payment)
        returned.action_confirm()
        line = returned.line_ids
        piece = {
            "return_line_id": line.id,
            "debit_move_id": line.undone_ids.debit_move_id.id,
            "amount": 33.4 + 33.299999999999,
            "credit_amount_currency": 100.1 - 33.4,
        }
        line.undone_ids.sudo().unlink()
        self.env["account.payment.return.partial"].sudo()._make([piece])
        self.env.cr.execute(
            "SELECT amount::text, credit_amount_currency::text"
            "  FROM account_payment_return_partial WHERE return_line_id = %s",
            [line.id],
        )
        self.assertEqual(self.env.cr.fetchone(), ("66.7", "66.7"))

    def test_what_odoo_keeps_in_memory_of_an_invoice_is_read_anew(self):
        invoice = self.invoice(100)
        payment = self.pay(invoice)
        returned = self.make_return(payment)
        self.assertTrue(invoice.has_reconciled_entries)
        self.assertFalse(self.customer.credit)
        returned.action_confirm()
        self.assertFalse(invoice.has_reconciled_entries)
        self.assertEqual(self.customer.credit, 100)
        returned.action_cancel()
        self.assertFalse(self.customer.credit)

    def test_nothing_that_odoo_keeps_in_memory_is_old(self):
        payments = self.collect(3)
        invoices = payments.invoice_ids
        # Of one nobody said that it is for this invoice.
        payments[0].invoice_ids = False
        returned = self.make_return(payments)
        records = [invoices, payments, payments.move_id, payments.move_id.line_ids]
        records.append(invoices.line_ids)
        # Flags, which say something else when they are asked again.
        flags = self.find_old(records)
        for do in (returned.action_confirm, returned.action_cancel):
            do()
            self.assertFalse(self.find_old(records) - flags)

    def find_old(self, records):
        """Which fields say something else when Odoo has forgotten all."""
        kept = [self.tell_unstored(each) for each in records]
        self.env.flush_all()
        self.env.invalidate_all()
        return {
            f"{each._name}.{name}"
            for each, told in zip(records, kept, strict=True)
            for name, anew in self.tell_unstored(each).items()
            if told[name] != anew
        }

    def tell_unstored(self, records):
        """What Odoo computes of others' fields and keeps in memory alone."""
        depends = self.env.registry.field_depends
        return {
            name: records.mapped(lambda record, name=name: str(record[name]))
            for name, field in records._fields.items()
            if depends[field] and not field.store
        }

    def test_odoo_holds_the_environments_that_it_makes_for_amounts(self):
        def count():
            return sum(
                env.context.get("prefetch_fields") is False
                for env in self.env.transaction.envs
            )

        before = count()
        self.customer.sudo().with_context(prefetch_fields=False)
        self.assertEqual(count(), before)
        with orm_internals.keeping_environments(self.customer):
            self.assertGreater(count(), before)
        self.assertEqual(count(), before)

    def test_cancelling_puts_nothing_back_on_another_account(self):
        invoice = self.invoice(100)
        returned = self.make_return(self.pay(invoice))
        returned.action_confirm()
        invoice.button_draft()
        account = self.due_items(invoice).account_id
        self.due_items(invoice).account_id = account.sudo().copy()
        invoice.action_post()
        returned.action_cancel()
        self.assertEqual(returned.state, "cancelled")
        self.assertEqual(invoice.amount_residual, 100)
        self.assertFalse(returned.line_ids.undone_ids.restored_amount)
        self.assertIn(
            "not in the books any more as it was",
            str(returned.message_ids[:2].mapped("body")),
        )

    def test_cancelling_leaves_each_payment_the_state_that_odoo_gives_it(self):
        """Of three instalments one was paid again meanwhile."""
        for extended in (False, True):
            with self.subTest(extended=extended):
                self.assertEqual(*self.get_states_of_instalments(extended))

    def get_states_of_instalments(self, is_by_core):
        term = self.env["account.payment.term"].create(
            {
                "name": "Three instalments",
                "line_ids": [
                    Command.create(
                        {"value": "percent", "value_amount": share, "nb_days": days}
                    )
                    for share, days in ((30, 30), (30, 60), (40, 90))
                ],
            }
        )
        invoice = self.invoice(100, invoice_payment_term_id=term.id)
        items = self.due_items(invoice)
        payments = self.env["account.payment"].union(*map(self.pay, items))
        returned = self.make_return(payments)
        ledgers = type(self.env["account.payment.return.ledger"])
        extended = ledgers._is_reconciling_extended
        with patch.object(
            ledgers,
            "_is_reconciling_extended",
            lambda ledger: is_by_core or extended(ledger),
        ):
            returned.action_confirm()
            self.pay(items[1])
            self.env.flush_all()
            self.env.invalidate_all()
            returned.action_cancel()
        stored = payments.mapped("state")
        self.env.add_to_compute(payments._fields["state"], payments)
        return stored, payments.mapped("state")

    def test_many_collections_meet_several_credits(self):
        payments = self.collect(5)
        with patch.object(account_payment_return_ledger_entry, "TOGETHER", 2):
            returned = self.make_return(payments)
            returned.action_confirm()
        credits = returned.move_ids.line_ids.filtered(lambda item: item.balance < 0)
        self.assertEqual(sorted(credits.mapped("balance")), [-200, -200, -100])
        self.assertTrue(all(credits.mapped("reconciled")))
        self.assertEqual(set(payments.mapped("state")), {"rejected"})
        returned.action_cancel()
        self.assertEqual(set(payments.mapped("is_reconciled")), {True})
        self.assertNotIn("rejected", payments.mapped("state"))
