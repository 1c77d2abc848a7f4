import logging
from datetime import datetime, timezone

from odoo import api, models

from odoo.addons.payment import utils as payment_utils
from odoo.addons.payment_stripe import const as stripe_const

from ..const import FUNDS_REINSTATED, FUNDS_WITHDRAWN, PAYMENT_FAILED

_logger = logging.getLogger(__name__)


class PaymentTransaction(models.Model):
    """Money of a payment that Stripe took back, in the words of Stripe's API."""

    _inherit = "payment.transaction"

    @api.model
    def _search_by_stripe_event(self, event):
        """The payment that an event is about, by the id of its PaymentIntent.

        :param dict event: an Event of a Dispute or a PaymentIntent
        :return: ``payment.transaction``, perhaps empty
        """
        told = event["data"]["object"]
        is_intent = event["type"] == PAYMENT_FAILED
        intent_id = told["id"] if is_intent else told.get("payment_intent")
        if not intent_id:
            return self.browse()
        return self.search(
            [
                ("provider_reference", "=", intent_id),
                ("provider_code", "=", "stripe"),
                ("operation", "not in", ("refund", "validation")),
            ],
            order="id",
            limit=1,
        )

    def _take_stripe_event(self, event):
        """Register what an event says that Stripe took, or gave back.

        :param dict event: an Event whose signature was verified
        """
        told = event["data"]["object"]
        if event["type"] == PAYMENT_FAILED:
            self._take_stripe_failure(told, event)
        else:
            self._take_stripe_dispute(told, event)

    # === DISPUTES === #

    def _take_stripe_dispute(self, dispute, event):
        """Register a dispute once money has moved; an inquiry moves none."""
        moved = dispute.get("balance_transactions") or []
        taken = [movement for movement in moved if movement["amount"] < 0]
        is_lost = event["type"] == FUNDS_WITHDRAWN or dispute["status"] == "lost"
        given_back = event["type"] == FUNDS_REINSTATED or (
            bool(taken) and dispute["status"] == "won"
        )
        if not (taken or is_lost or given_back):
            _logger.info("Stripe has moved no money yet for %s", dispute["id"])
            return
        since = taken[0]["created"] if taken else dispute["created"]
        currency = self._get_told_currency(dispute["currency"])
        fee, note = self._get_stripe_fee(taken, currency)
        self._register_credit_return(
            dispute["id"],
            self._from_stripe_units(dispute["amount"], currency),
            currency,
            moment=_get_moment(event["created"] if given_back else since),
            reason_codes=self._get_stripe_reason_codes(dispute),
            fee=fee,
            texts="\n".join(filter(None, [dispute["id"], dispute["charge"], note])),
            given_back=given_back,
        )

    def _get_stripe_reason_codes(self, dispute):
        """Why, by the bank's own code where it is one of ISO 20022's, and Stripe's."""
        details = dispute.get("payment_method_details") or {}
        kind = details.get("type") or self.payment_method_id.code
        code = dispute.get("network_reason_code")
        is_debit = kind in ("sepa_debit", "sepa_direct_debit")
        codes = (code.upper(),) if is_debit and code else ()
        return (*codes, dispute["reason"])

    def _get_stripe_fee(self, taken, currency):
        """What Stripe charged for the dispute.

        :param taken: list of Balance Transactions
        :param currency: of the dispute
        :return: amount in that currency, and what is to be said of another one
        """
        fee, notes = 0.0, []
        for movement in taken:
            own = self._get_told_currency(movement["currency"])
            charged = self._from_stripe_units(movement.get("fee") or 0, own)
            if own == currency:
                fee += charged
            elif charged:
                notes.append(self.env._("Fee: %s", own.format(charged)))
        return fee, "\n".join(notes)

    # === FAILURES === #

    def _take_stripe_failure(self, intent, event):
        """Register that a payment which was done failed after all.

        The event of an attempt before may come late, too. So Stripe is asked what is
        true now.

        :raises ValidationError: when Stripe does not answer; it tells again then
        """
        if self.state != "done":
            return
        now = self._send_api_request("GET", f"payment_intents/{intent['id']}")
        if now["status"] in stripe_const.STATUS_MAPPING["done"]:
            _logger.info("Stripe's %s was paid after %s", intent["id"], event["id"])
            return
        error = intent.get("last_payment_error") or {}
        codes = (error.get("decline_code"), error.get("code"))
        currency = self._get_told_currency(intent["currency"])
        self._register_credit_return(
            intent["id"],
            self._from_stripe_units(intent["amount"], currency),
            currency,
            moment=_get_moment(event["created"]),
            kind="reject",
            reason_codes=tuple(filter(None, codes)),
            reason_text=error.get("message") or "",
            texts=intent["id"],
        )

    # === UNITS === #

    def _from_stripe_units(self, amount, currency):
        """Return an amount of Stripe's, in cents or what they are, in the currency."""
        decimals = stripe_const.CURRENCY_DECIMALS.get(currency.name)
        return payment_utils.to_major_currency_units(amount, currency, decimals)


def _get_moment(seconds):
    """Return when something was, as a datetime of the database.

    :param int seconds: since the Unix epoch
    """
    return datetime.fromtimestamp(seconds, timezone.utc).replace(tzinfo=None)
