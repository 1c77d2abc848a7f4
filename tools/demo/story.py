"""Play the main job on the demo's data, and say what is in the database after it.

Run by ``tools/launcher/run-script``: what is done here is committed when every
figure is there, and rolled back otherwise.
"""

import sys
from pathlib import Path

from odoo.exceptions import UserError

from demo import (
    scenes_arrival,
    scenes_bank,
    scenes_books,
    scenes_orders,
    scenes_people,
    scenes_riba,
)
from demo.page import Page
from demo.tale import Tale

SCENES = (
    scenes_bank.send,
    scenes_bank.import_reports,
    scenes_bank.import_statements,
    scenes_books.confirm,
    scenes_books.show_entries,
    scenes_books.show_invoices,
    scenes_books.show_mails,
    scenes_books.show_blocks,
    scenes_people.refuse_quotation,
    scenes_people.pay,
    scenes_people.lift,
    scenes_orders.hand_over,
    scenes_orders.buy_online,
    scenes_orders.decide,
    scenes_orders.let_days_pass,
    scenes_riba.present,
    scenes_riba.answer,
    scenes_arrival.receive,
)


def main(env, folder):
    """Play the scenes; return the exit code."""
    page = Page()
    tale = Tale(env(context={**env.context, "lang": "en_GB"}), page, Path(folder))
    try:
        for scene in SCENES:
            scene(tale)
    except UserError as error:
        page.check(False, f"the rest of the story, as Odoo refused: {error.args[0]}")
    return page.close()


code = main(globals()["env"], sys.argv[1])
if code:
    sys.exit(code)
