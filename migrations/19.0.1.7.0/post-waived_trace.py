def migrate(cr, version):
    """Say up to which trace the returns that a person waived go: the first so many."""
    cr.execute(
        """
        UPDATE credit_block block SET waived_trace = COALESCE((
            SELECT MAX(known.last)
              FROM (SELECT MAX(piece.id) AS last
                      FROM account_payment_return_partial piece
                      JOIN account_payment_return_line line
                        ON line.id = piece.return_line_id
                     WHERE piece.partner_id = block.partner_id
                       AND line.company_id = block.company_id
                       AND line.state IN ('confirmed', 'cancelled')
                       AND line.match_state = 'matched'
                  GROUP BY line.id
                  ORDER BY MIN(piece.id)
                     LIMIT COALESCE(block.waived_returns, 0)) AS known), 0)
         WHERE block.waived AND block.waived_trace IS NULL
        """
    )
