"""How much each thing may cost, beside something else that the same run measured.

Printed after every run; ``make bench ARGS=check`` fails on a row that is worse.
Numbers of queries are the same on every machine and are bounds by themselves; seconds
are not, so they are divided by those of the floor, of OCA's addons or of bare SQL: turn
by turn where both take turns (`measure.get_ratio`). What a run did not measure is
passed over. No Odoo inside.
"""

from dataclasses import dataclass

# What tells the rows of each list of the results apart.
KEYS = {"returns": "n", "orders": "history", "order_batch": "n"}


@dataclass(frozen=True, slots=True)
class Bound:
    """The most that a figure may be.

    :param figure: where it is in the results, as "returns/100/ours/confirm_s"
    :param beside: the figure that it is divided by, if any
    :param less: the figure that is taken off it, if any
    :param factor: what the quotient is multiplied by
    """

    name: str
    most: float
    figure: str
    beside: str = ""
    less: str = ""
    factor: float = 1.0

    def measure(self, results):
        """Return the figure, None if the run did not measure it."""
        figure = _find(results, self.figure)
        beside = _find(results, self.beside) if self.beside else 1.0
        less = _find(results, self.less) if self.less else 0.0
        if None in (figure, beside, less):
            return None
        # What takes no time at all is no measure.
        return (figure - less) / max(beside, 0.001) * self.factor


def _of_returns(name, most, figure, sizes):
    """Return a bound of this addon for each number of returns."""
    return [
        Bound(name.format(size), most, f"returns/{size}/ours/{figure}")
        for size in sizes
    ]


SIZES = (100, 1000, 3000)
BOUNDS = (
    Bound("match 1000: queries", 64, "returns/1000/ours/match_q"),
    *_of_returns(
        "import {} : the floor's confirmation", 0.13, "import_by_floor", SIZES[1:]
    ),
    *_of_returns("confirm {} : floor", 0.75, "confirm_by_floor", (100, 3000)),
    # It takes 0.68 to 0.75: the rest is what a machine does that others use too.
    *_of_returns("confirm {} : floor", 0.8, "confirm_by_floor", (1000,)),
    *_of_returns("cancel {} : confirm", 1.2, "cancel_by_confirm", SIZES),
    Bound(
        "confirm 100 : OCA",
        1 / 20,
        "returns/100/ours/confirm_s",
        beside="returns/100/oca/confirm_s",
    ),
    Bound(
        "cancel, a line of 3000 : of 100",
        1.3,
        "returns/3000/ours/cancel_s",
        beside="returns/100/ours/cancel_s",
        factor=100 / 3000,
    ),
    *(
        Bound(
            f"order of a customer with {history} invoices: queries more than core",
            5,
            f"orders/{history}/ours/confirm_q",
            less=f"orders/{history}/core/confirm_q",
        )
        for history in (10, 1000, 10000)
    ),
    Bound(
        "200 orders: queries more than core",
        5,
        "order_batch/200/ours/confirm_q",
        less="order_batch/200/core/confirm_q",
    ),
    Bound(
        "first night, the statement : bare SQL",
        1.5,
        "policy/first_statement_s",
        beside="policy/first_night_sql_s",
    ),
    # There is less to write then, and to plan the statement takes as long as ever.
    Bound("night, the statement : bare SQL", 3, "policy/statement_s", "policy/sql_s"),
    Bound("first night of 1000 blocks: queries", 37, "policy/first_night_q"),
    Bound("night: queries", 17, "policy/nightly_q"),
    Bound("payment that changes nothing: queries", 1, "policy/reevaluate_q"),
    Bound("payment that lifts a block: queries", 3, "policy/reevaluate_lift_q"),
)


def _find(results, path):
    """Return the figure at a path of the results, None if there is none."""
    kind, *names = path.split("/")
    found = results.get(kind, {})
    if kind in KEYS:
        wanted = int(names.pop(0))
        found = next((row for row in found if row[KEYS[kind]] == wanted), {})
    for name in names:
        found = found.get(name)
        if found is None:
            return None
    return found


def compare(results):
    """Return a list of (bound, figure) of what a run measured."""
    measured = [(bound, bound.measure(results)) for bound in BOUNDS]
    return [(bound, figure) for bound, figure in measured if figure is not None]


def show(results):
    """Print what was measured beside the most that it may be.

    :return: the names of what is worse
    """
    worse = []
    for bound, figure in compare(results):
        is_worse = figure > bound.most
        worse += [bound.name] if is_worse else []
        mark = "WORSE" if is_worse else ""
        print(f"{bound.name:58} {figure:>8.3g}  at most {bound.most:<6.3g} {mark}")
    return worse
