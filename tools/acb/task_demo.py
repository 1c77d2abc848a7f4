"""``make demo``: the demo's data from a kept database, and the story on it."""

from datetime import date
from pathlib import Path

from demo import welcome

from . import addon, databases, launch, lock, paths, process, setup
from .console import ToolError, plain, say

FOLDER = Path("tools") / "demo"
DATA = FOLDER / "data"
BUILD = paths.ROOT / DATA / "build.py"
STORY = paths.ROOT / FOLDER / "story.py"
DATABASE = "demo"
BASE = "demobase"
FILES = paths.STATE / "demo"
# For the shop: a way of paying without money.
ALSO = ("payment_demo",)
# What each part takes that is not there yet, on two cores with nothing else to do.
SETUP_MINUTES, TEMPLATE_MINUTES, DATA_MINUTES = 1, 2, 2


def main(args):
    """Play the story on a fresh copy of the data; its exit code is ours."""
    is_new = not setup.is_ready()
    if is_new:
        _say_minutes(SETUP_MINUTES + TEMPLATE_MINUTES + DATA_MINUTES)
    setup.ensure()
    database = databases.own_name(DATABASE)
    config = launch.write_config()
    with lock.exclusive(database):
        base = _get_base_name()
        if not (is_new or databases.exists(base)):
            has_template = databases.exists(databases.shop_template_name())
            _say_minutes(DATA_MINUTES + (0 if has_template else TEMPLATE_MINUTES))
        databases.keep(base, _build)
        say("copying the demo's data")
        databases.copy(base, database)
        say("playing the story")
        code = process.script(database, STORY, [FILES, *args], config=config)
    if not code:
        _say_how_to_look()
    return code


def _say_minutes(minutes):
    say(f"this takes about {minutes} minutes, and seconds from then on")


def _get_base_name():
    """Name of the database with the demo's data and without the story.

    It is made anew when the addon or the demo change, and once a month so that its
    dates stay recent.
    """
    template = databases.shop_template_name()
    recipe = f"{template} {addon.fingerprint(DATA)} {date.today():%Y-%m}"
    return databases.recipe_name(databases.own_name(BASE), recipe)


def _build(name):
    log = paths.STATE / "demo.log"
    databases.fresh_with_shop(name)
    say(f"installing {paths.ADDON} …")
    process.install(name, [paths.ADDON, *ALSO], log)
    say("making the demo's company, customers, invoices and collections …")
    if process.script(name, BUILD, log=log):
        raise ToolError(f"The demo's data could not be made:\n{process.tail(log)}")
    say("the demo's data is ready and kept")


def _say_how_to_look():
    plain("\nTo look at it: make serve, then http://127.0.0.1:8069 in a browser.\n")
    for line in welcome.get_users_table():
        plain(f"   {line}")
