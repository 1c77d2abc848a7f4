import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from babel.dates import get_month_names

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import format_date, get_lang
from odoo.tools.misc import babel_locale_parse

_NUMBER = re.compile(r"\d[\d.,']*")
_DAY = re.compile(r"(\d{1,2})[/.-](\d{1,2})(?:[/.-](\d{4}|\d{2}))?")


@dataclass(frozen=True, slots=True)
class Face:
    """What a person knows a collection by; ``partner`` and ``currency`` are records.

    ``said_day`` and ``said_amount`` are as the user reads them.
    """

    name: str
    partner: object
    invoices: str
    day: date | None
    amount: float
    currency: object
    said_day: str
    said_amount: str


class AccountPaymentReturnCandidate(models.AbstractModel):
    """How a payment that may have come back is said, and how people look for it.

    The one home of both: the payment field of a return line, the proposals beside it
    and the dialog with all of them. Nothing is told of what the user may not see.
    """

    _name = "account.payment.return.candidate"
    _description = "Payment that May Have Come Back"

    # === HOW IT IS SAID === #

    @api.model
    def _describe(self, targets):
        """What people know some collections by, in batch.

        :param targets: pairs (receivable item, payment), either of them empty
        :return: dict from (item, payment) to `Face`; amounts in the collection's
            currency
        """
        targets = list(dict.fromkeys(targets))
        self._read_together(targets)
        left = self.env["account.payment.return.left"]
        invoices = self._find_invoices(targets)
        partners = self.env["res.partner"].union(
            *(payment.partner_id or item.partner_id for item, payment in targets)
        )
        seen = partners._filtered_access("read")
        found = {}
        for item, payment in targets:
            currency = item.currency_id or payment.currency_id
            amount = left._get_collected(item, payment)
            day = item.date or payment.date or None
            found[item, payment] = Face(
                name=payment.name or item.move_name or "",
                partner=(payment.partner_id or item.partner_id) & seen,
                invoices=invoices[item, payment],
                day=day,
                amount=amount,
                currency=currency,
                said_day=self._say_day(day),
                said_amount=currency.format(amount) if currency else "",
            )
        return found

    def _read_together(self, targets):
        """Read what collections are described by at once, not one by one."""
        payments = self.env["account.payment"].sudo().union(*(p for _i, p in targets))
        items = self.env["account.move.line"].sudo().union(*(i for i, _p in targets))
        entries = payments.move_id | items.move_id
        entries.line_ids.mapped("account_type")
        partials = (items | entries.line_ids).matched_debit_ids
        paid = partials.debit_move_id.move_id | payments.invoice_ids
        paid.mapped("move_type")

    def _find_invoices(self, targets):
        """The numbers of the invoices that collections paid, of those one may see.

        An invoice may be of a branch in which the user does not work.

        :return: dict from (item, payment) to numbers, with commas
        """
        found = {}
        for item, payment in targets:
            items = item or payment.move_id.line_ids.filtered(
                lambda i: i.account_type == "asset_receivable"
            )
            paid = items.sudo().matched_debit_ids.debit_move_id.move_id
            invoices = paid.filtered(lambda move: move.is_sale_document(True))
            invoices = invoices or payment.sudo().invoice_ids
            found[item, payment] = invoices.with_env(self.env)
        seen = self.env["account.move"].union(*found.values())._filtered_access("read")
        return {
            target: ", ".join(filter(None, (invoices & seen).mapped("name")))
            for target, invoices in found.items()
        }

    @api.model
    def _say(self, face):
        """A collection in one line: number, customer, invoices, day and amount.

        :param face: `Face`
        """
        parts = (face.name, face.partner.name, face.invoices)
        return self._join(*parts, face.said_day, face.said_amount)

    @api.model
    def _say_shortly(self, face, with_partner):
        """The same where there is little room: what tells it from others comes first.

        Who paid comes last: the payments proposed for a line are often of one customer.

        :param with_partner: whether who paid is not said anyway
        """
        partner = with_partner and face.partner.name
        what = face.invoices or face.name
        return self._join(face.said_amount, what, face.said_day, partner)

    def _join(self, *parts):
        return " · ".join(part for part in parts if part)

    def _say_day(self, day):
        """A day without its year, where it is this one."""
        if not day:
            return ""
        today = self.env.company._get_credit_today()
        pattern = "d MMM" if day.year == today.year else "d MMM y"
        return format_date(self.env, day, date_format=pattern)

    # === HOW IT IS LOOKED FOR === #

    @api.model
    def _get_domain(self, text):
        """Payments that people mean by some words: each of them has to be there.

        :param text: numbers, names, amounts and days, as the label says them
        :return: `Domain` on ``account.payment``, which the user's rules go with
        """
        return Domain.AND(
            Domain.OR(self._get_word_domains(word)) for word in self._split(text)
        )

    def _split(self, text):
        """The words of a text; a day with the name of its month is one."""
        words, months, is_day = [], self._get_months(), False
        for word in filter(None, re.split(r"[\s·,;]+(?!\d)|[\s·;]+", text.strip())):
            month = months.get(word.casefold().strip("."))
            if is_day and re.fullmatch(r"\d{4}", word):
                words[-1] += f"/{word}"
            elif month and words and words[-1].isdigit():
                pair = (words[-1], str(month))
                words[-1] = "/".join(pair[::-1] if self._is_month_first() else pair)
                is_day = True
                continue
            else:
                words.append(word)
            is_day = False
        return words

    def _get_months(self):
        locale = babel_locale_parse(get_lang(self.env).code)
        return {
            name.casefold().strip("."): number
            for width in ("abbreviated", "wide")
            for number, name in get_month_names(width, locale=locale).items()
        }

    def _is_month_first(self):
        form = get_lang(self.env).date_format
        return form.find("%m") < form.find("%d")

    def _get_word_domains(self, word):
        """What one word may be: a number, a name, a currency, an amount or a day."""
        paid = "move_id.line_ids.matched_debit_ids.debit_move_id.move_id.name"
        yield from (
            Domain(name, "ilike", word)
            for name in ("name", "partner_id.complete_name", "invoice_ids.name", paid)
        )
        yield Domain("currency_id.name", "=ilike", word)
        yield Domain("currency_id.symbol", "=", word)
        amount = word.strip("€$£")
        if _NUMBER.fullmatch(amount):
            yield self._get_amount_domain(amount)
        if _DAY.fullmatch(word):
            yield Domain("date", "in", self._get_days(*_DAY.fullmatch(word).groups()))

    def _get_amount_domain(self, text):
        """Amounts that begin so: 950 is also 950.99, and the dot may be a comma."""
        text = text.rstrip(".,'")
        whole, _point, cents = re.fullmatch(r"(.*?)(?:([.,])(\d{1,2}))?", text).groups()
        number = Decimal(re.sub(r"\D", "", whole) or "0")
        if cents:
            number += Decimal(cents).scaleb(-len(cents))
        step = Decimal(1).scaleb(-len(cents or ""))
        return Domain("amount", ">=", float(number)) & Domain(
            "amount", "<", float(number + step)
        )

    def _get_days(self, first, second, year):
        """The days that two numbers mean: of that year, else of this or the last."""
        pair = (second, first) if self._is_month_first() else (first, second)
        day, month = map(int, pair)
        this = self.env.company._get_credit_today().year
        years = (this, this - 1) if not year else (this - this % 100 + int(year) % 100,)
        return [
            date(each, month, day)
            for each in years
            if 1 <= month <= 12 and 1 <= day <= monthrange(each, month)[1]
        ]
