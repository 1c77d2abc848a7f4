import re

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from .. import read_fields
from ..reference_form import letters, normal
from . import meeting_rules
from .meeting_rules import WINDOW, Credit, Debit

READ_FIELDS = {
    "account.account": ["account_type", "reconcile"],
    "account.bank.statement.line": None,
    "account.move": ["date", "payment_return_id", "statement_line_id", "state"],
    "account.move.line": None,
    "account.payment.return": ["journal_id", "state"],
}
# What a bank takes for a return that came back, in euro.
USUAL_FEE = 5.0
_NUMBER = re.compile(r"\d+")


class AccountPaymentReturnDebit(models.AbstractModel):
    """Which debits of the bank are returns that are in the books already."""

    _inherit = "account.payment.return.debit"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _find_meetings(self, transactions, outcomes, meant):
        """Say which open credits of returns some debits meet, see ``meeting_rules``.

        :param transactions: ``account.bank.statement.line`` that wait
        :param outcomes: dict from transaction to ``Outcome``, what else it may be
        :param meant: dict from transaction to the ``Collection`` objects of which it
            tells a number
        :return: dict from transaction to (what it takes, return lines without an entry
            that it is, fee in its currency), the first a dict from journal item to
            amount
        """
        items = self._search_credits(transactions)
        lines = self._search_unbooked(transactions)
        alone = items.filtered(lambda item: not item.payment_return_line_id)
        purses = self.env["account.payment.return.ledger"]._find_fees(alone.move_id)
        named = transactions._find_named()
        usual = self._find_usual_fees(transactions)
        debits = [
            self._prepare_debit(each, outcomes[each], meant[each], named[each], usual)
            for each in transactions
        ]
        credits = [self._prepare_credit(item, purses) for item in items]
        credits += [self._prepare_unbooked(line, purses) for line in lines]
        found = meeting_rules.find(debits, credits)
        meetings = {}
        for transaction in transactions.filtered(lambda each: each.id in found):
            meeting = found[transaction.id]
            currency = transaction._get_spoken_currency()
            takes = {
                items.browse(credit.id): currency.round(amount * currency.rounding)
                for credit, amount in meeting.parts
                if credit.id > 0
            }
            ids = [-credit.id for credit, _amount in meeting.parts if credit.id < 0]
            fee = currency.round(meeting.fee * currency.rounding)
            meetings[transaction] = takes, lines.browse(ids), fee
        return meetings

    def _prepare_debit(self, transaction, outcome, meant, named, usual):
        """What the rules know of a debit.

        :param meant, named, usual: see `_find_meetings`, `_find_named` and
            `_find_usual_fees`
        """
        currency = transaction._get_spoken_currency()
        text = transaction._get_return_text()
        return Debit(
            id=transaction.id,
            place=(transaction.journal_id.id, currency.id),
            amount=round(transaction._get_waiting_amount() / currency.rounding),
            day=transaction.date,
            text=letters(text),
            people=frozenset(named.partner.commercial_partner_id.ids),
            sure=outcome.state == "matched",
            likely=outcome.state == "ambiguous",
            called=frozenset(map(normal, transaction._get_references())),
            meant=frozenset(
                key
                for hit in meant
                for key in self._get_keys(hit.item_id, hit.payment_id)
            ),
            numbers=frozenset(map(normal, _NUMBER.findall(text))),
            usual=usual[transaction.company_id, currency],
        )

    def _find_usual_fees(self, transactions):
        """What a bank takes for a return, in the smallest unit of each currency.

        :return: dict from (company, currency) to amount
        """
        pairs = {
            (each.company_id, each._get_spoken_currency()) for each in transactions
        }
        euro = self.env.ref("base.EUR", raise_if_not_found=False)
        day = max(transactions.mapped("date"), default=None)
        return {
            (company, currency): round(
                (euro or company.currency_id)._convert(
                    USUAL_FEE, currency, company, day
                )
                / currency.rounding
            )
            for company, currency in pairs
        }

    def _get_keys(self, item_id, payment_id):
        """By what a collection is known to the rules: its item and its payment."""
        pairs = ("item", item_id), ("payment", payment_id)
        return frozenset((name, id_) for name, id_ in pairs if id_)

    def _get_keys_of(self, lines):
        """The same of those that some return lines take back."""
        keys = (self._get_keys(ln.move_line_id.id, ln.payment_id.id) for ln in lines)
        return frozenset().union(*keys)

    def _prepare_credit(self, item, purses):
        """What the rules know of an open credit.

        :param purses: see `_find_fees`
        """
        entry, currency = item.move_id, item.currency_id
        line, bank = item.payment_return_line_id, entry.payment_return_id.journal_id
        purse = purses.get((entry, item.account_id, currency))
        return Credit(
            id=item.id,
            entry_id=entry.id,
            return_id=entry.payment_return_id.id,
            place=(bank.id, currency.id),
            amount=round(-item.amount_residual_currency / currency.rounding),
            day=item.date,
            forms=self._get_references(line),
            people=self._get_people(line),
            keys=self._get_keys_of(line or entry.payment_return_id.line_ids),
            told=round(line.fee_amount / currency.rounding) if purse else 0,
            purse=purse.item.id if purse and purse.item != item else 0,
            shares=frozenset(
                round(fee / currency.rounding)
                for fee in (purse.fees if purse and purse.item == item else ())
            ),
        )

    def _prepare_unbooked(self, line, purses):
        """The same of a return that no entry books: as if one credited its amount.

        Its id is negative.
        """
        currency = line.currency_id
        purse = next(
            (
                purse
                for (entry, _account, own), purse in purses.items()
                if entry.payment_return_id == line.return_id
                and (entry.company_id, own) == (line.company_id, currency)
            ),
            None,
        )
        return Credit(
            id=-line.id,
            entry_id=purse.item.move_id.id if purse else -line.return_id.id,
            return_id=line.return_id.id,
            place=(line.return_id.journal_id.id, currency.id),
            amount=round(line.amount / currency.rounding),
            day=line.return_date,
            forms=self._get_references(line),
            people=self._get_people(line),
            keys=self._get_keys_of(line),
            told=round(line.fee_amount / currency.rounding) if purse else 0,
            purse=purse.item.id if purse else 0,
        )

    def _get_people(self, line):
        """Who paid what came back, and whose debts that paid."""
        people = line.partner_id | line.invoice_ids.partner_id
        return frozenset(people.commercial_partner_id.ids)

    def _get_references(self, line):
        """By what a bank may call what came back, in normal form."""
        payment = line.payment_id
        texts = (
            *(line.end_to_end_id, line.reference, line.batch_id),
            *(payment.name, payment.end_to_end_id, payment.memo),
            *line.invoice_ids.mapped("name"),
        )
        return frozenset(normal(text) for text in texts if text)

    def _search_credits(self, transactions):
        """The open credits of the returns in the books of some banks.

        :return: journal items; one query
        """
        if not transactions:
            return self.env["account.move.line"]
        days = transactions.mapped("date")
        return self.env["account.move.line"].search(
            Domain("reconciled", "=", False)
            & Domain("balance", "<", 0)
            & Domain("parent_state", "=", "posted")
            & Domain("account_id.reconcile", "=", True)
            & Domain("account_id.account_type", "!=", "asset_receivable")
            & Domain("move_id.statement_line_id", "=", False)
            & Domain("move_id.payment_return_id.state", "=", "confirmed")
            & Domain(
                "move_id.payment_return_id.journal_id",
                "in",
                transactions.journal_id.ids,
            )
            & Domain("date", ">=", min(days) - WINDOW)
            & Domain("date", "<=", max(days) + WINDOW),
            order="date, id",
        )

    def _search_unbooked(self, transactions):
        """The returns of collections without an entry whose debit is not there yet.

        Told before the bank credited them, they book nothing: the bank may show both,
        its credit and its debit.

        :return: ``account.payment.return.line``; one query
        """
        lines = self.env["account.payment.return.line"]
        if not transactions:
            return lines
        days = transactions.mapped("date")
        found = lines.search(
            lines._get_came_back_domain()
            & Domain("move_line_id", "=", False)
            & Domain("payment_id.move_id", "=", False)
            & Domain("statement_line_id", "=", False)
            & Domain("return_id.statement_line_id", "=", False)
            & Domain("entry_line_ids", "=", False)
            & Domain("return_id.journal_id", "in", transactions.journal_id.ids)
            & Domain("return_date", ">=", min(days) - WINDOW)
            & Domain("return_date", "<=", max(days) + WINDOW),
            order="return_date, id",
        )
        return found.filtered(lambda ln: not ln.unique_key or ln._meets_bank())

    @api.model
    def _select_meetings(self):
        """Select the ids of debits for which an open credit of a return waits.

        `_find_meetings` for one credit and the very amount, as SQL: for lists and
        counts, which leave the rest to the rules of the debits.
        """
        read_fields.flush(self.env, READ_FIELDS)
        return SQL(
            """(
            SELECT debit.id
              FROM account_bank_statement_line debit
              JOIN account_move booked ON booked.id = debit.move_id
              JOIN account_payment_return told ON told.journal_id = debit.journal_id
              JOIN account_move entry ON entry.payment_return_id = told.id
              JOIN account_move_line credit ON credit.move_id = entry.id
              JOIN account_account account ON account.id = credit.account_id
             WHERE debit.is_reconciled IS NOT TRUE
               AND debit.amount < 0
               AND told.state = 'confirmed'
               AND entry.statement_line_id IS NULL
               AND entry.state = 'posted'
               AND account.reconcile
               AND account.account_type != 'asset_receivable'
               AND credit.reconciled IS NOT TRUE
               AND credit.balance < 0
               AND credit.currency_id = COALESCE(debit.foreign_currency_id,
                                                 debit.currency_id)
               AND credit.amount_residual_currency = -ABS(debit.amount_residual)
               AND ABS(credit.date - booked.date) <= %s)""",
            WINDOW.days,
        )
