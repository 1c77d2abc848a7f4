"""Time and SQL queries of a piece of work, always on the same data."""

import gc
import time
from statistics import median


class Meter:
    """Measures steps inside a savepoint that is rolled back afterwards."""

    def __init__(self, env):
        self.env = env

    def repeat(self, times, work):
        """Run ``work(step)`` several times on untouched data.

        :param work: function of ``step(name, function)``, which runs and measures
        :return: dict of ``{name}_s`` seconds and ``{name}_q`` queries, each the least
        """
        [runs] = self.take_turns(times, work)
        return get_least(runs)

    def alternate(self, times, *works):
        """Run several works by turns: what else the machine does slows all of them.

        :return: list of dicts as `repeat` returns
        """
        return [get_least(runs) for runs in self.take_turns(times, *works)]

    def take_turns(self, times, *works):
        """Run several works by turns.

        :return: of each work its runs: dicts from step to (seconds, queries)
        """
        turns = [[self._once(work) for work in works] for _time in range(times)]
        return list(zip(*turns, strict=True))

    def _once(self, work):
        run = {}

        def step(name, function):
            self.env.flush_all()
            self.env.invalidate_all()
            gc.collect()
            queries, start = self.env.cr.sql_log_count, time.perf_counter()
            result = function()
            self.env.cr.flush()
            run[name] = (
                time.perf_counter() - start,
                self.env.cr.sql_log_count - queries,
            )
            return result

        with self.env.cr.savepoint(flush=True) as savepoint:
            work(step)
            self.env.cr.clear()
            savepoint.rollback()
        self.env.invalidate_all()
        return run


def get_ratio(runs, step, beside, step_beside):
    """Return how long a step takes by another one, the median of all turns.

    What is fast in one turn and slow in the next, as a machine is that others use, is
    so for both of a turn.

    :param runs: of a work, see `take_turns`; ``beside`` are those of the other one
    """
    turns = zip(runs, beside, strict=True)
    return round(median(a[step][0] / b[step_beside][0] for a, b in turns), 3)


def get_least(runs):
    """Return the least seconds and queries of each step: others only add to them."""
    figures = {}
    for name in runs[0]:
        figures[f"{name}_s"] = round(min(run[name][0] for run in runs), 3)
        figures[f"{name}_q"] = min(run[name][1] for run in runs)
    return figures
