def uninstall_hook(env):
    """Take the guards off their documents, and let go of the levels.

    Levels are deleted before the tables that refer to them.
    """
    # Their automated actions would go on and call what is gone.
    guards = env["credit.guard"].with_context(active_test=False)
    guards.search([]).unlink()  # pylint: disable=no-search-all
    env.cr.execute("DELETE FROM credit_block")
    env.cr.execute("UPDATE res_company SET credit_block_return_level_id = NULL")
