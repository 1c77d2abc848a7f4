import hashlib
import hmac
import json
import re
import time
from pathlib import Path
from unittest.mock import patch

from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from odoo.addons.account_credit_block.tests.common_online import OnlinePaymentCommon
from odoo.addons.payment_stripe import const as stripe_const

from ..const import DISPUTE_EVENTS

FILES = Path(__file__).parent / "files"
INTENT = "pi_1PgafyB7WZ01zgkWSjxsAJo3"
SECRET = "whsec_of_the_test"  # noqa: S105
# When the disputes of the files began.
BEGAN = 1790000000
OURS = "odoo.addons.account_credit_block_payment_stripe"
CORES = "odoo.addons.payment_stripe"


@tagged("post_install", "-at_install")
class TestStripeWebhook(OnlinePaymentCommon, HttpCase):
    """Recorded events, signed as Stripe does, sent to the webhook over HTTP."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.provider = cls.env.ref("payment.payment_provider_stripe").sudo()
        cls.provider = cls.provider.copy(
            {
                "company_id": cls.company.id,
                "stripe_publishable_key": "pk_test",
                "stripe_secret_key": "sk_test",
                "stripe_webhook_secret": SECRET,
                "state": "test",
            }
        )
        cls.provider.journal_id = cls.bank

    def setUp(self):
        super().setUp()
        self.tx.provider_reference = INTENT

    def load(self, name, **values):
        """An event of a file, as if its dispute had just begun.

        :param values: instead of those of its object
        """
        text = (FILES / f"{name}.json").read_text(encoding="utf-8")
        now = int(time.time()) - 10 * 24 * 3600
        text = re.sub(
            r"\b179\d{7}\b", lambda found: str(int(found[0]) - BEGAN + now), text
        )
        event = json.loads(text)
        event["data"]["object"].update(values)
        return event

    @mute_logger(f"{CORES}.controllers.main", f"{CORES}.models.payment_transaction")
    def send(self, event, secret=SECRET, signed=True, instead=None):
        """Send an event to the webhook; return the answer.

        :param instead: what is sent in the place of the event that was signed
        """
        body, moment = json.dumps(event), int(time.time())
        told = f"{moment}.{body}".encode()
        digest = hmac.new(secret.encode(), told, hashlib.sha256).hexdigest()
        headers = {"Content-Type": "application/json"}
        if signed:
            headers["Stripe-Signature"] = f"t={moment},v1={digest}"
        if instead:
            body = json.dumps(instead)
        self.env.flush_all()
        answer = self.url_open(
            "/payment/stripe/webhook", data=body.encode(), headers=headers
        )
        self.env.invalidate_all()
        return answer

    def tell(self, name, **values):
        self.assertEqual(self.send(self.load(name, **values)).status_code, 200)
        return self.find_lines()

    # === A DEBIT THAT CAME BACK === #

    def test_a_debit_that_the_bank_took_back_is_a_draft_return(self):
        line = self.tell("sepa_dispute_created")
        self.assertRecordValues(
            line,
            [
                {
                    "payment_id": self.tx.payment_id.id,
                    "match_state": "matched",
                    "amount": 100.0,
                    "fee_amount": 7.5,
                    "reason_id": self.reason_funds.id,
                    "reason_code": "AM04, insufficient_funds",
                    "kind": "return",
                }
            ],
        )
        self.assertRecordValues(
            line.return_id, [{"state": "draft", "journal_id": self.bank.id}]
        )
        self.assertIn("du_1PgcSEB7WZ01zgkWMevJiAUx", line.texts)
        line.return_id.action_confirm()
        self.assertEqual(self.invoice_paid.payment_state, "not_paid")

    def test_it_is_confirmed_by_itself_and_blocks_the_customer(self):
        self.company.sudo().credit_return_auto_confirm = True
        line = self.tell("sepa_dispute_created")
        self.assertEqual(line.return_id.state, "confirmed")
        self.assertEqual(self.invoice_paid.payment_state, "not_paid")
        self.assertTrue(self.customer.credit_block_ids)

    def test_a_currency_that_nobody_knows_is_refused_until_it_is_entered(self):
        with mute_logger("odoo.http"):
            answer = self.send(self.load("sepa_dispute_created", currency="xxq"))
        self.assertNotEqual(answer.status_code, 200, "Stripe tells it again")
        self.assertIn("not known here", answer.text)
        self.assertFalse(self.find_lines())
        self.assertTrue(self.tell("sepa_dispute_created"))

    def test_all_events_of_a_dispute_are_one_return(self):
        names = ("created", "funds_withdrawn", "closed")
        for name in (*reversed(names), *names):
            self.tell(f"sepa_dispute_{name}")
        self.assertEqual(len(self.find_lines()), 1)

    def test_part_of_a_payment_in_dispute(self):
        self.assertEqual(self.tell("sepa_dispute_created", amount=2550).amount, 25.5)

    def test_units_and_a_currency_that_are_not_the_payments(self):
        line = self.tell("sepa_dispute_created", amount=5000, currency="jpy")
        self.assertEqual(line.currency_id.name, "JPY")
        self.assertEqual(line.amount, 5000.0)
        self.assertEqual(line.match_state, "unmatched")
        # What Stripe charged is in euros, and is not called yen.
        self.assertFalse(line.fee_amount)
        self.assertIn("7.50", line.texts)

    def test_a_reason_that_nobody_knows_stays_as_text(self):
        line = self.tell("card_dispute_created", reason="brand_new")
        self.assertFalse(line.reason_id)
        self.assertEqual(line.reason_code, "brand_new")

    # === DISPUTES OF CARDS === #

    def test_an_inquiry_moves_no_money(self):
        self.assertFalse(self.tell("card_inquiry_created"))

    def test_a_dispute_that_is_won_is_taken_back(self):
        line = self.tell("card_dispute_created")
        self.assertEqual(line.reason_id.code, "fraudulent")
        self.assertFalse(line.reason_id.counts_as_default)
        self.tell("card_dispute_won")
        self.assertEqual(line.return_id.state, "cancelled")
        self.tell("card_dispute_funds_reinstated")
        self.tell("card_dispute_created")
        self.assertEqual(self.find_lines(), line)

    def test_won_before_it_was_told_it_is_not_booked(self):
        self.company.sudo().credit_return_auto_confirm = True
        self.tell("card_dispute_funds_reinstated")
        line = self.tell("card_dispute_created")
        self.assertEqual(len(line), 1)
        self.assertEqual(line.return_id.state, "cancelled")
        self.assertEqual(self.invoice_paid.payment_state, "paid")

    def test_of_a_booked_dispute_that_is_won_a_person_decides(self):
        self.company.sudo().credit_return_auto_confirm = True
        line = self.tell("card_dispute_created")
        self.tell("card_dispute_won")
        self.assertEqual(line.return_id.state, "confirmed")
        self.assertEqual(len(line.return_id.activity_ids), 1)

    # === FAILURES === #

    def fail(self, status, state="done"):
        """Tell that a payment failed, while Stripe answers that it is in a status."""
        self.tx.state = state
        event = self.load("payment_intent_failed", description=self.tx.reference)
        answers = {"id": INTENT, "status": status}
        provider = self.env.registry["payment.provider"]
        # Nobody can ask Stripe itself in a test.
        with patch.object(provider, "_send_api_request", return_value=answers):
            self.assertEqual(self.send(event).status_code, 200)
        return self.find_lines()

    def test_what_failed_after_it_was_done_is_a_reject(self):
        line = self.fail("requires_payment_method")
        self.assertRecordValues(
            line,
            [
                {
                    "payment_id": self.tx.payment_id.id,
                    "amount": 100.0,
                    "kind": "reject",
                    "reason_code": "insufficient_funds",
                }
            ],
        )
        self.assertEqual(line.reason_id.category, "funds")
        self.assertIn("insufficient funds", line.reason_text)
        self.assertEqual(self.fail("requires_payment_method"), line)

    def test_a_first_attempt_that_is_told_late_is_no_return(self):
        self.assertFalse(self.fail("succeeded"))

    def test_a_failure_of_what_was_never_done_is_cores(self):
        self.assertFalse(self.fail("requires_payment_method", state="pending"))
        self.assertEqual(self.tx.state, "error")

    # === SIGNATURES === #

    def test_a_wrong_signature_changes_nothing(self):
        for name in ("sepa_dispute_created", "payment_intent_failed"):
            event = self.load(name, description=self.tx.reference)
            self.assertEqual(self.send(event, secret="guessed").status_code, 403)
            self.assertGreaterEqual(self.send(event, signed=False).status_code, 400)
        self.assertFalse(self.find_lines())
        self.assertEqual(self.invoice_paid.payment_state, "paid")

    def test_a_body_that_was_changed_changes_nothing(self):
        event, other = (self.load("sepa_dispute_created", amount=n) for n in (1, 9900))
        self.assertEqual(self.send(event, instead=other).status_code, 403)
        self.assertFalse(self.find_lines())
        self.assertEqual(self.send(other).status_code, 200)
        self.assertEqual(self.find_lines().amount, 99.0)

    @mute_logger(f"{OURS}.controllers.payment_stripe")
    def test_without_a_secret_nothing_is_believed(self):
        self.provider.stripe_webhook_secret = False
        event = self.load("sepa_dispute_created")
        self.assertEqual(self.send(event).status_code, 200)
        self.assertEqual(self.send(event, signed=False).status_code, 200)
        self.assertFalse(self.find_lines())

    def test_a_payment_that_nobody_knows_is_acknowledged_and_logged(self):
        lines = self.env["account.payment.return.line"]
        before = lines.search_count([])
        for intent in ("pi_of_another_shop", None):
            event = self.load("sepa_dispute_created", payment_intent=intent)
            with self.assertLogs(f"{OURS}.controllers.payment_stripe", "WARNING"):
                self.assertEqual(self.send(event).status_code, 200)
        self.assertEqual(lines.search_count([]), before)

    # === THE WEBHOOK ITSELF === #

    def test_a_new_webhook_is_told_of_disputes(self):
        self.provider.stripe_webhook_secret = False
        core = "odoo.addons.payment.models.payment_provider.PaymentProvider"
        # Nobody can ask Stripe itself in a test.
        with patch(f"{core}._send_api_request", return_value={"secret": "x"}) as asked:
            self.provider.action_stripe_create_webhook()
        known = stripe_const.HANDLED_WEBHOOK_EVENTS
        self.assertEqual(
            asked.call_args.kwargs["data"]["enabled_events[]"],
            [*known, *DISPUTE_EVENTS],
        )
        # Core's own list, which all databases share, stays as it is.
        self.assertFalse(set(DISPUTE_EVENTS) & set(known))
