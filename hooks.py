def uninstall_hook(env):
    """Take the guards off their documents, let go of the levels and of our method.

    Levels are deleted before the tables that refer to them.
    """
    # Their automated actions would go on and call what is gone.
    guards = env["credit.guard"].with_context(active_test=False)
    guards.search([]).unlink()  # pylint: disable=no-search-all
    env.cr.execute("DELETE FROM credit_block")
    env.cr.execute("UPDATE res_company SET credit_block_return_level_id = NULL")
    _keep_receipts(env)


def _keep_receipts(env):
    """Let receipts be payments by hand: nobody knows their method afterwards.

    What no payment uses goes with the method.
    """
    riba = env.ref("account_credit_block.account_payment_method_riba", False)
    manual = env.ref("account.account_payment_method_manual_in")
    if riba:
        env.cr.execute(
            """UPDATE account_payment_method_line line SET payment_method_id = %s
                WHERE payment_method_id = %s
                  AND EXISTS (SELECT FROM account_payment payment
                               WHERE payment.payment_method_line_id = line.id)""",
            [manual.id, riba.id],
        )
        env.invalidate_all()
