def uninstall_hook(env):
    """Let go of the levels, which are deleted before the tables that refer to them."""
    env.cr.execute("DELETE FROM credit_block")
    env.cr.execute("UPDATE res_company SET credit_block_return_level_id = NULL")
