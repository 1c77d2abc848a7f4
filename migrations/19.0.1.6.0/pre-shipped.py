import csv

from odoo.tools import file_open

REASONS = "account_credit_block/data/account.payment.return.reason.csv"


def migrate(cr, version):
    """Leave the reasons of returns as the office has them, from this update on.

    What is new of those that are shipped is written here: their next step.
    """
    cr.execute(
        "UPDATE ir_model_data SET noupdate = TRUE"
        " WHERE module = 'account_credit_block'"
        " AND model = 'account.payment.return.reason'"
    )
    cr.execute(
        "ALTER TABLE account_payment_return_reason"
        " ADD COLUMN IF NOT EXISTS next_step varchar"
    )
    with file_open(REASONS) as file:
        steps = {row["id"]: row["next_step"] for row in csv.DictReader(file)}
    cr.execute(
        """
        UPDATE account_payment_return_reason reason SET next_step = shipped.step
          FROM unnest(%s, %s) AS shipped (name, step)
          JOIN ir_model_data data USING (name)
         WHERE data.module = 'account_credit_block'
           AND data.model = 'account.payment.return.reason'
           AND data.res_id = reason.id
           AND reason.next_step IS NULL
        """,
        [list(steps), list(steps.values())],
    )
    cr.execute(
        "UPDATE account_payment_return_reason SET next_step = 'contact'"
        " WHERE next_step IS NULL"
    )
