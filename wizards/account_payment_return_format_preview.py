import base64
from dataclasses import replace

from odoo import api, fields, models
from odoo.exceptions import UserError

from .. import parsers
from ..models import labels, said
from ..parsers.describe import describe
from ..parsers.variant import LIST

# So many lines and records are shown, of however many there are.
MOST_LINES, MOST_RECORDS = 100, 200


class AccountPaymentReturnFormatPreview(models.TransientModel):
    """Dialog that shows what a bank format makes of a file; nothing is imported."""

    _name = "account.payment.return.format.preview"
    _inherit = ["credit.reach"]
    _description = "Preview of a Bank Format"

    format_id = fields.Many2one(
        "account.payment.return.format", required=True, ondelete="cascade"
    )
    text = fields.Text(string="Pasted Text")
    file = fields.Binary(attachment=False)
    file_name = fields.Char()
    outcome = fields.Html(compute="_compute_outcome", sanitize=False)

    @api.model
    def _open(self, format_):
        """Open the dialog of a format.

        :return: a window action
        :raises AccessError: for who is no credit manager
        """
        self.check_access("create")
        preview = self.create({"format_id": format_.id})
        return preview._get_records_action(
            name=format_.name, target="new", context={"dialog_size": "extra-large"}
        )

    @api.depends("format_id", "text", "file")
    def _compute_outcome(self):
        """Read the file as the import would, by this format whatever its bank."""
        for preview in self:
            data = preview._get_data()
            preview.outcome = data and preview._render(data)

    def _get_data(self):
        """The bytes of the file, or else of the pasted text.

        :raises UserError: for what a client sent and is no file
        """
        if self.file:
            return self._decode(self.with_context(bin_size=False).file)
        # Without the line ends that a box of text adds at the end.
        return (self.text or "").rstrip("\r\n").encode()

    def _decode(self, file):
        try:
            return base64.b64decode(file)
        except ValueError as error:
            raise UserError(
                self.env._("The file did not arrive whole: choose it once more.")
            ) from error

    def _get_name(self):
        """The name of the file; what is pasted for a list is one of CSV."""
        is_list = self.format_id.kind == LIST
        return self.file_name or ("text.csv" if is_list else "text")

    def _render(self, data):
        variant = self.format_id._prepare_variant()
        forced = (replace(variant, banks=frozenset()),)
        documents, error = (), False
        try:
            documents = parsers.parse(self._get_name(), data, forced)
        except parsers.ParseError as refusal:
            wizard = self.env["account.payment.return.import"]
            error = wizard._get_parse_message(refusal)
        payments = [each for document in documents for each in document.payments]
        ignored = [each for document in documents for each in document.ignored]
        return self.env["ir.qweb"]._render(
            "account_credit_block.account_payment_return_format_preview_outcome",
            {
                "error": error,
                "notes": [] if error else self._get_notes(documents, variant),
                "payments": list(map(self._tell_payment, payments[:MOST_LINES])),
                "ignored": list(map(self._tell_ignored, ignored[:MOST_LINES])),
                "pieces": self._tell_pieces(describe(data, forced, MOST_RECORDS)),
            },
        )

    # === WORDS === #

    def _get_notes(self, documents, variant):
        """Say what was read, and where this format would not be used at all."""
        payments = sum(len(document.payments) for document in documents)
        ignored = sum(len(document.ignored) for document in documents)
        notes = [
            self.env._(
                "Lines of returns: %(payments)s. Not imported: %(ignored)s.",
                payments=payments,
                ignored=ignored,
            )
        ]
        if not any(document.variant == variant.name for document in documents):
            notes.append(self.env._("The file is of another kind than this format."))
        banks = {document.agent_abi for document in documents} - {""}
        if variant.banks and banks - variant.banks:
            notes.append(
                self.env._(
                    "The file is of the bank with ABI %(found)s. This format is used "
                    "for files of %(banks)s only.",
                    found=", ".join(sorted(banks)),
                    banks=", ".join(sorted(variant.banks)),
                )
            )
        return notes

    def _tell_payment(self, payment):
        kinds = labels.get_labels(self.env["account.payment.return.line"], "kind")
        return {
            "place": self._tell_place(payment.place),
            "reference": payment.end_to_end_id or payment.reference,
            "debtor": payment.partner_name,
            "amount": self._tell_amount(payment.amount, payment.currency),
            "fee": self._tell_amount(payment.fee_amount, payment.fee_currency),
            "reason": " ".join([*payment.reason_codes, payment.reason_text]).strip(),
            "kind": kinds[payment.kind],
            "due": payment.due_date,
            "texts": " · ".join([payment.mandate_reference, *payment.texts]).strip(
                " ·"
            ),
            "doubt": bool(payment.doubt),
        }

    def _tell_ignored(self, entry):
        wizard = self.env["account.payment.return.import"]
        sentence = wizard._get_row_sentence(entry.why, [entry])
        return {
            "place": self._tell_place(entry.place),
            "why": said.tell(self.env, sentence),
        }

    def _tell_place(self, place):
        return self.env["account.payment.return.import"]._tell_phrase(place)

    def _tell_amount(self, amount, currency):
        if not amount:
            return ""
        return said.tell_value(self.env, said.told_amount(currency, amount))

    def _tell_pieces(self, pieces):
        """Dicts of what each field gives, with the field's name as people read it."""
        rows = self.env["account.payment.return.format.field"]
        names = labels.get_labels(rows, "field")
        names |= {
            "sender": self.env._("Sender"),
            "recipient": self.env._("Recipient"),
            "negative": self.env._("Total below zero"),
            "positive": self.env._("Total above zero"),
            "records": self.env._("Number of records"),
            "iban": self.env._("IBAN"),
            "": "–",
        }
        return [
            {
                **piece._asdict(),
                "name": names.get(piece.name, piece.name),
                "place": self._tell_place(piece.place),
            }
            for piece in pieces
        ]
