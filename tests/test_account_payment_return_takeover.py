from psycopg2.errors import UniqueViolation

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common_returns import PaymentReturnCommon


@tagged("post_install", "-at_install")
class TestAccountPaymentReturnTakeover(PaymentReturnCommon):
    """What needs OCA's addon is checked beside it, by ``make test-peers``."""

    def test_without_the_addon_of_oca_nothing_can_be_taken_over(self):
        if "payment.return" in self.env:
            self.skipTest("the addon of OCA is installed")
        for dry_run in (True, False):
            with self.assertRaisesRegex(UserError, "OCA is not installed"):
                self.env["account.payment.return.takeover"]._take_over(dry_run=dry_run)

    def test_only_scripts_can_take_over(self):
        takeover = self.env["account.payment.return.takeover"]
        public = [name for name in vars(type(takeover)) if not name.startswith("_")]
        self.assertFalse([name for name in public if callable(getattr(takeover, name))])

    def test_reasons_are_known_by_their_code_in_any_letters(self):
        reasons, created = self.env["account.payment.return.reason"]._take_over(
            {"AM04": "Insufficient funds", "ac 01": "Wrong account"}
        )
        self.assertEqual(reasons["AM04"], self.reason_funds)
        self.assertEqual(reasons["ac 01"], self.reason_iban)
        self.assertFalse(created)
        self.assertTrue(self.reason_funds.counts_as_default)

    def test_unknown_reasons_are_nobodys_default_until_somebody_says_so(self):
        names = {"TS01": "The transmission was successful", "XX-BANK": ""}
        reasons, created = self.env["account.payment.return.reason"]._take_over(names)
        self.assertEqual(set(reasons), set(names))
        self.assertEqual(reasons["TS01"].name, "The transmission was successful")
        self.assertEqual(created.mapped("counts_as_default"), [False, False])
        created[0].sudo().counts_as_default = True
        again, more = self.env["account.payment.return.reason"]._take_over(names)
        self.assertEqual((again, bool(more)), (reasons, False))
        self.assertTrue(again["TS01"].counts_as_default)
        own = self.env["account.payment.return.reason"]._get_or_create_by_code({"B-7"})
        self.assertTrue(own["B-7"].counts_as_default, "one that our own bank sent")

    def test_a_return_booked_elsewhere_writes_to_nobody(self):
        self.customer.email = "rossi@example.com"
        booked, news = (self.make_return(self.pay(self.invoice())) for _i in range(2))
        booked.sudo().booked_elsewhere = True
        (booked | news).action_confirm()
        (booked | news)._send_return_mails()
        self.assertFalse(booked.notice_ids)
        self.assertTrue(news.notice_ids)

    def test_one_return_is_taken_over_once(self):
        first, second = (self.make_return(self.pay(self.invoice())) for _i in range(2))
        first.sudo().taken_over_from = "payment.return,1"
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaisesRegex(UniqueViolation, "taken_over_uniq"),
        ):
            second.sudo().taken_over_from = "payment.return,1"
            second.flush_recordset()
