"""Databases: kept templates, and copies of them in a second.

A template has everything that the addon depends on, so that a test run installs the
addon alone. One made from it has the shop too, beside which the addons of ``addons/``
install themselves; and one from that the neighbours: addons of Odoo that ours does not
need but must get on with. Each has a twin with its web assets, for tests in a browser:
to build them takes as long as to install half of a template. A template's name holds a
hash of what went into it: another Odoo or another list of addons makes another
template, and in time old ones go.
"""

import hashlib
import os
import shutil

from . import addon, launch, lock, odoo_source, paths, postgres, process
from .console import ToolError, say

REVISION = 2  # raise it when the recipe below changes
# Besides the addon's own dependencies: its users' chart of accounts.
ALSO = ("l10n_it",)
# Besides what the addons of `addons/` join ours to: the menus and templates of sales.
ALSO_IN_SHOP = ("sale_management",)
# Addons that confirm orders by paths of their own, that hang on what is confirmed, or
# that take payments without a bank.
NEIGHBOURS = (
    "event_sale",
    "payment_demo",
    "pos_sale",
    "sale_loyalty",
    "sale_loyalty_delivery",
    "sale_project",
    "sale_stock",
    "sale_timesheet",
    "stock_delivery",
    "website_event_booth_sale",
    "website_event_sale",
    "website_sale_collect",
    "website_sale_stock",
)
KEPT_TEMPLATES = 2  # of each kind, besides the one about to be built
TEMPLATE, DEMO_TEMPLATE = "acb_tpl", "acb_demo"
SHOP_TEMPLATE, DEMO_SHOP_TEMPLATE = "acb_shop", "acb_demoshop"
NEIGHBOURS_TEMPLATE = "acb_neighbours"
PREGENERATE = paths.TOOLS / "scripts" / "pregenerate_assets.py"


def own_name(suffix):
    """Name of one of this clone's databases."""
    return f"{paths.DB_PREFIX}_{suffix}"


def exists(name):
    """Tell whether a database exists."""
    query = f"SELECT 1 FROM pg_database WHERE datname = '{name}'"
    return bool(postgres.psql(query))


def drop(name):
    """Drop a database, even one in use, and its files."""
    postgres.psql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    shutil.rmtree(_files(name), ignore_errors=True)


def copy(source, name):
    """Make a database a copy of another one, its files included."""
    drop(name)
    postgres.psql(f'CREATE DATABASE "{name}" TEMPLATE "{source}"')
    if _files(source).exists():
        # Odoo names a stored file by its content and never rewrites it.
        shutil.copytree(_files(source), _files(name), copy_function=_link_or_copy)


def fresh(name, demo=False, assets=False):
    """Make a database that has all the dependencies and not the addon."""
    template = template_name(demo)
    with lock.exclusive("templates"):
        _make(name, template, lambda building: _build(building, demo), assets)
    return name


def fresh_with_shop(name, demo=False, assets=False):
    """Make a database that has the dependencies, the shop and not the addon."""
    template = shop_template_name(demo)
    with lock.exclusive("shop"):
        _make(name, template, lambda building: _build_shop(building, demo), assets)
    return name


def fresh_with_neighbours(name, assets=False):
    """Make a database that has shop and neighbours, and not the addon."""
    recipe = f"{shop_template_name()} {sorted(NEIGHBOURS)}"
    template = recipe_name(NEIGHBOURS_TEMPLATE, recipe)
    with lock.exclusive("neighbours"):
        _make(name, template, _build_neighbours, assets)
    return name


def _make(name, template, build, assets):
    """Make a database a copy of a template, or of the one with its web assets."""
    launch.write_config()
    keep(template, build)
    if assets:
        kind, _underscore, key = template.rpartition("_")
        bare, template = template, f"{kind}_web_{key}"
        keep(template, lambda building: _build_assets(building, bare))
    copy(template, name)


def template_name(demo=False):
    """Name of the template database; without asking whether it is there."""
    recipe = f"{REVISION} {odoo_source.version()} {_get_template_addons()}"
    return recipe_name(DEMO_TEMPLATE if demo else TEMPLATE, recipe)


def shop_template_name(demo=False):
    """Name of the template database with the shop."""
    recipe = f"{template_name(demo)} {_get_shop_addons()}"
    return recipe_name(DEMO_SHOP_TEMPLATE if demo else SHOP_TEMPLATE, recipe)


def recipe_name(kind, recipe):
    """Name of a database of a kind that is made by a recipe."""
    return f"{kind}_{hashlib.sha256(recipe.encode()).hexdigest()[:10]}"


def keep(name, build):
    """Build a database unless it is there; the older ones of its kind are dropped.

    It is built under another name, then renamed: an interrupted run leaves nothing.

    :param name: what `recipe_name` says
    :param build: function that makes the database of the name it is given
    """
    if not exists(name):
        _drop_old(name.rpartition("_")[0])
        building = f"{name}_new"
        drop(building)
        build(building)
        _rename(building, name)


def _rename(building, name):
    shutil.rmtree(_files(name), ignore_errors=True)
    if _files(building).exists():
        _files(building).rename(_files(name))
    postgres.psql(f'ALTER DATABASE "{building}" RENAME TO "{name}"')


def _get_template_addons():
    return sorted([*addon.dependencies(), *ALSO])


def _get_shop_addons():
    return sorted([*addon.joined(), *ALSO_IN_SHOP])


def _build(name, demo):
    wanted = _get_template_addons()
    data = "with" if demo else "without"
    say(f"building the template database: {', '.join(wanted)}, {data} demo data …")
    options = ["--with-demo"] if demo else []
    process.install(name, wanted, paths.STATE / "template.log", *options)
    say("the template database is ready and kept")


def _build_shop(name, demo):
    fresh(name, demo)
    wanted = _get_shop_addons()
    say(f"adding the shop: {', '.join(wanted)} …")
    options = ["--with-demo"] if demo else []
    process.install(name, wanted, paths.STATE / "template-shop.log", *options)
    say("the template database with the shop is ready and kept")


def _build_neighbours(name):
    fresh_with_shop(name)
    say(f"adding the neighbours: {', '.join(NEIGHBOURS)} …")
    process.install(name, NEIGHBOURS, paths.STATE / "template-neighbours.log")
    say("the template database with the neighbours is ready and kept")


def _build_assets(name, template):
    copy(template, name)
    say(f"preparing the web assets of {template} …")
    log = paths.STATE / "assets.log"
    if process.script(name, PREGENERATE, [paths.ADDON, *addon.shop_glue()], log):
        raise ToolError(f"The web assets could not be built:\n{process.tail(log)}")


def _drop_old(kind):
    """Drop those of old recipes; clones that share may use the last ones."""
    query = f"""SELECT datname FROM pg_database
                 WHERE datname ~ '^{kind}_[0-9a-f]{{10}}(_new)?$'
                 ORDER BY oid DESC"""
    for (name,) in postgres.psql(query)[KEPT_TEMPLATES:]:
        drop(name)


def _files(name):
    return paths.DATA / "filestore" / name


def _link_or_copy(source, target):
    """Link a file, or copy it where the file system has no links."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
