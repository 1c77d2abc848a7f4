from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from .. import read_fields
from .return_states import STANDING, WAITING

# The payment type and the partner type of what a customer paid.
PAID_BY_CUSTOMER = ("inbound", "customer")

# What the statements read, to be written to the database before them.
READ_FIELDS = {
    "account.account": ["account_type"],
    "account.move": None,
    "account.move.line": None,
    "account.partial.reconcile": None,
    "res.company": ["account_opening_move_id"],
    "res.partner": ["commercial_partner_id"],
}


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry, no return of ours, that took back what a customer had paid.

    ``partial_id`` is its reconciliation with the collection, if it has one. ``amount``
    is in the collection's currency. What is not ``open`` has been paid again.
    """

    item_id: int
    partial_id: int
    name: str
    currency_id: int
    amount: float
    day: date
    open: bool = False


@dataclass(frozen=True, slots=True)
class Left:
    """What of a collection can come back, and what the books have taken already.

    ``amount`` is in the collection's currency. ``entries`` took it from this very
    collection, ``others`` from the customer, nobody said of which collection.
    ``brought`` is what all of it, the ``whole``, is in the other currencies of these:
    pairs of amount and currency by id of the currency.
    """

    amount: float
    entries: tuple = ()
    others: tuple = ()
    whole: float = 0.0
    brought: dict = field(default_factory=dict)


class AccountPaymentReturnLeft(models.AbstractModel):
    """What of a collection can still come back: the one place that knows.

    A collection is the receivable item of a payment or of a bank transaction, a payment
    without an entry, such a payment with the transaction that brought its money, or a
    bill that a plain entry books. It can give back what it still pays of the customer's
    debts, and what of it pays nothing: all of it but what came back already, by our
    returns or by an entry that is no debt.

    A debt is an invoice, a refund paid out, what returns charge again, an opening
    balance, or any other entry that sold or charged something. No debt is the reversal
    of the collection, a bank transaction, what credits the bank or the account that the
    collection is on, or what only moves balances after the collection.
    """

    _name = "account.payment.return.left"
    _description = "What of a Collection Can Come Back"

    @api.model
    def _find(self, targets, with_others=False):
        """Say what is left of some collections.

        :param targets: list of (receivable item, payment), either of them empty
        :param with_others: whether to look for what the customer gave back otherwise
        :return: dict from (item, payment) to `Left`; two queries, four with others
        """
        groups = {target: self._get_items(*target) for target in targets}
        items = self.env["account.move.line"].union(*groups.values())
        payments = self.env["account.payment"].union(*(p for _i, p in targets))
        by_item, by_payment = self._sum_returned(items, payments)
        entries = self._find_entries(items)
        others = self._find_others(groups) if with_others else {}
        found = {}
        for (item, payment), group in groups.items():
            taken = [entry for each in group for entry in entries.get(each.id, ())]
            amount = sum(entry.amount for entry in taken)
            amount += sum(by_item[each.id] for each in group)
            collected = self._get_collected(item, payment)
            returned = amount, by_payment[payment.id]
            found[item, payment] = Left(
                self._get_amount(item, payment, collected, *returned),
                tuple(taken),
                tuple(others.get((item, payment), ())),
                collected,
                self._get_brought(item, payment, others.get((item, payment), ())),
            )
        return found

    @api.model
    def _find_targets(self, payments, items=None):
        """Say which collections some payments and bank transactions are.

        :param payments: ``account.payment``
        :param items: receivable items of bank transactions, or empty
        :return: list of (receivable item, payment), either of them empty
        """
        items = items or self.env["account.move.line"]
        pairs = self.env["account.payment.return.pair"]._find(payments, items)
        nothing = items.browse()
        targets = [
            (payment._get_receivable_item() or pairs.get(payment, nothing), payment)
            for payment in payments
        ]
        brought = nothing.union(*(self._get_items(*target) for target in targets))
        return targets + [(item, payments.browse()) for item in items - brought]

    @api.model
    def _find_free(self, targets):
        """Say what of collections can come back, and no draft asks for already.

        :param targets: list of (receivable item, payment), either of them empty
        :return: dict from (item, payment) to amount in the currency of the collection
        """
        left = self._find([target for target in targets if self._is_collected(*target)])
        asked = defaultdict(float)
        for line in self._find_asking(targets):
            target = line._get_target()
            asked[target] += line.amount or float("inf")
        free = dict.fromkeys(targets, 0.0)
        for (item, payment), found in left.items():
            whole = payment if payment and not payment.move_id else item
            free[item, payment] = max(found.amount - asked[whole], 0.0)
        return free

    @api.model
    def _is_collection(self, item, payment):
        """Whether it is what a customer paid, whatever has become of it since.

        Nothing else comes back: not what we paid, nor what is owed or credited.

        :param item: receivable item, or empty
        :param payment: its payment, or the one whose money a bank transaction brought
        """
        source = payment or item.move_id.origin_payment_id
        if source and (source.payment_type, source.partner_type) != PAID_BY_CUSTOMER:
            return False
        if not item:
            return bool(source)
        if item.account_type != "asset_receivable" or item.balance >= 0:
            return False
        bills = self.env["account.payment.return.bill"]
        return bool(source or item.statement_line_id or bills._find_holding(item))

    @api.model
    def _is_collected(self, item, payment):
        """The same, and still in the books; of both of them they are one."""
        if not (self._is_collection(item, payment) and self._is_one(item, payment)):
            return False
        if payment and (payment.state not in STANDING or not payment.move_id):
            return payment.state in STANDING
        return item.parent_state == "posted"

    @api.model
    def _is_one(self, item, payment):
        """Whether an item and a payment, if both are given, are the same collection."""
        source = item.move_id.origin_payment_id
        if not (item and payment) or source == payment:
            return True
        if source or payment.move_id or not item.statement_line_id:
            return False
        return self.env["account.payment.return.pair"]._is_pair(payment, item)

    @api.model
    def _find_asking(self, targets):
        """Return the lines of drafts, in sudo, that ask something of collections."""
        lines = self.env["account.payment.return.line"].sudo()
        items = self.env["account.move.line"].union(*(item for item, _p in targets))
        payments = self.env["account.payment"].union(*(p for _i, p in targets))
        return lines.search(
            Domain("state", "=", "draft")
            & Domain("match_state", "in", ("matched", *WAITING))
            & (
                Domain("move_line_id", "in", items.ids)
                | Domain("payment_id", "in", payments.ids)
            )
        )

    def _get_brought(self, item, payment, entries):
        """What a whole collection is in the currencies of some entries but its own.

        :return: dict from id of the currency to (amount, currency)
        """
        if not entries:
            return {}
        lines = self.env["account.payment.return.line"]
        spoken = lines.currency_id.browse({entry.currency_id for entry in entries})
        brought = {
            currency.id: (lines._get_brought(item, payment, currency), currency)
            for currency in spoken - (item.currency_id or payment.currency_id)
        }
        return {id_: pair for id_, pair in brought.items() if pair[0]}

    @api.model
    def _get_items(self, item, payment):
        """The items of a collection.

        With a payment without entry all that the bank transaction put on the customer's
        account, of a bill all that it credited him, else the item itself.
        """
        if payment and not payment.move_id:
            return self.env["account.payment.return.pair"]._get_group(item)
        if item and not payment and not item.statement_line_id:
            return self.env["account.payment.return.bill"]._get_group(item)
        return item

    def _get_customers(self, groups):
        """Whose collections they are: who paid, and whose debts were paid.

        :param groups: dict from (item, payment) to the items of the collection
        :return: dict from (item, payment) to pairs of ids, of the company at the top
            and of the customer
        """
        by_item = self._find_debtors(
            self.env["account.move.line"].union(*groups.values())
        )
        payments = self.env["account.payment"].union(*(p for _i, p in groups))
        # Read together.
        alone = payments.filtered(lambda payment: not payment.move_id)
        alone.invoice_ids.fetch(["commercial_partner_id"])
        debtors = {each: each.invoice_ids.commercial_partner_id.ids for each in alone}
        found = {}
        for (item, payment), group in groups.items():
            root = (payment.company_id or item.company_id).root_id
            partner = (payment.partner_id or item.partner_id).commercial_partner_id
            ids = {*partner.ids, *debtors.get(payment, ())}
            ids = ids.union(*(by_item[each.id] for each in group))
            found[item, payment] = [(root.id, id_) for id_ in sorted(ids)]
        return found

    def _find_debtors(self, items):
        """The customers whose debts some items paid.

        :return: dict from item id to a set of ids of commercial partners; one query
        """
        self._flush_books()
        query = SQL(
            """
            SELECT partial.credit_move_id, partner.commercial_partner_id
              FROM account_partial_reconcile partial
              JOIN account_move_line debt ON debt.id = partial.debit_move_id
              JOIN res_partner partner ON partner.id = debt.partner_id
             WHERE partial.credit_move_id = ANY(%s)
            """,
            items.ids,
        )
        found = defaultdict(set)
        for item_id, partner_id in self.env.execute_query(query):
            found[item_id].add(partner_id)
        return found

    def _get_amount(self, item, payment, collected, taken, returned):
        """What is left of one collection, never less than nothing.

        :param collected: see `_get_collected`
        :param taken: of the item, by returns and by entries
        :param returned: of the payment, by returns
        """
        currency = item.currency_id or payment.currency_id
        left = collected - taken
        if payment and not payment.move_id:
            left = collected - returned
            if item:
                whole = self._get_whole(self._get_items(item, payment))
                left = min(left, whole - taken)
        return currency.round(max(left, 0.0)) if currency else 0.0

    @api.model
    def _get_collected(self, item, payment):
        """The money that came in: no discounts or write-offs.

        :param item: receivable item, or empty
        :param payment: its payment, or the one whose money a bank transaction brought
        :return: amount in the collection's currency
        """
        if not item:
            return payment.amount
        discounts = self.env["account.payment.return.discount"]
        items = self._get_items(item, payment)
        applied = self._get_whole(items)
        applied -= sum(discounts._get_part_of(each) for each in items)
        if not payment:
            return applied
        if payment.move_id:
            return min(applied, payment.amount)
        pair = self.env["account.payment.return.pair"]
        return min(applied, pair._get_share(payment, items))

    def _get_whole(self, items):
        return abs(sum(items.mapped("amount_currency")))

    def _sum_returned(self, items, payments):
        """Sum the confirmed returns, also those that the user does not see.

        :return: (dict from item id to amount, dict from payment id to amount)
        """
        lines = self.env["account.payment.return.line"].sudo()
        groups = lines._read_group(
            lines._get_came_back_domain()
            & (
                Domain("move_line_id", "in", items.ids)
                | Domain("payment_id", "in", payments.ids)
            ),
            ["move_line_id", "payment_id"],
            ["amount:sum"],
        )
        by_item, by_payment = defaultdict(float), defaultdict(float)
        for item, payment, amount in groups:
            by_item[item.id] += amount
            by_payment[payment.id] += amount
        return by_item, by_payment

    # === ENTRIES THAT ARE NO DEBT === #

    @api.model
    def _find_entries(self, items):
        """The entries that took back what some items had collected; one query.

        A reversal counts whole, matched or not; any other entry for what of it is
        matched with the collection.

        :param items: receivable items of payments or bank transactions
        :return: dict from item id to list of `Entry`
        """
        if not items:
            return {}
        self._flush_books()
        query = self._select_entries(SQL("item.id = ANY(%s)", items.ids))
        found = {}
        for item_id, *values in self.env.execute_query(query):
            found.setdefault(item_id, []).append(Entry(*values))
        return found

    @api.model
    def _select_entries(self, which):
        """Select the same; what it reads is for the caller to write before.

        :param which: SQL condition on the alias ``item`` of receivable items
        :return: `SQL` of (item id, and what an `Entry` is made of but ``open``)
        """
        return SQL("%s UNION ALL %s", self._select_matched(which), self._reverse(which))

    def _select_matched(self, which):
        return SQL(
            """
            SELECT item.id, taken.id, partial.id, taken.move_name, item.currency_id,
                   partial.credit_amount_currency, taken.date
              FROM account_partial_reconcile partial
              JOIN account_move_line item ON item.id = partial.credit_move_id
              JOIN account_move_line taken ON taken.id = partial.debit_move_id
              JOIN account_move move ON move.id = taken.move_id
             WHERE %(which)s
               AND partial.credit_amount_currency > 0
               AND move.reversed_entry_id IS DISTINCT FROM item.move_id
               AND %(is_other)s
               AND (%(moves_money)s OR %(is_marked)s
                    OR (taken.id > item.id AND NOT %(charges)s))
            """,
            which=which,
            is_other=self._get_other_sql(),
            moves_money=self._get_moves_money_sql(SQL("item.move_id = booked.move_id")),
            is_marked=self._get_marked_sql(),
            charges=self._get_charges_sql(),
        )

    def _reverse(self, which):
        """Select the reversals in force of the entries of some items."""
        return SQL(
            """
            SELECT item.id, taken.id, NULL, taken.move_name, item.currency_id,
                   taken.amount_currency, taken.date
              FROM account_move_line item
              JOIN account_move move ON move.reversed_entry_id = item.move_id
              JOIN account_move_line taken
                ON taken.move_id = move.id AND taken.account_id = item.account_id
             WHERE %(which)s
               AND move.state = 'posted'
               AND taken.amount_currency > 0
               AND NOT EXISTS (SELECT FROM account_move again
                                WHERE again.reversed_entry_id = move.id
                                  AND again.state = 'posted')
            """,
            which=which,
        )

    def _flush_books(self):
        """Write what the queries below read."""
        read_fields.flush(self.env, READ_FIELDS)

    def _get_other_sql(self):
        """Whether an entry is neither a document, a payment, ours nor the opening."""
        return SQL(
            """(move.move_type = 'entry'
                AND move.origin_payment_id IS NULL
                AND move.payment_return_id IS NULL
                AND NOT EXISTS (SELECT FROM res_company company
                                 WHERE company.account_opening_move_id = move.id))"""
        )

    def _get_moves_money_sql(self, is_collection):
        """Whether an entry is of the bank, or credits where the money was collected.

        :param is_collection: condition on ``booked``, an item of the collection's entry
        """
        return SQL(
            """(move.statement_line_id IS NOT NULL OR EXISTS (
                SELECT FROM account_move_line credit
                  JOIN account_account account ON account.id = credit.account_id
                 WHERE credit.move_id = move.id
                   AND credit.balance < 0
                   AND (account.account_type IN ('asset_cash', 'liability_credit_card')
                        OR account.account_type ~ '^(asset|liability)'
                       AND credit.account_id IN (
                            SELECT booked.account_id FROM account_move_line booked
                             WHERE %s AND booked.balance > 0))))""",
            is_collection,
        )

    def _get_charges_sql(self):
        """Whether an entry credits more than what others owe, or wait for."""
        return SQL(
            """EXISTS (
                SELECT FROM account_move_line credit
                  JOIN account_account account ON account.id = credit.account_id
                 WHERE credit.move_id = move.id
                   AND credit.balance < 0
                   AND account.account_type NOT IN (
                       'asset_receivable', 'asset_cash', 'asset_current',
                       'liability_payable', 'liability_current',
                       'liability_credit_card'))"""
        )

    def _get_marked_sql(self):
        """Whether OCA's return addon says that a reconciliation is its return."""
        field = self.env["account.partial.reconcile"]._fields.get(
            "origin_returned_move_ids"
        )
        if field is None:
            return SQL("FALSE")
        return SQL(
            "EXISTS (SELECT FROM %s mark WHERE mark.%s = partial.id)",
            SQL.identifier(field.relation),
            SQL.identifier(field.column1),
        )

    # === WHAT NOBODY MATCHED === #

    def _find_others(self, groups):
        """What took money back from the same customers, of whatever collection.

        :param groups: dict from (item, payment) to the items of the collection
        :return: dict from (item, payment) to list of `Entry`; two queries
        """
        customers = self._get_customers(groups)
        ids = {
            partner_id for pairs in customers.values() for _root, partner_id in pairs
        }
        items = self.env["account.move.line"].union(*groups.values())
        entries = self._find_given_back(ids, items)
        return {
            target: [entry for pair in pairs for entry in entries.get(pair, ())]
            for target, pairs in customers.items()
        }

    def _find_given_back(self, partner_ids, items):
        """What took money back from some customers, but by reversing these items.

        An item that waits to be paid, or a bank transaction that was paid again since.
        What is matched with something older is explained by that.

        :return: dict from ids of the company at the top and the commercial partner to
            list of `Entry`; one query
        """
        if not partner_ids:
            return {}
        self._flush_books()
        query = SQL(
            """
            WITH customer AS (
                SELECT id, commercial_partner_id FROM res_partner
                 WHERE commercial_partner_id = ANY(%(partners)s)
            ), candidate AS (
                SELECT item.id FROM account_move_line item
                 WHERE item.reconciled IS NOT TRUE
                   AND item.partner_id IN (SELECT id FROM customer)
                   AND item.account_id IN (SELECT id FROM account_account
                                            WHERE account_type = 'asset_receivable')
                UNION
                SELECT item.id FROM account_move_line item
                  JOIN account_account account ON account.id = item.account_id
                 WHERE item.statement_line_id IS NOT NULL
                   AND item.partner_id IN (SELECT id FROM customer)
                   AND (account.account_type = 'asset_receivable'
                        -- Where a dialog puts what goes out, unless it paid a bill.
                        OR (account.account_type = 'liability_payable'
                            AND item.reconciled IS NOT TRUE))
            )
            SELECT taken.company_id, customer.commercial_partner_id,
                   taken.id, NULL, taken.move_name,
                   taken.currency_id, taken.amount_currency, taken.date,
                   taken.reconciled IS NOT TRUE
              FROM candidate
              JOIN account_move_line taken ON taken.id = candidate.id
              JOIN account_move move ON move.id = taken.move_id
              JOIN customer ON customer.id = taken.partner_id
             WHERE move.state = 'posted'
               AND taken.amount_currency > 0
               AND %(is_other)s
               AND %(moves_money)s
               AND NOT EXISTS (SELECT FROM account_partial_reconcile partial
                                WHERE partial.debit_move_id = taken.id
                                  AND partial.credit_move_id < taken.id)
               AND NOT EXISTS (SELECT FROM account_move_line item
                                WHERE item.id = ANY(%(items)s)
                                  AND item.move_id = move.reversed_entry_id)
             ORDER BY taken.date, taken.id
            """,
            partners=list(partner_ids),
            items=items.ids,
            is_other=self._get_other_sql(),
            moves_money=self._get_moves_money_sql(
                SQL(
                    "booked.move_id IN (SELECT collected.move_id"
                    " FROM account_move_line collected WHERE collected.id = ANY(%s))",
                    items.ids,
                )
            ),
        )
        found = {}
        companies = self.env["res.company"].sudo()
        for company_id, partner_id, *values in self.env.execute_query(query):
            root = companies.browse(company_id).root_id
            found.setdefault((root.id, partner_id), []).append(Entry(*values))
        return found
