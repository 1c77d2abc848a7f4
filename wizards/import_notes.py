"""What is said of an imported file: what became of its rows."""

from markupsafe import Markup

from odoo.tools.translate import LazyTranslate

from ..models import said

_lt = LazyTranslate(__name__)


def _count(one, several):
    """Return the function that tells a number of rows, with their amounts if told.

    :param several: with ``%(count)s``
    """

    def tell(env, data):
        text = env._(one if data["count"] == 1 else several) % {"count": data["count"]}
        amounts = said.tell_value(env, data.get("amounts"))
        return f"{text}: {amounts}" if amounts else text

    return tell


def _tell_total(one, several):
    """Return the function that tells of which receipts an amount is the total.

    :param several: with ``%(count)s``
    """

    def tell(env, data):
        told = {key: said.tell_value(env, value) for key, value in data.items()}
        return env._(one if data["count"] == 1 else several) % told

    return tell


def _tell_note(env, data):
    """Tell what is said of so many lines."""
    note, count = said.tell(env, data["note"]), data["count"]
    return f"{note} ({count})" if count > 1 else note


def _tell_nothing(env, data):
    """Tell of a file without a return what was read in it."""
    rows = "; ".join(said.tell(env, row) for row in data["rows"])
    return env._(
        "%(file)s: nothing unpaid (%(rows)s).",
        file=data["file"],
        rows=rows or env._("no movement at all"),
    )


def _tell_summary(env, data):
    """Tell all sentences as a list, as HTML."""
    texts = (said.tell(env, sentence) for sentence in data["sentences"])
    items = Markup().join(Markup("<li>%s</li>") % text for text in texts)
    return Markup("<ul>%s</ul>") % items


said.add(
    {
        "import.summary": _tell_summary,
        "import.note": _tell_note,
        "import.variant": _lt("read by the bank format “%(name)s”"),
        "import.before": _lt("%(file)s: imported before."),
        "import.nothing": _tell_nothing,
        # Lines, by their state
        "import.matched": _count(
            _lt("1 matched with its payment"),
            _lt("%(count)s matched with their payments"),
        ),
        "import.ambiguous": _count(
            _lt("1 to choose among several payments"),
            _lt("%(count)s to choose among several payments"),
        ),
        "import.unmatched": _count(
            _lt("1 without a payment"),
            _lt("%(count)s without a payment"),
        ),
        "import.duplicate": _count(
            _lt("1 known already, set aside"),
            _lt("%(count)s known already, set aside"),
        ),
        "import.skipped": _count(_lt("1 set aside"), _lt("%(count)s set aside")),
        # Rows that are no return, by what the parsers call them
        "import.row.accepted": _count(
            _lt("1 accepted or paid, not imported"),
            _lt("%(count)s accepted or paid, not imported"),
        ),
        "import.row.pending": _count(
            _lt("1 pending movement, not imported"),
            _lt("%(count)s pending movements, not imported"),
        ),
        "import.row.partial": _count(
            _lt("1 partly accepted, not imported"),
            _lt("%(count)s partly accepted, not imported"),
        ),
        "import.row.information": _count(
            _lt("1 for information only, not imported"),
            _lt("%(count)s for information only, not imported"),
        ),
        "import.row.not_booked": _count(
            _lt("1 not booked, not imported"),
            _lt("%(count)s not booked, not imported"),
        ),
        "import.row.no_status": _count(
            _lt("1 without an outcome, not imported"),
            _lt("%(count)s without an outcome, not imported"),
        ),
        "import.row.unknown_status": _count(
            _lt("1 with an unknown outcome, not imported"),
            _lt("%(count)s with an unknown outcome, not imported"),
        ),
        "import.row.credit": _count(
            _lt("1 credit, not imported"),
            _lt("%(count)s credits, not imported"),
        ),
        "import.row.charges": _count(
            _lt("1 bank charge, not imported"),
            _lt("%(count)s bank charges, not imported"),
        ),
        "import.row.told": _count(
            _lt("1 total of what is listed, not imported"),
            _lt("%(count)s totals of what is listed, not imported"),
        ),
        "import.row.outcomes": _count(
            _lt(
                "1 total of returned receipts, not imported: the bank's file of"
                " outcomes lists them"
            ),
            _lt(
                "%(count)s totals of returned receipts, not imported: the bank's"
                " file of outcomes lists them"
            ),
        ),
        "import.row.outcomes_charges": _count(
            _lt("1 charge for returned receipts, not imported"),
            _lt("%(count)s charges for returned receipts, not imported"),
        ),
        # Totals of receipts that a file of outcomes lists
        "import.outcomes.known": _tell_total(
            _lt("%(amount)s: the receipt of return %(returns)s, not imported again"),
            _lt(
                "%(amount)s: the total of %(count)s receipts of return %(returns)s, not"
                " imported again"
            ),
        ),
        "import.outcomes.differ": _lt(
            "%(amount)s: the total of receipts of return %(returns)s, which make"
            " %(found)s: compare them with the bank's list"
        ),
        "import.outcomes.unknown": _lt(
            "%(amount)s: a total of returned receipts that no file has listed yet."
            " Import the bank's file of outcomes with the reference %(reference)s: it"
            " lists them"
        ),
        "import.outcomes_charges.known": _lt(
            "%(amount)s: the charges of return %(returns)s, which has them on its"
            " receipts: not imported again"
        ),
        "import.outcomes_charges.differ": _lt(
            "%(amount)s: the charges of return %(returns)s, whose receipts have"
            " %(found)s of them: enter the rest there, or book it from the bank"
            " transaction"
        ),
        "import.outcomes_charges.unknown": _lt(
            "%(amount)s: charges for returned receipts that no file has listed yet"
            " (reference %(reference)s): the bank's file of outcomes tells them"
        ),
        "import.row.own_debit": _count(
            _lt("1 of your own payments, not imported"),
            _lt("%(count)s of your own payments, not imported"),
        ),
        "import.row.unlisted": _count(
            _lt("1 rejected batch of which the bank lists only a part"),
            _lt("%(count)s rejected batches of which the bank lists only a part"),
        ),
        "import.row.not_return": _count(
            _lt("1 other movement, not imported"),
            _lt("%(count)s other movements, not imported"),
        ),
    }
)
