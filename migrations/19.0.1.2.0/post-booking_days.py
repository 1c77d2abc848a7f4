def migrate(cr, version):
    """Lines of a bank's file that are not in the books yet get their own day."""
    cr.execute(
        """
        UPDATE account_payment_return_line line
           SET return_date = line.date
          FROM account_payment_return payment_return
         WHERE payment_return.id = line.return_id
           AND payment_return.state = 'draft'
           AND payment_return.file_format IS NOT NULL
           AND line.date IS NOT NULL
        """
    )
