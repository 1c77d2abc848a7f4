import base64
import binascii
import hashlib
import hmac
import json
from datetime import date
from pathlib import Path

from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from odoo.addons.account_credit_block.tests.common_online import OnlinePaymentCommon

FILES = Path(__file__).parent / "files"
# What the payment of the files is called.
PAYMENT = "9913140798220028"
KEY = "44782DEF547AAA06C910C43932B1EB0C"
OURS = "odoo.addons.account_credit_block_payment_adyen"
CORES = "odoo.addons.payment_adyen"


def sign(item, key):
    """Sign a notification as docs.adyen.com (Verify HMAC signatures) says."""
    signed = (
        *("pspReference", "originalReference", "merchantAccountCode"),
        *("merchantReference", "value", "currency", "eventCode", "success"),
    )
    values = {**item, **item["amount"]}
    told = ":".join(str(values.get(name, "")) for name in signed)
    digest = hmac.new(binascii.a2b_hex(key), told.encode(), hashlib.sha256).digest()
    item["additionalData"]["hmacSignature"] = base64.b64encode(digest).decode()


@tagged("post_install", "-at_install")
class TestAdyenWebhook(OnlinePaymentCommon, HttpCase):
    """Recorded notifications, signed as Adyen does, sent to the webhook over HTTP."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.sudo().partner_id.tz = "Europe/Rome"
        provider = cls.env.ref("payment.payment_provider_adyen").sudo()
        cls.provider = provider.copy(
            {
                "company_id": cls.company.id,
                "adyen_merchant_account": "YOUR_MERCHANT_ACCOUNT",
                "adyen_api_key": "dummy",
                "adyen_client_key": "dummy",
                "adyen_hmac_key": KEY,
                "adyen_api_url_prefix": "prefix",
                "state": "test",
            }
        )
        cls.provider.journal_id = cls.bank

    def setUp(self):
        super().setUp()
        self.tx.provider_reference = PAYMENT

    def load(self, *names, **values):
        """The notifications of some files in one.

        :param values: instead of those of each item; None for one that is left out
        """
        items = []
        for name in names:
            text = (FILES / f"{name}.json").read_text(encoding="utf-8")
            item = json.loads(text)["notificationItems"][0]["NotificationRequestItem"]
            item["merchantReference"] = self.tx.reference
            item.update(values)
            items.append({key: v for key, v in item.items() if v is not None})
        return items

    @mute_logger(f"{CORES}.controllers.main", f"{CORES}.models.payment_transaction")
    def send(self, items, key=KEY):
        """Sign and send notifications to the webhook; return the answer."""
        for item in items:
            sign(item, key)
        return self.post(items)

    def post(self, items):
        told = [{"NotificationRequestItem": item} for item in items]
        self.env.flush_all()
        answer = self.url_open(
            "/payment/adyen/notification",
            json={"live": "false", "notificationItems": told},
        )
        self.env.invalidate_all()
        return answer

    def tell(self, *names, **values):
        answer = self.send(self.load(*names, **values))
        self.assertEqual((answer.status_code, answer.json()), (200, "[accepted]"))
        return self.find_lines()

    # === CHARGEBACKS === #

    def test_a_currency_that_nobody_knows_is_refused_until_it_is_entered(self):
        unknown = {"currency": "XXQ", "value": 10000}
        with mute_logger("odoo.http"):
            answer = self.send(self.load("sepa_chargeback", amount=unknown))
        self.assertNotIn("[accepted]", answer.text, "Adyen tells it again")
        self.assertFalse(self.find_lines())
        self.assertTrue(self.tell("sepa_chargeback"))

    def test_a_debit_that_was_charged_back_is_a_draft_return(self):
        line = self.tell("sepa_chargeback")
        self.assertRecordValues(
            line,
            [
                {
                    "payment_id": self.tx.payment_id.id,
                    "match_state": "matched",
                    "amount": 100.0,
                    "reason_id": self.reason_funds.id,
                    "reason_code": "AM04",
                    "reason_text": "AM04:InsufficientFunds",
                    "texts": "SEPATPCQ8HXSKGK8",
                }
            ],
        )
        self.assertRecordValues(
            line.return_id, [{"state": "draft", "journal_id": self.bank.id}]
        )
        line.return_id.action_confirm()
        self.assertEqual(self.invoice_paid.payment_state, "not_paid")

    def test_of_a_card_the_code_of_its_scheme_is_the_reason(self):
        line = self.tell("chargeback")
        self.assertEqual(line.reason_id.code, "mc 4853")
        self.assertFalse(line.reason_id.counts_as_default)
        # Half past eleven in London is the next day in Rome.
        self.assertEqual(line.return_id.date, date(2026, 10, 6))

    def test_a_code_that_nobody_knows_stays_as_text(self):
        line = self.tell("second_chargeback")
        self.assertFalse(line.reason_id)
        self.assertEqual(line.reason_code, "jcb 502")
        self.assertEqual(line.reason_text, "502:Cardmember Dispute")

    def test_it_is_confirmed_by_itself_and_blocks_the_customer(self):
        self.company.sudo().credit_return_auto_confirm = True
        line = self.tell("sepa_chargeback", eventDate="2026-11-20T09:00:00+01:00")
        self.assertEqual(line.return_id.state, "confirmed")
        self.assertEqual(self.invoice_paid.payment_state, "not_paid")
        self.assertTrue(self.customer.credit_block_ids)

    def test_told_twice_it_is_one_return(self):
        line = self.tell("chargeback", "chargeback")
        self.assertEqual(len(line), 1)
        self.assertEqual(self.tell("chargeback"), line)

    def test_what_did_not_succeed_is_no_return(self):
        self.assertFalse(self.tell("chargeback", success="false"))

    def test_units_and_a_currency_that_are_not_the_payments(self):
        line = self.tell("chargeback", amount={"currency": "CLP", "value": 500000})
        self.assertEqual(line.currency_id.name, "CLP")
        self.assertEqual(line.amount, 5000.0)
        self.assertEqual(line.match_state, "unmatched")

    def test_a_zone_that_is_called_z(self):
        line = self.tell("chargeback", eventDate="2026-10-05T21:59:00Z")
        self.assertEqual(line.return_id.date, date(2026, 10, 5))

    # === HOW A DISPUTE GOES ON === #

    def test_news_of_a_dispute_move_no_money_and_make_no_refund(self):
        self.assertFalse(self.tell("notification_of_chargeback"))
        self.tell("chargeback")
        self.assertFalse(self.tx.child_transaction_ids)

    def test_a_refund_that_failed_is_no_return(self):
        self.assertFalse(self.tell("refund_failed"))

    def test_a_chargeback_that_was_reversed_is_cancelled(self):
        line = self.tell("chargeback")
        # Adyen names the payment no more: the dispute is known by its own reference.
        self.tell("chargeback_reversed", merchantReference="OTHER")
        self.assertEqual(line.return_id.state, "cancelled")
        self.assertEqual(line.return_id.given_back_date, date(2026, 11, 2))

    def test_reversed_before_it_was_told_it_is_not_booked(self):
        self.company.sudo().credit_return_auto_confirm = True
        line = self.tell("chargeback_reversed", "chargeback")
        self.assertEqual(len(line), 1)
        self.assertEqual(line.return_id.state, "cancelled")
        self.assertEqual(self.invoice_paid.payment_state, "paid")

    def test_a_second_chargeback_is_another_return(self):
        first = self.tell("chargeback")
        self.tell("chargeback_reversed")
        second = self.tell("second_chargeback") - first
        self.assertEqual(second.match_state, "matched")
        self.assertEqual(second.return_id.state, "draft")
        self.tell("second_chargeback", "chargeback_reversed", "chargeback")
        self.assertEqual(self.find_lines(), first | second)
        self.assertEqual(second.return_id.state, "draft")

    # === SIGNATURES === #

    def test_a_wrong_signature_changes_nothing(self):
        items = self.load("sepa_chargeback")
        self.assertEqual(self.send(items, key="00").status_code, 403)
        self.assertFalse(self.find_lines())
        sign(items[0], KEY)
        items[0]["amount"]["value"] = 1
        with mute_logger(f"{CORES}.controllers.main"):
            self.assertEqual(self.post(items).status_code, 403)
            del items[0]["additionalData"]["hmacSignature"]
            self.assertEqual(self.post(items).status_code, 403)
        self.assertFalse(self.find_lines())
        self.assertEqual(self.invoice_paid.payment_state, "paid")
        self.assertTrue(self.tell("sepa_chargeback"))

    def test_one_wrong_signature_of_several_changes_nothing(self):
        good, bad = self.load("sepa_chargeback", "chargeback")
        sign(good, KEY)
        sign(bad, "00")
        with mute_logger(f"{CORES}.controllers.main"):
            self.assertEqual(self.post([good, bad]).status_code, 403)
        self.assertFalse(self.find_lines())

    def test_a_payment_that_nobody_knows_is_acknowledged_and_logged(self):
        lines = self.env["account.payment.return.line"]
        before = lines.search_count([])
        for name, value in (("originalReference", "X"), ("merchantReference", "X")):
            values = {"originalReference": None, name: value}
            items = self.load("chargeback", **values)
            with self.assertLogs(f"{OURS}.models.payment_transaction", "WARNING"):
                self.assertEqual(self.send(items).status_code, 200)
        self.assertEqual(lines.search_count([]), before)
        # Without Adyen's reference, ours tells.
        self.assertTrue(self.tell("chargeback", originalReference=None))
