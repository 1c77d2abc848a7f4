from odoo import api, models
from odoo.tools import SQL

from .. import read_fields
from ..reference_form import letters_sql, normal_sql
from ..returns.account_payment_return_line_entry import STATEMENTS

# Shorter references may stand in any text of a bank, and so may a year, or any number
# that is no longer than one of an invoice.
SHORTEST, SHORTEST_NUMBER = 4, 8
# What the bank and we call a collection by, and no customer does.
COLLECTION_NAMES = (
    "end_to_end_id",
    "name",
    "collection_batch_id",
    "collection_message_id",
)

# For so many days after the day of a collection its debtor's bank may refuse it: five
# business days (EPC SEPA direct debit rulebook), with a weekend.
REFUSED_DAYS = 7

# What the conditions read, to be written to the database before them.
READ_FIELDS = {
    "account.bank.statement.line": ["payment_ref", "transaction_details"],
    "account.move": ["payment_return_id", "ref"],
    "account.account": ["account_type"],
    "account.move.line": [
        "account_id",
        "amount_currency",
        "amount_residual",
        "balance",
        "company_id",
        "currency_id",
        "date",
        "date_maturity",
        "display_type",
        "journal_id",
        "move_id",
        "name",
        "parent_state",
        "partner_id",
        "payment_id",
        "payment_return_line_id",
        "reconciled",
        "statement_line_id",
    ],
    "account.partial.reconcile": ["credit_move_id", "debit_move_id"],
    "account.payment": None,
    "account.payment.method.line": ["credit_final_days"],
    "account.payment.return": ["file_format"],
    "account.payment.return.partial": ["partner_id", "return_line_id"],
    "account.payment.return.line": [
        "due_date",
        "journal_id",
        "kind",
        "match_state",
        "move_line_id",
        "payment_id",
        "return_date",
        "return_id",
        "state",
    ],
    "res.partner": ["commercial_partner_id"],
}

# What `_get_is_told_sql` asks about, beside the aliases ``credit`` and ``told``.
TOLD_JOINS = SQL(
    """JOIN account_payment_return message ON message.id = told.return_id
       JOIN account_payment payment ON payment.id = told.payment_id
       JOIN account_bank_statement_line bank ON bank.id = credit.statement_line_id
       JOIN account_move entry ON entry.id = credit.move_id"""
)


