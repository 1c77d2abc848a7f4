from odoo.tools import SQL
from odoo.tools.sql import column_exists, table_exists

# Table, the text that was stored, and where sentences are kept now.
KEPT = (
    ("credit_block", "reason", "reason_said"),
    ("credit_block", "lift_reason", "lift_said"),
    ("account_payment_return", "import_note", "import_said"),
    ("account_payment_return_line", "match_note", "match_said"),
    ("account_payment_return_notice", "note", "note_said"),
)


def migrate(cr, version):
    """Keep the texts that were stored as texts, in the language they were written in.

    Before the new columns are there: the sentences of all lines would be computed.
    """
    for table, text, kept in KEPT:
        if table_exists(cr, table) and column_exists(cr, table, text):
            _keep(cr, *map(SQL.identifier, (table, text, kept)))


def _keep(cr, table, text, kept):
    cr.execute(SQL("ALTER TABLE %s ADD COLUMN IF NOT EXISTS %s jsonb", table, kept))
    cr.execute(
        SQL(
            """
            UPDATE %(table)s
               SET %(kept)s = jsonb_build_object(
                    'code', 'text', 'data', jsonb_build_object('text', %(text)s))
             WHERE %(text)s != ''
            """,
            table=table,
            text=text,
            kept=kept,
        )
    )
    cr.execute(SQL("ALTER TABLE %s DROP COLUMN %s", table, text))
