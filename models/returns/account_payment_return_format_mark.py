from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...parsers import Mark

# So many are looked for in each text, and so long they are.
MOST = 50
LONGEST = 40


class AccountPaymentReturnFormatMark(models.Model):
    """What a bank's text tells after certain words.

    Words and no regular expressions: nobody can enter one that makes an import hang.
    """

    _name = "account.payment.return.format.mark"
    _inherit = ["credit.reach"]
    _description = "Text of a Bank Format"
    _order = "format_id, sequence, id"
    _rec_name = "mark"

    format_id = fields.Many2one(
        "account.payment.return.format", required=True, ondelete="cascade", index=True
    )
    sequence = fields.Integer(default=10)
    mark = fields.Char(
        string="After",
        required=True,
        help="The words, or the tag, before what is looked for. Capitals and repeated "
        "blanks do not matter.",
    )
    until = fields.Char(
        string="Before",
        help="The words after it. Empty: up to the next of these texts, or the end.",
    )
    single = fields.Boolean(string="One Word", help="Only the first word counts.")
    meaning = fields.Selection(
        selection=[
            ("reference", "Receipt number or reference"),
            ("end_to_end_id", "End-to-end ID"),
            ("mandate_reference", "Mandate"),
            ("original_message_id", "File of ours"),
            ("batch_id", "Batch"),
            ("partner_name", "Debtor"),
            ("partner_iban", "Debtor's IBAN"),
            ("partner_vat", "Debtor's tax code"),
            ("reason", "Code of the reason"),
            ("reason_text", "Reason in words"),
            ("remittance", "Text on the invoice"),
        ],
        string="Tells",
        required=True,
        default="reference",
    )

    @api.constrains("mark", "until", "format_id")
    def _check_mark(self):
        """Raise ValidationError for what is no text, or too much of it."""
        for row in self:
            mark = " ".join((row.mark or "").split())
            if not mark or max(len(mark), len(row.until or "")) > LONGEST:
                raise ValidationError(
                    self.env._("Enter a text of at most %s characters.", LONGEST)
                )
            if len(row.format_id.mark_ids) > MOST:
                raise ValidationError(
                    self.env._("A format has at most %s texts.", MOST)
                )

    def _get_marks(self):
        """Return a tuple of ``Mark``, for a ``Variant``."""
        return tuple(
            Mark(
                " ".join(row.mark.split()),
                row.meaning,
                " ".join((row.until or "").split()),
                row.single,
            )
            for row in self
        )