class CreditRealMoney(models.AbstractModel):
    """Which credits on a customer's account are no money, though they look like it.

    The bank credits a collection, and takes it back later. Its credit is what came back
    itself: it meets the collection that waits for it on the outstanding account, and
    pays nothing, wherever somebody has applied it. And what may still be taken back
    does not pay what came back before it is final.

    Each condition is one of SQL, on the alias ``credit`` of a receivable item. ``OFFSET
    0`` is for what is asked of few credits: PostgreSQL would join it with the rest, and
    to plan that takes longer than to run it.
    """

    _name = "credit.real.money"
    _description = "Money that Pays what Came Back"

    def _get_owed(self, partners, company):
        """Return what customers owe on balance, see `_get_owed_sql`; one query.

        :param partners: commercial partners
        :param company: a `res.company`
        :return: dict from partner id to amount in the currency of the company
        """
        read_fields.flush(self.env, READ_FIELDS)
        return dict(
            self.env.execute_query(
                SQL(
                    "SELECT customer.id, %s FROM UNNEST(%s) AS customer(id)",
                    self._get_owed_sql(
                        SQL("customer.id"), company, company._get_credit_today()
                    ),
                    partners.ids,
                )
            )
        )

    def _get_owed_sql(self, owner, company, today):
        """What a customer owes a company: the open items less the unapplied credits.

        Credits that are no money, as below, are none here either.
        """
        return SQL(
            """COALESCE((
                SELECT SUM(credit.amount_residual)
                  FROM res_partner contact
                  JOIN account_move_line credit ON credit.partner_id = contact.id
                  JOIN account_account account ON account.id = credit.account_id
                 WHERE contact.commercial_partner_id = %(owner)s
                   AND account.account_type = 'asset_receivable'
                   AND credit.company_id = %(company)s
                   AND credit.parent_state = 'posted'
                   AND credit.reconciled IS NOT TRUE
                   AND (credit.balance > 0 OR NOT %(missing)s)), 0)""",
            owner=owner,
            company=company.id,
            missing=self._get_missing_sql(owner, today),
        )

    def _get_missing_sql(self, owner, today):
        """Say that a credit is a collection that came back, or is not final yet.

        :param owner: SQL of the customer's id, whose returns are meant
        """
        return SQL(
            "(%s OR %s)", self._get_returned_sql(owner), self._get_not_final_sql(today)
        )

    def _get_not_final_sql(self, today):
        """Say that the money of a credit's payment is not there, or not for good."""
        return SQL(
            """(credit.payment_id IS NOT NULL AND EXISTS (
                SELECT 1
                  FROM account_payment payment
                  JOIN account_payment_method_line method
                    ON method.id = payment.payment_method_line_id
                 WHERE payment.id = credit.payment_id
                   AND (%s OR %s)))""",
            self.env["credit.exposure"]._get_not_final_payment_sql(today),
            self._get_only_presented_sql(today),
        )

    def _get_only_presented_sql(self, today):
        """Say that a collection was presented to the bank, which has not paid it yet.

        It is one if we know what the bank's file calls it. Its money is there when it
        meets a line of the bank; where nobody matches those, once no bank refuses it.
        """
        return SQL(
            """(%(presented)s
                AND payment.payment_type = 'inbound'
                AND payment.state IN ('in_process', 'paid')
                AND GREATEST(payment.date, credit.date_maturity, %(due)s)
                    >= %(today)s - %(days)s
                AND NOT EXISTS (
                    SELECT 1
                      FROM account_move_line collected
                      JOIN account_partial_reconcile partial
                        ON partial.debit_move_id = collected.id
                      JOIN account_move_line bank ON bank.id = partial.credit_move_id
                     WHERE %(collected)s AND bank.statement_line_id IS NOT NULL
                    OFFSET 0))""",
            presented=self.env["account.payment"]._get_presented_sql("payment"),
            due=self.env["credit.exposure"]._get_due_day(),
            today=today,
            days=REFUSED_DAYS,
            collected=self._get_collected_sql(),
        )

    def _get_returned_sql(self, owner):
        """Say that a credit of the bank is the very collection that came back.

        It is of the same bank, amount, and day or reference, or of a batch that names
        it, older than the return, and the collection has met no other bank line.

        :param owner: SQL of the customer's id, whose returns are meant
        """
        return SQL(
            """(credit.statement_line_id IS NOT NULL AND EXISTS (
                SELECT 1
                  FROM account_payment_return_partial owed
                  JOIN account_payment_return_line told ON told.id = owed.return_line_id
                  %s
                 WHERE owed.partner_id = %s
                   AND %s))""",
            TOLD_JOINS,
            owner,
            self._get_is_told_sql(),
        )

    @api.model
    def _find_returned(self, lines):
        """Say which credits of the bank are the very collections that came back.

        :param lines: ``account.payment.return.line`` in the books
        :return: dict from receivable item to line; one query
        """
        return self._find_very(SQL("told.id = ANY(%s)", lines.ids))

    @api.model
    def _find_early(self, transactions):
        """Say which bank transactions are collections that came back, and no others.

        :param transactions: ``account.bank.statement.line``
        :return: dict from receivable item to return line; one query
        """
        which = SQL("credit.statement_line_id = ANY(%s)", transactions.ids)
        return self._find_very(which)

    @api.model
    def _find_early_since(self, since):
        """Say the same of all of late.

        :param since: day from which on the returns are
        """
        return self._find_very(SQL("told.return_date >= %s", since))

    def _find_very(self, which):
        """Find credits that are the very collection, see `_get_very_sql`.

        :param which: SQL condition on ``told`` and ``credit``
        """
        read_fields.flush(self.env, READ_FIELDS)
        return self._read_returned(
            self._select_returned(SQL("%s AND %s", which, self._get_very_sql()))
        )

    def _read_returned(self, query):
        items = self.env["account.move.line"]
        lines = self.env["account.payment.return.line"]
        return {
            items.browse(item_id): lines.browse(line_id)
            for item_id, line_id in self.env.execute_query(query)
        }

    def _select_returned(self, which):
        """Select credits of the bank, and the returns of the collections they are.

        :param which: SQL condition on the alias ``told`` of return lines
        """
        return SQL(
            """SELECT DISTINCT credit.id, told.id
                 FROM account_payment_return_line told
                 JOIN account_payment_return_partial owed
                   ON owed.return_line_id = told.id
                 JOIN res_partner contact
                   ON contact.commercial_partner_id = owed.partner_id
                 JOIN account_move_line credit ON credit.partner_id = contact.id
                 JOIN account_account account ON account.id = credit.account_id
                 %(joins)s
                WHERE %(which)s
                  AND credit.parent_state = 'posted'
                  AND credit.balance < 0
                  AND account.account_type = 'asset_receivable'
                  AND %(is_told)s
                ORDER BY credit.id, told.id""",
            joins=TOLD_JOINS,
            which=which,
            is_told=self._get_is_told_sql(),
        )

    def _get_is_told_sql(self):
        """Say that a credit of the bank is what came back by a line that is told."""
        return SQL(
            """(%(came_back)s
                   AND %(meets_bank)s
                   AND credit.journal_id IN (payment.journal_id, told.journal_id)
                   AND ((%(same_amount)s AND %(same_money)s) OR %(batch)s)
                   AND %(missing)s)""",
            came_back=self.env["account.payment.return.line"]._get_came_back_sql(
                "told"
            ),
            meets_bank=self._get_meets_bank_sql(),
            same_amount=self._get_same_amount_sql(),
            same_money=self._get_same_money_sql(),
            batch=self._get_batch_sql(),
            missing=self._get_bank_line_missing_sql(),
        )

    def _get_meets_bank_sql(self):
        """Say that the bank may have credited the collection.

        As `_meets_bank` of the line, but for what a person entered: no one knows.
        """
        return SQL(
            "(told.kind != 'reject' OR message.file_format LIKE %s)", f"{STATEMENTS}%"
        )

    def _get_same_amount_sql(self):
        """Say that a credit is of the collection, in its currency or the company's."""
        return SQL(
            """((credit.currency_id = payment.currency_id
                 AND -credit.amount_currency = payment.amount)
                OR -credit.balance = payment.amount_company_currency_signed)"""
        )

    def _get_very_sql(self):
        """Say that a credit is all of the collection, and nothing else.

        That is all that the bank credited; or what of it has the amount, where the
        bank's words name the collection.
        """
        return SQL(
            """(%(same_amount)s
                AND (%(named)s
                     OR (SELECT COUNT(*) FROM account_move_line item
                          WHERE item.move_id = credit.move_id) = 2))""",
            same_amount=self._get_same_amount_sql(),
            named=self._get_named_sql(*COLLECTION_NAMES, but="memo"),
        )

    def _get_same_money_sql(self):
        """Say that a credit is older than the return, and of the collection's day, or
        named as the collection is.

        What is paid on the day of the return by a customer who knows is new money. An
        invoice's number, which he names too, tells only where the collection waits.
        """
        return SQL(
            """(credit.date <= told.return_date
                AND (%(named)s OR %(exactly)s
                     OR (credit.date < told.return_date
                         AND (credit.date IN (payment.date, told.due_date,
                                              payment.collection_due_date)
                              OR (%(memo)s AND %(waits)s)))))""",
            named=self._get_named_sql(*COLLECTION_NAMES),
            exactly=self._get_exactly_sql(),
            memo=self._get_named_sql("memo", "payment_reference"),
            waits=SQL(
                """EXISTS (SELECT 1 FROM account_move_line collected
                            WHERE %s AND collected.reconciled IS NOT TRUE)""",
                self._get_collected_sql(),
            ),
        )

    def _get_batch_sql(self):
        """Say that a credit is of several collections, of which it names this one.

        By what only we and the bank know: a customer who pays more names his invoices.
        """
        return SQL(
            """(credit.date <= told.return_date
                AND ((credit.currency_id = payment.currency_id
                      AND -credit.amount_currency > payment.amount)
                     OR -credit.balance > payment.amount_company_currency_signed)
                AND %(named)s)""",
            named=self._get_named_sql(*COLLECTION_NAMES, but="memo"),
        )

    def _get_exactly_sql(self):
        """Say that the bank tells the end-to-end ID where it belongs, however short."""
        return SQL(
            """(%(form)s != ''
                AND (%(ref)s = %(form)s
                     OR STRPOS(bank.transaction_details::text,
                               CONCAT('"', payment.end_to_end_id, '"')) > 0))""",
            form=SQL(normal_sql("payment.end_to_end_id")),
            ref=SQL(normal_sql("entry.ref")),
        )

    def _get_named_sql(self, *names, but=None):
        """Say that the bank's words hold one of these references of the payment.

        They stand there once for all of these: they are long, and so is planning them.

        :param but: a field of the payment: what stands in it too does not count
        """
        words = [
            SQL(letters_sql(column))
            for column in (
                "bank.payment_ref",
                "bank.transaction_details::text",
                "entry.ref",
                "credit.name",
            )
        ]
        forms = [SQL("(%s)", SQL(normal_sql(f"payment.{name}"))) for name in names]
        known = SQL(letters_sql(f"COALESCE(payment.{but}, '')" if but else "''"))
        return SQL(
            """(SELECT COALESCE(BOOL_OR(
                           LENGTH(form) >= CASE WHEN form ~ '^[0-9]+$'
                               THEN %(number)s ELSE %(least)s END
                           AND STRPOS(CONCAT_WS(' ', %(words)s), form) > 0
                           AND STRPOS(%(known)s, form) = 0), FALSE)
                  FROM (VALUES %(forms)s) AS reference(form))""",
            forms=SQL(", ").join(forms),
            known=known,
            least=SHORTEST,
            number=SHORTEST_NUMBER,
            words=SQL(", ").join(words),
        )

    def _get_bank_line_missing_sql(self):
        """Say that the collection has met no line of the bank.

        It may have met its own return, whose line is then still missing too.
        """
        return SQL(
            """(NOT EXISTS (
                    SELECT 1
                      FROM account_move_line collected
                      JOIN account_partial_reconcile partial
                        ON partial.debit_move_id = collected.id
                      JOIN account_move_line other ON other.id = partial.credit_move_id
                      JOIN account_move met ON met.id = other.move_id
                     WHERE %s AND met.payment_return_id IS NULL
                    OFFSET 0)
                AND NOT EXISTS (
                    SELECT 1 FROM account_move_line item
                     WHERE item.id = told.move_line_id
                       AND item.statement_line_id IS NOT NULL
                    OFFSET 0))""",
            self._get_collected_sql(),
        )

    def _get_collected_sql(self):
        """Say that an item is where a payment waits for the bank."""
        return SQL(
            """(collected.move_id = payment.move_id
                AND collected.account_id = payment.outstanding_account_id
                AND collected.balance > 0)"""
        )
