# Their place is taken by indexes on the normal form of references.
OLD_INDEXES = (
    "account_payment__end_to_end_id_index",
    "account_payment__mandate_reference_index",
    "account_payment__collection_batch_id_index",
    "account_payment__collection_message_id_index",
    "account_payment_return_line__end_to_end_id_index",
)


def migrate(cr, version):
    """Drop indexes that nobody asks; no draft is matched with a payment gone."""
    for name in OLD_INDEXES:
        cr.execute(f'DROP INDEX IF EXISTS "{name}"')
    cr.execute(
        """
        UPDATE account_payment_return_line line
           SET match_state = 'unmatched', match_said = NULL
         WHERE line.state = 'draft'
           AND line.match_state = 'matched'
           AND line.move_line_id IS NULL
           AND line.payment_id IS NULL
        """
    )
    _forgive_reasons(cr)


def _forgive_reasons(cr):
    """Reasons taken over from OCA count as default only if somebody said so since."""
    cr.execute("SELECT to_regclass('payment_return_reason')")
    if not cr.fetchone()[0]:
        return
    cr.execute(
        """
        UPDATE account_payment_return_reason reason
           SET counts_as_default = FALSE
          FROM payment_return_reason source
         WHERE reason.code = TRIM(source.code)
           AND reason.scheme = 'other'
           AND reason.write_date = reason.create_date
           AND NOT EXISTS (SELECT 1
                             FROM ir_model_data data
                            WHERE data.model = 'account.payment.return.reason'
                              AND data.res_id = reason.id)
        """
    )
