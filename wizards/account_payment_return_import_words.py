from decimal import Decimal

from odoo import models
from odoo.tools import formatLang

from ..parsers.phrase import Phrase, get_parts, tell
from .parse_messages import PARSE_MESSAGES, PARSE_PHRASES

# Their values are amounts, whatever the kind of number.
CONTROL_SUMS = ("control_batch", "control_sum")


class AccountPaymentReturnImport(models.TransientModel):
    """What the parsers refuse, and where, in the user's language."""

    _inherit = "account.payment.return.import"  # pylint: disable=consider-merging-classes-inherited

    def _get_parse_message(self, error):
        """The translated sentence of a parse error."""
        if error.code not in PARSE_MESSAGES:
            return str(error)
        params = {
            name: self._tell_param(error, value) for name, value in error.params.items()
        }
        params["place"] = self._tell_phrase(error.place)
        if error.errors:
            params["rows"] = "\n".join(map(self._get_parse_message, error.errors))
        # The placeholders of a sentence may be named as an argument of `_` is.
        sentence = self.env._(PARSE_MESSAGES[error.code])
        text = sentence % params
        if not error.begins_with_name:
            text = text[:1].upper() + text[1:]
        return self._blame_variant(error.variant, text)

    def _blame_variant(self, variant, text):
        """Name the bank's own format by which a file was read: it may be wrong."""
        if not variant:
            return text
        return self.env._(
            "Read by the bank format “%(format)s”: check that first, in Invoicing > "
            "Credit > Configuration > Bank Formats. %(problem)s",
            format=variant,
            problem=text,
        )

    def _tell_param(self, error, value):
        """A value of a parse error as people read it; texts are those of the file."""
        if isinstance(value, Decimal) or error.code in CONTROL_SUMS:
            return self._tell_number(value)
        return self._tell_phrase(value) if isinstance(value, Phrase) else value

    def _tell_number(self, value):
        """An amount with the decimals it has, two at least, as people write it."""
        decimals = max(2, -Decimal(value).as_tuple().exponent)
        return formatLang(self.env, float(value), digits=decimals)

    def _tell_phrase(self, phrase):
        """Where something is, or what is wrong there, in the user's language."""
        parts = get_parts(phrase)
        terms = {code: self.env._(PARSE_PHRASES[code]) for code, _value in parts}
        return tell(parts, terms)
