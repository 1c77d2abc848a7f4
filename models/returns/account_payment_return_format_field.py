from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...parsers.cbi_layout import WIDTH
from ...parsers.headings import HEADINGS, normalise
from ...parsers.variant import LIST, SHIPPED
from .. import entered_numbers

# What is made of several places at once is not moved.
FIXED = {"iban"}


class AccountPaymentReturnFormatField(models.Model):
    """Where a bank puts a field: other positions of a record, or another heading."""

    _name = "account.payment.return.format.field"
    _inherit = ["credit.reach"]
    _description = "Field of a Bank Format"
    _order = "format_id, id"
    _rec_name = "field"

    format_id = fields.Many2one(
        "account.payment.return.format", required=True, ondelete="cascade", index=True
    )
    kind = fields.Selection(related="format_id.kind")
    record = fields.Selection(
        selection=[
            ("10", "10 Memo"),
            ("14", "14 Receipt"),
            ("30", "30 Debtor"),
            ("50", "50 Reference"),
            ("51", "51 Receipt number"),
            ("61", "61 Opening balance"),
            ("62", "62 Movement"),
            ("63", "63 Text"),
            ("64", "64 Closing balance"),
            ("RA", "63 Movement of advances (RA)"),
            ("RP", "63 File of ours (RP)"),
        ],
    )
    field = fields.Selection(
        selection=[
            ("abi", "ABI of our bank"),
            ("account", "Account of ours"),
            ("amount", "Amount"),
            ("balance", "Balance"),
            ("bank_reference", "Bank's reference"),
            ("batch_id", "Batch"),
            ("cab", "CAB of our bank"),
            ("causale", "Causale"),
            ("charges", "Charges"),
            ("cheque", "Cheque number"),
            ("count", "Number of receipts"),
            ("created", "Creation date"),
            ("currency", "Currency"),
            ("currency_or_value_date", "Currency or value date"),
            ("customer_code", "Customer code"),
            ("date", "Booking date"),
            ("due_date", "Due date"),
            ("end_to_end_id", "End-to-end ID"),
            ("fee_amount", "Bank fee"),
            ("mandate_reference", "Mandate"),
            ("memo", "Reference of the total"),
            ("name", "Debtor"),
            ("name_more", "Debtor, second half"),
            ("number", "Number"),
            ("own_causale", "Bank's own causale"),
            ("partner_iban", "Debtor's IBAN"),
            ("partner_name", "Debtor"),
            ("partner_vat", "Debtor's tax code"),
            ("reason", "Reason"),
            ("reason_text", "Reason in words"),
            ("receipt", "Receipt number"),
            ("reference", "Reference"),
            ("sign", "Sign"),
            ("status", "Outcome"),
            ("support", "Name of the file"),
            ("tag", "Kind of reference"),
            ("tax_code", "Debtor's tax code"),
            ("text", "Text"),
            ("text_more", "Text, second half"),
            ("total", "Total"),
            ("value_date", "Value date"),
        ],
        required=True,
    )
    first = fields.Integer(string="From", help="Positions count from 1.")
    last = fields.Integer(string="To", help="The last position is part of the field.")
    heading = fields.Char(help="Capitals, accents and punctuation do not matter.")

    _field_uniq = models.UniqueIndex(
        "(format_id, COALESCE(record, ''), field, COALESCE(heading, ''))",
        "A format says once where a field is.",
    )

    @api.onchange("record", "field")
    def _onchange_field(self):
        """Start at the place where the shipped format has the field."""
        layout = SHIPPED.get(self.format_id.kind)
        place = layout and layout.records.get(self.record, {}).get(self.field)
        if place and self.field not in FIXED:
            self.first, self.last = place

    @api.constrains("record", "field", "first", "last", "heading")
    def _check_place(self):
        """Raise ValidationError for a place where nothing can stand."""
        entered_numbers.check(self)
        for row in self:
            if row.format_id.kind == LIST:
                row._check_heading()
            else:
                row._check_position()

    def _check_heading(self):
        if not normalise(self.heading or "") or self.field not in HEADINGS:
            known = self._get_labels(HEADINGS)
            raise ValidationError(
                self.env._(
                    "A list has a heading for each field. These can be read: %s.",
                    ", ".join(known),
                )
            )

    def _check_position(self):
        records = SHIPPED[self.format_id.kind].records
        known = set(records.get(self.record, ())) - FIXED
        if self.field not in known:
            raise ValidationError(
                self.env._(
                    "Record %(record)s has no such field. It has: %(fields)s.",
                    record=self.record or "–",
                    fields=", ".join(self._get_labels(known)) or "–",
                )
            )
        if not 1 <= self.first <= self.last <= WIDTH:
            raise ValidationError(
                self.env._(
                    "A record has %(width)s positions: %(first)s to %(last)s is no "
                    "place in it.",
                    width=WIDTH,
                    first=self.first,
                    last=self.last,
                )
            )

    def _get_labels(self, names):
        """Return the labels of some fields, sorted."""
        labels = dict(self._fields["field"]._description_selection(self.env))
        return sorted({labels[name] for name in names if name in labels})

    def _get_positions(self):
        """Return a dict from (record, field) to position, for a ``Variant``."""
        return {(row.record, row.field): (row.first, row.last) for row in self}

    def _get_headings(self):
        """Return a dict from heading to field, for a ``Variant``."""
        return {row.heading: row.field for row in self}
