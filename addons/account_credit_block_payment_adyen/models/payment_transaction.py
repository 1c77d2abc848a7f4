import logging
from datetime import datetime, timezone

from odoo import api, models

from odoo.addons.payment import utils as payment_utils
from odoo.addons.payment_adyen import const as adyen_const

from ..const import NEWS, REVERSED, TAKEN

_logger = logging.getLogger(__name__)


class PaymentTransaction(models.Model):
    """Money of a payment that Adyen took back, in the words of Adyen's webhooks."""

    _inherit = "payment.transaction"

    @api.model
    def _search_by_reference(self, provider_code, payment_data):
        """Override of `payment_adyen`, which takes a chargeback for a refund.

        It would begin one, of a payment that nobody gives back.
        """
        code = payment_data.get("eventCode")
        if provider_code == "adyen" and code in (*TAKEN, REVERSED, *NEWS):
            return self._search_disputed(payment_data)
        return super()._search_by_reference(provider_code, payment_data)

    def _search_disputed(self, notification):
        """The payment that a dispute is about; empty for one that is not known.

        Adyen may leave its reference out: the dispute is known by its own then, or
        else by the reference that we gave.

        :param dict notification: Adyen's item, of which nothing was verified yet
        """
        of_adyen = [("provider_code", "=", "adyen")]
        if original := notification.get("originalReference"):
            found = [("provider_reference", "=", original)]
        elif line := self._find_credit_return(f"adyen|{notification['pspReference']}"):
            return line.transaction_id
        else:
            found = [("reference", "=", notification.get("merchantReference"))]
        tx = self.search(found + of_adyen)
        if not tx:
            _logger.warning(
                "Adyen's %s (%s) is of no payment that is known here",
                notification["eventCode"],
                notification["pspReference"],
            )
        return tx

    def _take_adyen_chargeback(self, notification):
        """Register what Adyen took, or gave back.

        :param dict notification: Adyen's item, whose signature was verified
        """
        reference, code = notification["pspReference"], notification["eventCode"]
        told = notification["amount"]
        currency = self._get_told_currency(told["currency"])
        decimals = adyen_const.CURRENCY_DECIMALS.get(currency.name)
        self._register_credit_return(
            # A dispute keeps its reference when the money is taken a second time.
            f"{reference}|2" if code == "SECOND_CHARGEBACK" else reference,
            payment_utils.to_major_currency_units(told["value"], currency, decimals),
            currency,
            moment=_get_moment(notification["eventDate"]),
            reason_codes=_get_reason_codes(notification),
            reason_text=notification.get("reason") or "",
            texts=reference,
            given_back=code == REVERSED,
        )


def _get_reason_codes(notification):
    """Return why: the bank's code of a direct debit, or the code of a card's scheme."""
    data = notification.get("additionalData") or {}
    code = (data.get("chargebackReasonCode") or "").strip()
    method = notification.get("paymentMethod") or ""
    if not code:
        return ()
    if method.startswith("sepa"):
        return (code.upper(),)
    return (f"{data.get('chargebackSchemeCode') or method} {code}",)


def _get_moment(text):
    """Return when something was, as a datetime of the database.

    :param str text: in the form of ISO 8601, with its zone
    """
    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return moment.astimezone(timezone.utc).replace(tzinfo=None)
