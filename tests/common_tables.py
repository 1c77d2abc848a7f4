"""Runs the tables in the docstrings of what decides without the database."""

import doctest

from odoo.tests.common import BaseCase


class TablesCase(BaseCase):
    """Each table holds as it is written."""

    def check_tables(self, module, least, **names):
        """Run the examples of a module; fail with what of them is not so."""
        found = doctest.DocTestFinder().find(module, extraglobs=names)
        examples, report = 0, []
        for table in found:
            runner = doctest.DocTestRunner(verbose=False)
            runner.run(table, out=report.append)
            examples += len(table.examples)
        self.assertFalse(report, "".join(report))
        self.assertGreaterEqual(examples, least)
