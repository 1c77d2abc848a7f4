import re
from datetime import datetime
from math import isfinite

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tools import SQL

# What a provider calls an event is looked up by an index, which has no room for more.
LONGEST_EVENT = 200
LONGEST_TEXT = 10_000
# What no text of the database has: NUL, and half a character of UTF-16.
NOT_KEPT = re.compile(r"[\x00\ud800-\udfff]")


class PaymentTransaction(models.Model):
    """What payment providers take back of what was paid online: one way in for all."""

    _inherit = "payment.transaction"  # pylint: disable=consider-merging-classes-inherited

    def _post_process(self):
        """Override of `account_payment`: what came back before gets its payment now."""
        result = super()._post_process()
        done = self.filtered(lambda tx: tx.state == "done")
        for transactions in done.grouped("company_id").values():
            transactions._act_for_provider()._give_payment_to_returns()
        return result

    def _register_credit_return(
        self,
        event,
        amount,
        currency,
        *,
        moment=None,
        kind="return",
        reason_codes=(),
        reason_text="",
        fee=0.0,
        texts="",
        given_back=False,
    ):
        """Make a draft return of what the provider took back of this payment.

        For addons of one provider, which call it for what that has signed: nobody's
        rights are asked here. Told again, also at the same moment, it is known: there
        is one line for each event. In whichever order, what was given back is not
        confirmed by itself.

        :param str event: what the provider calls it, never given to anything else
        :param float amount: in major units of the currency; 0: all that was collected
        :param currency: ``res.currency`` in which the provider told the amount
        :param moment: when it happened, as a datetime of the database; now if left out
        :param kind: a value of `account.payment.return.line.kind`
        :param reason_codes: of those that are known, the first one is the reason
        :param reason_text: why, in the provider's words
        :param float fee: what the provider charged for it, in the same currency
        :param texts: what else the provider says, for people
        :param given_back: whether the provider has given the money back again
        :return: ``account.payment.return.line``, as the system
        :raises ValidationError: for what no provider can mean, before anything is done
        :raises SerializationFailure: when another request told it meanwhile; Odoo
            replays requests by itself
        """
        self.ensure_one()
        tx = self._act_for_provider()
        tx._check_told(event, currency, moment, kind)
        tx._check_told_amounts(amount=amount, fee=fee)
        tx._check_told_texts(
            event=event,
            reason_text=reason_text,
            texts=texts,
            reason_codes=", ".join(reason_codes),
        )
        tx._lock_credit_returns()
        key = f"{tx.provider_code}|{event}"
        day = tx.company_id._get_credit_day(moment or fields.Datetime.now())
        line = tx._find_credit_return(key)
        is_new = not line
        if is_new:
            told = {
                "amount": amount,
                "currency_id": currency.id,
                "fee_amount": fee,
                "date": day,
                "kind": kind,
                "reason_code": ", ".join(reason_codes),
                "reason_text": reason_text,
                "texts": texts,
                "unique_key": key,
            }
            line = tx._create_credit_return(told, reason_codes)
        if given_back:
            line._take_money_given_back(day)
        elif is_new:
            line.return_id._confirm_by_itself()
        return line

    # === WHAT IS TOLD === #

    def _check_told(self, event, currency, moment, kind):
        """Raise ValidationError for an event without name, currency, day or kind."""
        kinds = self.env["account.payment.return.line"]._fields["kind"]
        if not (isinstance(event, str) and 0 < len(event) <= LONGEST_EVENT):
            self._refuse_told("event", event)
        if len(currency) != 1:
            self._refuse_told("currency", currency.mapped("name"))
        if moment and not isinstance(moment, datetime):
            self._refuse_told("moment", moment)
        if kind not in kinds.get_values(self.env):
            self._refuse_told("kind", kind)

    def _check_told_amounts(self, **amounts):
        """Raise ValidationError for amounts that are no number, or below zero."""
        for name, amount in amounts.items():
            if (
                not isinstance(amount, (int, float))
                or not isfinite(amount)
                or amount < 0
            ):
                self._refuse_told(name, amount)

    def _check_told_texts(self, **texts):
        """Raise ValidationError for what the database does not keep as a text."""
        for name, text in texts.items():
            is_text = isinstance(text, str) and len(text) <= LONGEST_TEXT
            if not is_text or NOT_KEPT.search(text):
                self._refuse_told(name, text)

    def _refuse_told(self, name, value):
        """Raise ValidationError that names what was told, shortened, and of what."""
        raise ValidationError(
            self.env._(
                "The payment provider of %(payment)s told something that cannot be, and"
                " nothing is registered: %(name)s is %(value)s. Look it up in the"
                " provider's own pages, and register the return by hand.",
                payment=self.reference,
                name=name,
                value=repr(value)[:100],
            )
        )

    @api.model
    def _get_told_currency(self, code):
        """Return the currency that a provider names, active or not.

        :param str code: of ISO 4217, in any case
        :raises ValidationError: for one that Odoo does not have
        """
        currencies = self.env["res.currency"].with_context(active_test=False)
        name = str(code or "").upper().replace("\0", "")
        currency = currencies.search([("name", "=", name)])
        if not currency:
            raise ValidationError(
                self.env._(
                    "The payment provider told an amount in %(code)s, a currency that"
                    " is not known here: enter it among the currencies, and let the"
                    " provider tell it again.",
                    code=repr(code)[:100],
                )
            )
        return currency

    def _act_for_provider(self):
        """The same as OdooBot, where the payment is booked, in its language.

        Behind a request of the provider there is nobody.
        """
        company = self.company_id.sudo()
        context = {"lang": company.partner_id.lang}
        env = self.env(user=SUPERUSER_ID, context=context)
        return self.with_env(env).with_company(company)

    def _lock_credit_returns(self):
        """Wait for who registers a return of this payment, until he is done.

        The row changes, so that who waited is replayed and sees the other's return, as
        in `credit.exposure.lock`.
        """
        self.env.cr.execute(
            SQL(
                "UPDATE payment_transaction SET reference = reference WHERE id = %s",
                self.id,
            )
        )

    def _find_credit_return(self, key):
        """The line that was made of what the provider told, by its key."""
        return self.env["account.payment.return.line"].search(
            [("unique_key", "=", key), ("transaction_id", "!=", False)]
        )

    def _create_credit_return(self, told, reason_codes):
        """Create a return of one line, and look at what it can take back.

        :param told: values of the line, as the provider told them
        :return: the line
        """
        reasons = self.env["account.payment.return.reason"]
        values = {
            **told,
            "transaction_id": self.id,
            "reference": self.reference,
            "partner_id": self.partner_id.commercial_partner_id.id,
            "reason_id": reasons._find_unpaid(reason_codes).id,
        }
        payment_return = self.env["account.payment.return"].create(
            {
                "journal_id": self._get_return_bank().id,
                "company_id": self.company_id.id,
                "date": told["date"],
                "line_ids": [Command.create(values)],
            }
        )
        payment_return.line_ids._take_online_payment()
        return payment_return.line_ids

    def _get_return_bank(self):
        """The journal of the payment; before there is one, that of the provider."""
        bank = self._get_collected_payments().journal_id[:1]
        returns = self.env["account.payment.return"]
        return bank or self.provider_id.journal_id or returns._default_journal_id()

    def _get_collected_payments(self):
        """The payments by which this collected: several, if captured in parts."""
        parts = self.child_transaction_ids.filtered(lambda tx: tx.operation != "refund")
        return (self | parts).payment_id.filtered(lambda p: p.payment_type == "inbound")

    def _give_payment_to_returns(self):
        """Give their payment to drafts that wait for it, and confirm them as usual."""
        transactions = self | self.source_transaction_id
        lines = self.env["account.payment.return.line"].search(
            [
                ("transaction_id", "in", transactions.ids),
                ("state", "=", "draft"),
                ("match_state", "=", "unmatched"),
                ("payment_id", "=", False),
            ]
        )
        lines._take_online_payment()
        lines.return_id._confirm_by_itself()
