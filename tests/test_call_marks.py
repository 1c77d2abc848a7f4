import threading

from odoo.tests import tagged
from odoo.tests.common import TransactionCase

from ..models.call_marks import Mark

MARK = Mark("test")


@tagged("post_install", "-at_install")
class TestCallMarks(TransactionCase):
    """What one call tells the calls within it."""

    def test_it_holds_within_the_call_and_not_after(self):
        self.assertIsNone(MARK.get(self.env))
        with MARK.set(self.env, "outer") as value:
            self.assertEqual(value, "outer")
            with MARK.set(self.env, "inner"):
                self.assertEqual(MARK.get(self.env), "inner")
            self.assertEqual(MARK.get(self.env(su=True, context={})), "outer")
        self.assertIsNone(MARK.get(self.env))

    def test_a_rolled_back_savepoint_forgets_nothing(self):
        with MARK.set(self.env):
            savepoint = self.env.cr.savepoint()
            savepoint.rollback()
            savepoint.close(rollback=True)
            self.assertTrue(MARK.get(self.env))

    def test_another_transaction_knows_nothing_of_it(self):
        with MARK.set(self.env), self.registry.cursor() as other:
            self.assertTrue(MARK.get(self.env))
            self.assertIsNone(MARK.get(self.env(cr=other)))

    def test_another_thread_knows_nothing_of_it(self):
        found = []
        thread = threading.Thread(target=lambda: found.append(MARK.get(self.env)))
        with MARK.set(self.env):
            thread.start()
            thread.join()
        self.assertEqual(found, [None])
