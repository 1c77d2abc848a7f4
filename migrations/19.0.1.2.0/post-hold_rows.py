# The reasons that this version had, whatever addon they belong to since.
CODES = ["level", "web", "shipping", "terms", "limit"]


def migrate(cr, version):
    """Give what waits a row for each reason there is: today's are looked up anew."""
    cr.execute(
        """
        INSERT INTO sale_order_hold_reason (hold_id, code, is_found)
             SELECT hold.id, code, FALSE
               FROM sale_order_hold hold
         CROSS JOIN UNNEST(%s) AS code
              WHERE hold.state = 'held'
                AND NOT EXISTS (
                    SELECT FROM sale_order_hold_reason reason
                     WHERE reason.hold_id = hold.id AND reason.code = code.code)
        """,
        [CODES],
    )
