"""Run a Python file inside an Odoo environment, on a database made for it."""

import argparse

from . import databases, launch, oca, paths, process, setup
from .console import ToolError, say


def main(args):
    """Entry point of ``tools/task run``."""
    parser = argparse.ArgumentParser(prog="tools/task run", description=__doc__)
    parser.add_argument("--db", default="run", help="last part of the database's name")
    parser.add_argument("--keep", action="store_true", help="keep the database's data")
    parser.add_argument("--with-demo", action="store_true", help="load demo data")
    parser.add_argument("--shop", action="store_true", help="with Odoo's shop")
    parser.add_argument("--oca", help="addons of OCA to install, with commas")
    parser.add_argument("--without-ours", action="store_true")
    parser.add_argument("script")
    parser.add_argument("args", nargs=argparse.REMAINDER)
    options = parser.parse_args(args)
    database, config = prepare(
        options.db,
        keep=options.keep,
        demo=options.with_demo,
        shop=options.shop,
        oca_addons=options.oca.split(",") if options.oca else (),
        ours=not options.without_ours,
    )
    return process.script(database, options.script, options.args, config=config)


def prepare(suffix, *, keep=False, demo=False, shop=False, oca_addons=(), ours=True):
    """Make a database with the addon; return its name and its configuration.

    It is a copy of a kept template, so this takes seconds. With ``keep`` an
    existing database is updated instead.
    """
    setup.ensure()
    config = launch.write_config(oca.ensure() if oca_addons else None)
    name = databases.own_name(suffix)
    log = paths.STATE / f"{suffix}.log"
    addons = [*oca_addons, *([paths.ADDON] if ours else [])]
    if keep and databases.exists(name):
        say(f"updating the addon in database {name}")
        args = ["-d", name, "-u", ",".join(addons), "--stop-after-init"]
        if process.odoo(args, log, config=config):
            raise ToolError(f"Odoo could not update it:\n{process.tail(log)}")
    else:
        make = databases.fresh_with_shop if shop else databases.fresh
        make(name, demo)
        if addons:
            say(f"installing {', '.join(addons)} in database {name}")
            process.install(name, addons, log, config=config)
    return name, config
