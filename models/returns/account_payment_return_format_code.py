from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...parsers import Code
from .. import index_messages

# For a person to say: what the parsers have as a doubt.
ASK = "ask"


def say_twice(env, diagnostics):
    """Return the refusal of a second row for one code, which names it."""
    _format, code = index_messages.read_values(diagnostics, 2)
    return env._(
        "The code “%s” is there twice, and a format says once what a code tells: "
        "remove one of the two rows.",
        code,
    )


class AccountPaymentReturnFormatCode(models.Model):
    """What a code of a bank tells: a return and why, or that it is none."""

    _name = "account.payment.return.format.code"
    _inherit = ["credit.reach"]
    _description = "Code of a Bank Format"
    _order = "format_id, code, id"
    _rec_name = "code"

    format_id = fields.Many2one(
        "account.payment.return.format", required=True, ondelete="cascade", index=True
    )
    code = fields.Char(
        required=True,
        help="A causale; in statements also the ABI causale with the bank's own one "
        "after it, such as 37EI; in lists the word in the column of outcomes.",
    )
    kind = fields.Selection(
        selection=[
            ("return", "Came back unpaid"),
            ("recall", "Recalled by us"),
            ("reversal", "Reversed by the bank"),
            ("paid", "Paid: not imported"),
            ("charges", "Charges of the bank"),
            ("ignored", "Not imported"),
            (ASK, "A person has to say"),
        ],
        string="Tells",
        required=True,
        default="return",
    )
    reason_id = fields.Many2one(
        "account.payment.return.reason",
        string="Return Reason",
        help="What the code stands for. Empty: the reason with the same code.",
    )

    _code_uniq = models.UniqueIndex("(format_id, UPPER(code))", say_twice)

    @api.model_create_multi
    def create(self, vals_list):
        """Override of `base`: codes are kept as they are read, see `_tidy`."""
        return super().create(list(map(self._tidy, vals_list)))

    def write(self, vals):
        """Override of `base`: codes are kept as they are read, see `_tidy`."""
        return super().write(self._tidy(vals))

    @api.model
    def _tidy(self, vals):
        """Return values without blanks around the code: the index would tell them."""
        code = vals.get("code")
        return {**vals, "code": code.strip()} if isinstance(code, str) else vals

    @api.constrains("code")
    def _check_code(self):
        """Raise ValidationError for a code of nothing but blanks."""
        if any(not (row.code or "").strip() for row in self):
            raise ValidationError(self.env._("Enter the code as the bank writes it."))

    def _get_codes(self):
        """Return a dict from code to ``Code``, for a ``Variant``."""
        return {row.code.strip().upper(): row._prepare_code() for row in self}

    def _prepare_code(self):
        reason = self.reason_id.code or ""
        if self.kind == ASK:
            return Code("return", reason, "code")
        return Code(self.kind, reason)
