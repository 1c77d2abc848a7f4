"""What came back, on the tiles of the banks of the accounting dashboard."""

import json

from odoo.tests import tagged

from .common import new_user
from .test_match import MatchCommon


class TileCommon(MatchCommon):
    def get_tile(self, journal=None, user=None):
        """What the tile of a bank says of its returns."""
        journal = (journal or self.bank).with_user(user or self.env.user)
        self.env.invalidate_all()
        return json.loads(journal.kanban_dashboard).get("payment_returns")


@tagged("post_install", "-at_install")
class TestJournalTile(TileCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.second = cls.bank.copy({"name": "Second Bank", "code": "BNK9"})
        cls.today = cls.company._get_credit_today()

    @classmethod
    def _new_user(cls, groups):
        return new_user(cls.env(su=True), groups, groups, cls.company).with_env(cls.env)

    def test_an_empty_bank_says_that_nothing_came_back(self):
        for bank in (self.bank, self.second):
            self.assertEqual(
                self.get_tile(bank),
                {
                    "debits": 0,
                    "drafts": 0,
                    "to_match": 0,
                    "month": False,
                    "takes_drop": True,
                },
            )

    def test_each_bank_tells_of_its_own(self):
        booked = self.make_return(self.collect(950.5), date=self.today)
        booked.action_confirm()
        self.make_return(self.collect(40), date=self.today, journal_id=self.second.id)
        self.told({"reference": "A-1", "amount": 7}, date=self.today)
        self.told({"reference": "A-2"}, {"reference": "A-3"}, date="2020-01-31")
        cancelled = self.told({"reference": "A-4", "amount": 5}, date=self.today)
        cancelled.action_cancel()
        tile = self.get_tile()
        self.assertEqual((tile["drafts"], tile["to_match"]), (2, 3))
        currency = self.company.currency_id
        self.assertEqual(tile["month"], currency.format(957.5))
        tile = self.get_tile(self.second)
        self.assertEqual((tile["drafts"], tile["to_match"]), (1, 0))
        self.assertEqual(tile["month"], currency.format(40))

    def test_what_is_known_already_is_no_draft(self):
        first = self.told({"reference": "A-1", "amount": 7}, date=self.today)
        known = {"match_state": "duplicate", "duplicate_line_id": first.line_ids.id}
        noted = self.told({"reference": "A-1", "amount": 7, **known}, file_hash="x")
        noted._leave_out_known()
        self.assertEqual(self.get_tile()["drafts"], 1)

    def test_who_may_import_sees_it(self):
        self.told({"reference": "A-1"})
        for groups, sees in (
            ("account.group_account_invoice", True),
            ("account_credit_block.group_credit_user", True),
            ("account.group_account_readonly", False),
        ):
            tile = self.get_tile(user=self._new_user(groups))
            self.assertEqual(bool(tile), sees, groups)

    def test_only_banks_have_it(self):
        cash = self.company_data["default_journal_cash"]
        sales = self.company_data["default_journal_sale"]
        for journal in (cash, sales):
            self.assertIsNone(self.get_tile(journal))

    def test_the_drop_is_named_after_what_it_does(self):
        data = json.loads(self.bank.kanban_dashboard)
        text = "Drop to import payment returns"
        self.assertEqual(data["drag_drop_settings"]["text"], text)
        user = self._new_user("account.group_account_readonly")
        data = json.loads(self.bank.with_user(user).kanban_dashboard)
        self.assertNotEqual(data["drag_drop_settings"]["text"], text)

    def test_the_number_of_queries_does_not_depend_on_the_banks(self):
        banks = self.bank | self.second
        more = banks
        for number in range(4):
            more |= self.bank.copy({"name": f"Bank {number}", "code": f"BN{number}"})
        for bank in more:
            self.told({"reference": "A-1"}, journal_id=bank.id)

        def count(journals):
            self.env.flush_all()
            self.env.invalidate_all()
            data = {bank.id: {"drag_drop_settings": {}} for bank in journals}
            journals.mapped("company_id.currency_id.name")
            before = self.cr.sql_log_count
            journals._fill_returns_dashboard_data(data)
            return self.cr.sql_log_count - before

        count(more)
        self.assertEqual(count(banks), count(more))
        self.assertLessEqual(count(more), 5)


@tagged("post_install", "-at_install")
class TestJournalTileBranch(TileCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.add_branch()

    def test_nothing_of_a_company_that_is_not_selected_is_counted(self):
        self.told({"reference": "A-1"}).sudo().company_id = self.branch
        bank = self.bank.with_env(self.env)
        self.assertEqual(self.get_tile(bank)["drafts"], 1)
        bank = self.bank.with_context(allowed_company_ids=self.company.ids)
        self.assertEqual(self.get_tile(bank)["drafts"], 0)
