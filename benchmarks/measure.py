"""Time and SQL queries of a piece of work, always on the same data."""

import gc
import time


class Meter:
    """Measures steps inside a savepoint that is rolled back afterwards."""

    def __init__(self, env):
        self.env = env

    def repeat(self, times, work):
        """Run ``work(step)`` several times on untouched data.

        :param work: function of ``step(name, function)``, which runs and measures
        :return: dict of ``{name}_s`` seconds and ``{name}_q`` queries, each the least
        """
        [figures] = self.alternate(times, work)
        return figures

    def alternate(self, times, *works):
        """Run several works by turns: what else the machine does slows all of them.

        :return: list of dicts as `repeat` returns
        """
        runs = [[self._once(work) for work in works] for _time in range(times)]
        return [_get_least(of_work) for of_work in zip(*runs, strict=True)]

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


def _get_least(runs):
    """Return the least seconds and queries of each step: others only add to them."""
    figures = {}
    for name in runs[0]:
        figures[f"{name}_s"] = round(min(run[name][0] for run in runs), 3)
        figures[f"{name}_q"] = min(run[name][1] for run in runs)
    return figures
