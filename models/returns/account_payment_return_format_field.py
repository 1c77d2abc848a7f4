from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...parsers.cbi_layout import WIDTH
from ...parsers.headings import HEADINGS, normalise
from ...parsers.variant import LIST, SHIPPED
from .. import entered_numbers, index_messages, labels

# What is made of several places at once is not moved.
FIXED = {"iban"}
# What is chosen from where there is nothing.
NOTHING = [""]


def say_twice(env, diagnostics):
    """Return the refusal of a second row for one field, which names it."""
    _format, record, field, heading = index_messages.read_values(diagnostics, 4)
    rows = env["account.payment.return.format.field"]
    name = ", ".join(filter(None, (rows._name_row(record, field), heading)))
    return env._(
        "The row “%s” is there twice, and a format says once where a field is: remove "
        "one of the two.",
        name,
    )


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
            ("name", "Debtor, first half"),
            ("name_more", "Debtor, second half"),
            ("number", "Number"),
            ("own_causale", "Bank's own causale"),
            ("partner_iban", "Debtor's IBAN"),
            ("partner_name", "Debtor"),
            ("partner_vat", "Debtor's VAT number or tax code"),
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

    record_choice = fields.Json(
        compute="_compute_choices", string="Records to choose from (technical)"
    )
    field_choice = fields.Json(
        compute="_compute_choices", string="Fields to choose from (technical)"
    )

    _field_uniq = models.UniqueIndex(
        "(format_id, COALESCE(record, ''), field, COALESCE(heading, ''))", say_twice
    )

    @api.depends("kind", "record")
    def _compute_choices(self):
        """Say what can be chosen: not what only other kinds of files have."""
        for row in self:
            # The widget fails without a list, and an empty one is kept as none.
            row.record_choice = sorted(row._get_records()) or NOTHING
            row.field_choice = sorted(row._get_known()) or NOTHING

    def _get_records(self):
        """Return the records in which something can be moved, as a set."""
        layout = SHIPPED.get(self.kind)
        records = layout.records if layout else {}
        return {name for name, fields_ in records.items() if set(fields_) - FIXED}

    def _get_known(self):
        """Return the fields of the record, of all records where none is chosen."""
        if self.kind == LIST:
            return set(HEADINGS)
        names = {self.record} if self.record else self._get_records()
        records = self._get_records() & names
        found = (SHIPPED[self.kind].records[name] for name in records)
        return set().union(*found) - FIXED

    @api.onchange("record", "field")
    def _onchange_field(self):
        """Start at the place where the shipped format has the field."""
        if self.field not in self._get_known():
            # It is one of the record that was chosen before.
            self.field = False
        layout = SHIPPED.get(self.kind)
        place = layout and layout.records.get(self.record, {}).get(self.field)
        if place:
            self.first, self.last = place

    @api.constrains("record", "field", "first", "last", "heading")
    def _check_place(self):
        """Raise ValidationError for a place where nothing can stand."""
        for row in self:
            if row.format_id.kind == LIST:
                row._check_heading()
            else:
                row._check_record()
                row._check_position()
        for format_ in self.format_id.filtered(lambda each: each.kind == LIST):
            format_.field_ids._check_headings()

    def _check_heading(self):
        entered_numbers.check(self)
        if self.field not in HEADINGS:
            raise ValidationError(
                self.env._(
                    "Row “%(row)s”: a list has no such field. Choose one of these: "
                    "%(fields)s.",
                    row=self._get_row_name(),
                    fields=self._get_labels("field", HEADINGS),
                )
            )
        if not normalise(self.heading or ""):
            raise ValidationError(
                self.env._(
                    "Row “%s”: enter its heading as the bank writes it.",
                    self._get_row_name(),
                )
            )

    def _check_headings(self):
        """Refuse one heading for two fields: the bank means one of them."""
        known = {}
        for row in self:
            first = known.setdefault(normalise(row.heading or ""), row)
            if first.field != row.field:
                raise ValidationError(
                    self.env._(
                        "The heading “%(heading)s” is entered for “%(first)s” and for "
                        "“%(second)s”: remove one of the two rows.",
                        heading=row.heading,
                        first=first._get_row_name(),
                        second=row._get_row_name(),
                    )
                )

    def _check_record(self):
        if self.record not in self._get_records():
            raise ValidationError(
                self.env._(
                    "Row “%(row)s”: choose a record that the kind of file “%(kind)s” "
                    "has: %(records)s.",
                    row=self._get_row_name(),
                    kind=self._get_label("kind", self.kind),
                    records=self._get_labels("record", self._get_records()),
                )
            )
        if self.field not in self._get_known():
            raise ValidationError(
                self.env._(
                    "Row “%(row)s”: the record has no such field. Choose one of these: "
                    "%(fields)s.",
                    row=self._get_row_name(),
                    fields=self._get_labels("field", self._get_known()),
                )
            )

    def _check_position(self):
        if not 1 <= self.first <= self.last <= WIDTH:
            raise ValidationError(
                self.env._(
                    "Row “%(row)s”: %(first)s to %(last)s is no place in a record. "
                    "Enter positions from 1 to %(width)s, the first one before the "
                    "last.",
                    row=self._get_row_name(),
                    first=self.first,
                    last=self.last,
                    width=WIDTH,
                )
            )

    # === WORDS === #

    def _get_row_name(self):
        """Return what a person finds the row by: its record and its field."""
        return self._name_row(self.record, self.field)

    @api.model
    def _name_row(self, record, field):
        names = self._get_label("record", record), self._get_label("field", field)
        return ", ".join(filter(None, names))

    @api.model
    def _get_label(self, name, value):
        """Return what people read for a value of a selection, "" for none."""
        return labels.get_labels(self, name).get(value, "")

    @api.model
    def _get_labels(self, name, values):
        """Return the labels of some values of a selection, sorted, as one text."""
        return ", ".join(sorted({self._get_label(name, each) for each in values}))

    def _get_positions(self):
        """Return a dict from (record, field) to position, for a ``Variant``."""
        return {(row.record, row.field): (row.first, row.last) for row in self}

    def _get_headings(self):
        """Return a dict from heading to field, for a ``Variant``."""
        return {row.heading: row.field for row in self}
