from odoo.tools import SQL

# What a row has from the start, and never again is written.
BORN_WITH = {"id", "create_date", "create_uid"}


def get_columns(env, statement):
    """Return the set of (table, column) that a statement reads, whatever of it.

    PostgreSQL knows, which keeps it of a view.
    """
    view = SQL(
        "CREATE TEMP VIEW house_statement AS SELECT 1 FROM (%s) AS it", statement
    )
    with env.cr.savepoint(flush=False) as savepoint:
        env.cr.execute(view)
        env.cr.execute(
            """
            SELECT DISTINCT read.relname, attribute.attname
              FROM pg_rewrite rule
              JOIN pg_depend depend ON depend.objid = rule.oid
                                   AND depend.classid = 'pg_rewrite'::regclass
                                   AND depend.refclassid = 'pg_class'::regclass
              JOIN pg_class read ON read.oid = depend.refobjid
              JOIN pg_attribute attribute ON attribute.attrelid = depend.refobjid
                                         AND attribute.attnum = depend.refobjsubid
             WHERE rule.ev_class = 'house_statement'::regclass
               AND depend.refobjsubid > 0
               AND read.relname != 'house_statement'
            """
        )
        found = env.cr.fetchall()
        savepoint.rollback()
    return set(found)
