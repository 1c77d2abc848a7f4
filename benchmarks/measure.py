"""Time and SQL queries of a piece of work, always on the same data."""

import gc
import statistics
import time


class Meter:
    """Measures steps inside a savepoint that is rolled back afterwards."""

    def __init__(self, env):
        self.env = env

    def repeat(self, times, work):
        """Run ``work(step)`` several times on untouched data.

        :param work: function of ``step(name, function)``, which runs and measures
        :return: dict of ``{name}_s`` medians in seconds and ``{name}_q`` queries
        """
        runs = [self._once(work) for _time in range(times)]
        figures = {}
        for name in runs[0]:
            figures[f"{name}_s"] = round(statistics.median(r[name][0] for r in runs), 3)
            figures[f"{name}_q"] = min(r[name][1] for r in runs)
        return figures

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
