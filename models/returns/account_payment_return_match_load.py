from math import inf

from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..reference_form import normal, normal_sql
from . import match_rules
from .account_payment_return_left import Left
from .match_rules import Collection, Index, Instalment
from .return_states import COLLECTED, STANDING

# What the rules ask about a payment.
PAYMENT_NAMES = (
    "amount",
    "collection_batch_id",
    "collection_due_date",
    "collection_message_id",
    "company_id",
    "currency_id",
    "date",
    "end_to_end_id",
    "journal_id",
    "mandate_reference",
    "memo",
    "move_id",
    "name",
    "partner_id",
    "state",
)


class AccountPaymentReturnMatch(models.AbstractModel):
    """What the rules need to know of collections, by one search a table."""

    _inherit = "account.payment.return.match"  # pylint: disable=consider-merging-classes-inherited

    def _get_transaction_domain(self, wanted):
        """What bank transactions put on the customers' accounts."""
        return Domain(
            [
                ("account_type", "=", "asset_receivable"),
                ("parent_state", "=", "posted"),
                ("statement_line_id", "!=", False),
                ("balance", "<", 0),
                ("company_id", "child_of", list({item.root_id for item in wanted})),
            ]
        )

    def _get_entry_domain(self, wanted):
        """What plain entries put on the customers' accounts: some of it are bills."""
        return Domain(
            [
                ("account_type", "=", "asset_receivable"),
                ("parent_state", "=", "posted"),
                ("move_type", "=", "entry"),
                ("statement_line_id", "=", False),
                ("payment_id", "=", False),
                ("balance", "<", 0),
                ("matched_debit_ids", "!=", False),
                ("company_id", "child_of", list({item.root_id for item in wanted})),
            ]
        )

    def _get_payment_domain(self, wanted):
        """Customer payments of the companies concerned, also those that came back.

        A payment that came back in full is how a repeated return is recognised.
        """
        return self._get_presented_domain(wanted) & Domain("state", "in", COLLECTED)

    def _get_presented_domain(self, wanted):
        """The same, and those that the bank may tell of though they collect nothing."""
        return Domain(
            [
                ("payment_type", "=", "inbound"),
                ("partner_type", "=", "customer"),
                ("company_id", "child_of", list({item.root_id for item in wanted})),
            ]
        )

    def _load_by_keys(self, wanted):
        """The collections that the references of some returns may mean.

        :param wanted: list of ``Wanted``
        :return: ``Index``
        """
        if not wanted:
            return Index([])
        names = {name for item in wanted for name in item.names}
        texts = {text for item in wanted for text in (*item.ids, item.instruction_id)}
        long = {text for item in wanted for text in item.words | item.tokens}
        cut = {form for text in long for form in match_rules.cut_forms(text)}
        keys = {
            "end_to_end_id": set(map(normal, (*texts, *names))) | cut,
            "mandate_reference": {normal(item.mandate) for item in wanted},
            "name": set(map(normal, names)),
            "memo": set(map(normal, names)) | cut,
            "collection_batch_id": {
                normal(item.batch_id) for item in wanted if item.scope == "batch"
            },
            "collection_message_id": {
                normal(item.message_id) for item in wanted if item.scope == "message"
            },
        }
        prefixes = {normal(text) for text in long if match_rules.can_be_cut(text)}
        domain = self._get_forms_domain(
            self.env["account.payment"],
            keys,
            dict.fromkeys(("end_to_end_id", "memo"), prefixes),
        )
        found = self._search_payments(self._get_presented_domain(wanted) & domain)
        payments = found.filtered(lambda payment: payment.state in COLLECTED)
        item_ids, more = self._search_invoices(wanted, names)
        collections = self._load_collections(payments | more, item_ids, wanted)
        return Index(collections + self._load_gone(found - payments, wanted))

    def _get_forms_domain(self, records, forms, prefixes=None):
        """Records one of whose fields has one of some references, in normal form.

        One subquery a field: each of them goes by the index on its normal form.

        :param forms: dict from field name to normal forms
        :param prefixes: dict from field name to beginnings of normal forms
        """
        records.flush_model([*forms, *(prefixes or {})])
        table = SQL.identifier(records._table)
        queries = [
            SQL("SELECT id FROM %s WHERE %s = ANY(%s)", table, column, list(wanted))
            for column, wanted in self._get_form_columns(forms)
        ] + [
            SQL(
                "SELECT id FROM %(table)s JOIN UNNEST(%(cut)s) AS cut(form)"
                " ON %(column)s >= cut.form AND %(column)s < cut.form || %(last)s",
                table=table,
                cut=list(wanted),
                column=column,
                last="\uffff",
            )
            for column, wanted in self._get_form_columns(prefixes or {})
        ]
        if not queries:
            return Domain.FALSE
        return Domain("id", "in", SQL("(%s)", SQL(" UNION ").join(queries)))

    def _get_form_columns(self, forms):
        """Pairs of the SQL of a field's normal form, and what is looked for in it."""
        return [
            (SQL(normal_sql(name)), wanted - {""})
            for name, wanted in forms.items()
            if wanted - {""}
        ]

    def _search_payments(self, domain):
        return self.env["account.payment"].search_fetch(
            domain, list(PAYMENT_NAMES), order="id"
        )

    def _search_invoices(self, wanted, names):
        """Who paid the invoices that carry one of the names.

        :return: (ids of the items that paid them, payments without a journal entry)
        """
        none = [], self.env["account.payment"]
        if not names:
            return none
        forms = set(map(normal, names))
        invoices = self.env["account.move"].search_fetch(
            Domain(
                [
                    ("move_type", "in", ("out_invoice", "out_receipt")),
                    ("state", "=", "posted"),
                    ("company_id", "child_of", list({w.root_id for w in wanted})),
                ]
            )
            & self._get_forms_domain(
                self.env["account.move"],
                dict.fromkeys(("name", "payment_reference", "ref"), forms),
            ),
            ["matched_payment_ids"],
            order="id",
        )
        if not invoices:
            return none
        partials = self.env["account.partial.reconcile"].search_fetch(
            [("debit_move_id.move_id", "in", invoices.ids)],
            ["credit_move_id"],
            order="id",
        )
        without_entry = self._search_payments(
            self._get_payment_domain(wanted)
            & Domain("id", "in", invoices.matched_payment_ids.ids)
            & Domain("move_id", "=", False)
        )
        return partials.credit_move_id.ids, without_entry

    def _load_by_money(self, wanted, index):
        """Add the collections that only the customer, the day or the amount tell.

        :param wanted: list of ``Wanted``
        :param index: the ``Index`` of what is loaded already, with its claims
        :return: a new ``Index`` of both
        """
        amounts = list({item.amount for item in wanted if item.amount})
        dues = list({item.due for item in wanted if item.due})
        customers = list({partner for item in wanted for partner in item.customers})
        oldest = self._get_oldest_day(wanted)
        known = Domain("partner_id.commercial_partner_id", "in", customers)
        domain = (Domain("amount", "in", amounts) & Domain("date", ">=", oldest)) | (
            known & Domain("date", "in", dues)
        )
        payments = self._search_payments(self._get_payment_domain(wanted) & domain)
        items = self.env["account.move.line"].search_fetch(
            (self._get_transaction_domain(wanted) | self._get_entry_domain(wanted))
            & Domain("amount_currency", "in", [-amount for amount in amounts])
            & known,
            ["move_id"],
            order="id",
        )
        found = self._load_collections(payments, items.ids, wanted)
        loaded = {(hit.item_id, hit.payment_id) for hit in index.collections}
        more = [hit for hit in found if (hit.item_id, hit.payment_id) not in loaded]
        return Index([*index.collections, *more])

    def _get_oldest_day(self, wanted):
        days = [day for item in wanted for day in (item.due, item.day) if day]
        return fields.Date.subtract(min(days), days=match_rules.PROPOSAL_DAYS)

    def _load_collections(self, payments, item_ids, wanted):
        """Everything the rules need to know about some payments, table by table.

        :param payments: ``account.payment``, read before
        :param item_ids: ids of receivable items that paid an invoice
        :param wanted: list of ``Wanted``
        :return: list of ``Collection``
        """
        items = self._search_items(payments, item_ids)
        pairs = self.env["account.payment.return.pair"]._find(payments, items)
        groups = items.union(
            *map(self.env["account.payment.return.pair"]._get_group, pairs.values())
        )
        if groups - items:
            items |= self._search_items(payments.browse(), (groups - items).ids)
        known = payments
        payments = payments.union(items.payment_id, *pairs)
        self._fetch(payments - known, PAYMENT_NAMES)
        self._fetch_partners(payments.partner_id | items.partner_id)
        found = self._prepare_items(items, pairs)
        alone = payments.filtered(lambda p: not p.move_id and p not in pairs)
        parts = self._load_linked_instalments(alone)
        found += [self._prepare_payment(p, parts.get(p.id, ())) for p in alone]
        self._load_left(found)
        self._load_claims(found)
        self._load_brought(found, wanted)
        return found

    def _load_gone(self, payments, wanted):
        """What the rules need to know of payments that collect nothing (any more).

        A receipt was withdrawn, or a payment cancelled, that the bank still tells of.

        :param payments: ``account.payment``, read before
        :param wanted: list of ``Wanted``
        :return: list of ``Collection``
        """
        self._fetch_partners(payments.partner_id)
        found = [self._prepare_payment(payment, ()) for payment in payments]
        for payment, hit in zip(payments, found, strict=True):
            is_withdrawn = payment.state == "canceled"
            hit.gone = "withdrawn" if is_withdrawn else "not_collected"
            # Without an entry by what the bank calls it: its memo is the invoice.
            hit.label = payment.name or payment.end_to_end_id or hit.label
            hit.left = Left(0.0)
        self._load_brought(found, wanted)
        return found

    def _fetch_partners(self, partners):
        names = ["name", "commercial_partner_id", *self._get_code_names()]
        self._fetch(partners, names)
        self._fetch(partners.commercial_partner_id - partners, names)

    def _prepare_items(self, items, pairs):
        """The collections of receivable items: one a payment, and what else they paid.

        :param pairs: dict from payment without an entry to the item that brought it
        :return: list of ``Collection``
        """
        parts = self._load_instalments(items)
        by_group = {}
        for payment, item in pairs.items():
            group = self.env["account.payment.return.pair"]._get_group(item)
            by_group.setdefault(group, []).append(payment)
        found = []
        for group, payments in by_group.items():
            of_group = [part for item in group for part in parts.get(item.id, ())]
            found += self._prepare_pairs(group, payments, pairs, of_group)
        alone = items - items.browse().union(*by_group)
        return found + [
            self._prepare_item(
                item,
                tuple(p for i in group for p in parts.get(i.id, ())),
                item.payment_id,
            )
            for item, group in self._group_alone(alone).items()
        ]

    def _group_alone(self, items):
        """The items of each collection by the first one: of bills there may be more.

        Credit notes and other entries that paid an invoice are not collections.
        """
        bills = self.env["account.payment.return.bill"]
        plain = items.filtered(lambda i: not (i.statement_line_id or i.payment_id))
        groups = {item: item for item in items - plain}
        for item in bills._filter_presented(plain):
            group = bills._get_group(item)
            groups[group[0]] = group
        return groups

    def _prepare_pairs(self, group, payments, pairs, parts):
        """The collections of a bank transaction that brought some payments' money.

        :param group: what it put on the customer's account
        :param pairs: dict from payment to the item that is its own
        :param parts: list of ``Instalment``
        """
        item, found = group[:1], []
        amount = abs(sum(group.mapped("amount_currency")))
        for payment in payments:
            mine = self._get_parts_of(payment, parts)
            parts = [part for part in parts if part not in mine]
            amount -= self.env["account.payment.return.pair"]._get_share(payment, group)
            found.append(self._prepare_item(pairs[payment], mine, payment))
        if item.currency_id.compare_amounts(amount, 0) > 0:
            nobody = item.payment_id
            found.append(self._prepare_item(item, tuple(parts), nobody, amount))
        return found

    def _get_parts_of(self, payment, parts):
        items = self.env["account.move.line"]
        return tuple(
            part for part in parts if payment._may_pay(items.browse(part.line_id))
        )

    def _load_left(self, collections):
        """Tell each collection what it collected, and what of that can come back."""
        keys = {hit: self._get_target(hit) for hit in collections}
        # Read together: one that is asked alone is read alone.
        items = self.env["account.move.line"].union(
            *(item for item, _p in keys.values())
        )
        items.move_id.fetch(["line_ids"])
        left = self.env["account.payment.return.left"]._find(
            list(keys.values()), with_others=True
        )
        for hit, key in keys.items():
            hit.left = left[key]
            hit.amount = min(hit.amount, hit.left.whole)
            hit.claims += map(match_rules.book, hit.left.entries)

    def _get_target(self, hit):
        item = self.env["account.move.line"].browse(hit.item_id or ())
        return item, self.env["account.payment"].browse(hit.payment_id or ())

    def _load_brought(self, collections, wanted):
        """Tell each collection what it is in the other currencies that banks speak."""
        lines = self.env["account.payment.return.line"]
        told = lines.currency_id.browse({w.currency_id for w in wanted if w.amount})
        for hit in collections:
            for currency in told - hit.currency:
                item = lines.move_line_id.browse(hit.item_id or ())
                payment = lines.payment_id.browse(hit.payment_id or ())
                amount = lines._get_brought(item, payment, currency)
                if amount:
                    hit.brought[currency.id] = amount, currency

    def _fetch(self, records, names):
        """Read fields of any number of records with one query.

        The cache alone would read a thousand at a time.
        """
        if not records:
            return records
        return records.with_context(active_test=False).search_fetch(
            [("id", "in", records.ids)], list(names), order="id"
        )

    def _search_items(self, payments, item_ids):
        """The receivable items of payments, bank transactions and plain entries."""
        domain = Domain("id", "in", item_ids) | Domain(
            "move_id", "in", payments.move_id.ids
        )
        return self.env["account.move.line"].search_fetch(
            domain
            & Domain(
                [
                    ("account_type", "=", "asset_receivable"),
                    ("parent_state", "=", "posted"),
                    ("balance", "<", 0),
                ]
            )
            & (
                Domain("statement_line_id", "!=", False)
                | Domain("payment_id.partner_type", "=", "customer")
                | Domain("move_type", "=", "entry")
                & Domain("move_id.origin_payment_id", "=", False)
            ),
            [
                "payment_id",
                "move_id",
                "move_name",
                "partner_id",
                "amount_currency",
                "currency_id",
                "company_id",
                "journal_id",
                "date",
                "statement_line_id",
            ],
            order="id",
        )

    def _load_instalments(self, items):
        """What each item paid.

        :return: dict from item id to a tuple of ``Instalment``
        """
        partials = self.env["account.partial.reconcile"].search_fetch(
            [
                ("credit_move_id", "in", items.ids),
                (
                    "debit_move_id.move_id.move_type",
                    "in",
                    ("out_invoice", "out_receipt"),
                ),
            ],
            ["credit_move_id", "debit_move_id", "credit_amount_currency"],
            order="id",
        )
        debts = self._fetch(partials.debit_move_id, ("move_id", "date_maturity"))
        self._fetch(
            debts.move_id,
            ("name", "payment_reference", "ref", "commercial_partner_id"),
        )
        parts = {}
        for partial in partials:
            part = self._prepare_instalment(
                partial.debit_move_id, partial.credit_amount_currency
            )
            parts.setdefault(partial.credit_move_id.id, []).append(part)
        return {item_id: tuple(found) for item_id, found in parts.items()}

    def _load_linked_instalments(self, payments):
        """The instalments of the invoices linked to payments without an entry.

        :return: dict from payment id to a tuple of ``Instalment``
        """
        if not payments:
            return {}
        debts = self.env["account.move.line"].search_fetch(
            [
                ("move_id", "in", payments.invoice_ids.ids),
                ("account_type", "=", "asset_receivable"),
            ],
            ["move_id", "date_maturity", "amount_currency"],
            order="id",
        )
        by_move = debts.grouped("move_id")
        return {
            payment.id: tuple(
                self._prepare_instalment(debt, debt.amount_currency)
                for move in payment.invoice_ids
                for debt in by_move.get(move, ())
                if payment._may_pay(debt)
            )
            for payment in payments
        }

    def _prepare_instalment(self, debt, amount):
        move = debt.move_id
        names = (move.name, move.payment_reference, move.ref)
        partner = move.commercial_partner_id
        return Instalment(
            line_id=debt.id,
            due=debt.date_maturity or None,
            amount=amount,
            names=frozenset(name.strip() for name in names if name),
            partner_id=partner.id,
            partner_name=partner.name or "",
        )

    def _get_codes(self, partner):
        """The tax codes of a customer, cleaned."""
        partner = partner.commercial_partner_id
        codes = (partner[name] for name in self._get_code_names())
        return frozenset(self._clean_code(code) for code in codes if code)

    def _prepare_item(self, item, instalments, payment, most=inf):
        """A receivable item, with its payment or the one whose money it brought.

        :param most: what of the item is of no other payment; what it collected,
            which may be less, is known with what of that is left
        """
        partner = payment.partner_id or item.partner_id
        return Collection(
            item_id=item.id,
            label=payment.name or item.move_name or "",
            company=item.company_id,
            partner=partner,
            codes=self._get_codes(partner),
            currency=item.currency_id,
            journal_id=(payment.journal_id or item.journal_id).id,
            day=item.date,
            amount=most,
            pair=bool(payment and not payment.move_id),
            open=not payment or payment.state in STANDING,
            names=frozenset(filter(None, (payment.name, item.move_name))),
            instalments=instalments,
            **(self._prepare_payment_keys(payment) | self._prepare_bill_keys(item)),
        )

    def _prepare_bill_keys(self, item):
        """When a bill is due, if an item is one."""
        if item.payment_id:
            return {}
        bills = self.env["account.payment.return.bill"]
        holding = bills._find_holding(item)
        if not holding:
            return {}
        return {"due": bills._get_due(holding, bills._get_group(item))}

    def _prepare_payment(self, payment, instalments):
        return Collection(
            item_id=False,
            label=payment.name or payment.memo or "",
            company=payment.company_id,
            partner=payment.partner_id,
            codes=self._get_codes(payment.partner_id),
            currency=payment.currency_id,
            journal_id=payment.journal_id.id,
            day=payment.date,
            amount=payment.amount,
            open=payment.state in STANDING,
            names=frozenset(filter(None, (payment.name,))),
            instalments=instalments,
            **self._prepare_payment_keys(payment),
        )

    def _prepare_payment_keys(self, payment):
        return {
            "payment_id": payment.id,
            "end_to_end_id": payment.end_to_end_id or "",
            "due": payment.collection_due_date or None,
            "mandate": payment.mandate_reference or "",
            "memo": (payment.memo or "").strip(),
            "batch_id": payment.collection_batch_id or "",
            "message_id": payment.collection_message_id or "",
        }

    def _load_claims(self, collections):
        """Tell each collection which returns already take it back."""
        by_item = {hit.item_id: hit for hit in collections if hit.pair}
        by_item.update({h.item_id: h for h in collections if not h.payment_id})
        by_payment = {hit.payment_id: hit for hit in collections if hit.payment_id}
        # Also the returns of a sibling company that the user does not see.
        lines = self.env["account.payment.return.line"].sudo()
        found = lines.search_fetch(
            Domain("match_state", "=", "matched")
            & Domain("state", "in", ("draft", "confirmed"))
            & (
                Domain("move_line_id", "in", list(by_item))
                | Domain("payment_id", "in", list(by_payment))
            ),
            ["move_line_id", "payment_id", "amount", "date", "state", "return_id"],
            order="id",
        )
        for line in found:
            hit = by_payment.get(line.payment_id.id) or by_item[line.move_line_id.id]
            hit.claims.append(self._prepare_claim(line, line.invoice_line_ids.ids))
