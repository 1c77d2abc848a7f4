import re

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ...parsers import Variant
from ...parsers.iban import get_abi
from ...parsers.variant import LIST

_ABI = re.compile(r"[0-9]{5}")
_BETWEEN = re.compile(r"[\s,;]+")


class AccountPaymentReturnFormat(models.Model):
    """How the files of a bank differ from the shipped format.

    What is shipped needs no record. A format says what of it is different: where fields
    stand, what codes tell, by which words texts are read. The parsers know no Odoo and
    get it as a plain `Variant`.
    """

    _name = "account.payment.return.format"
    _inherit = ["credit.setting"]
    _description = "Bank Format"
    _order = "sequence, id"

    name = fields.Char(required=True)
    sequence = fields.Integer(
        default=10, help="Of the formats that fit a file, the first one counts."
    )
    active = fields.Boolean(default=True)
    kind = fields.Selection(
        selection=[
            ("cbi.riba", "Outcomes of Ri.Ba. (CBI, header IB)"),
            ("cbi.mav", "Outcomes of MAV (CBI, header IM)"),
            ("cbi.statement", "Statement (CBI, headers RH, EC, RP, RA)"),
            ("list", "List of a bank's portal (CSV, Excel)"),
        ],
        string="Differs From",
        required=True,
        default="cbi.riba",
        help="The shipped format that goes on where nothing is entered here.",
    )
    journal_ids = fields.Many2many(
        "account.journal",
        "account_payment_return_format_journal_rel",
        "format_id",
        "journal_id",
        string="Banks",
        domain="[('type', '=', 'bank')]",
        help="Whose files are read so; those of every bank where none is named here. "
        "The bank of a list is that of the tile or the dialog.",
    )
    journals_hint = fields.Char(
        compute="_compute_journals_hint", string="Hint of Banks (technical)"
    )
    abi = fields.Char(
        string="ABI Codes",
        help="Of further banks, five digits each, with blanks between them.",
    )
    field_ids = fields.One2many(
        "account.payment.return.format.field", "format_id", string="Fields", copy=True
    )
    code_ids = fields.One2many(
        "account.payment.return.format.code", "format_id", string="Codes", copy=True
    )
    mark_ids = fields.One2many(
        "account.payment.return.format.mark", "format_id", string="Texts", copy=True
    )

    @api.depends("kind")
    def _compute_journals_hint(self):
        """Say whose files are read so where no bank is chosen: a list has no ABI."""
        every = self.env._("Every bank")
        others = self.env._("Every bank, or those of the ABI codes")
        for format_ in self:
            format_.journals_hint = every if format_.kind == LIST else others

    def copy_data(self, default=None):
        """Override of `base` to call a copy one: an import says by which it read."""
        vals_list = super().copy_data(default)
        if "name" in (default or {}):
            return vals_list
        return [
            {**vals, "name": self.env._("%s (copy)", vals["name"])}
            for vals in vals_list
        ]

    # === GUARDS === #

    @api.constrains("kind", "journal_ids", "abi")
    def _check_banks(self):
        """Raise ValidationError where the banks cannot be told from their files."""
        for format_ in self:
            wrong = [code for code in format_._get_typed() if not _ABI.fullmatch(code)]
            if wrong:
                raise ValidationError(
                    self.env._(
                        "“%s” is not an ABI code: that has five digits.", wrong[0]
                    )
                )
            if format_.kind != LIST:
                format_._check_known()

    def _check_known(self):
        unknown = self.journal_ids.filtered(lambda bank: not self._get_abi(bank))
        if unknown and not self.abi:
            raise ValidationError(
                self.env._(
                    "%(bank)s has no Italian account number, so its files are not "
                    "recognised. Enter the bank's ABI code.",
                    bank=unknown[0].display_name,
                )
            )

    @api.constrains("kind")
    def _check_rows(self):
        """Raise ValidationError for fields that another kind of file has, or none."""
        for format_ in self:
            if not format_.kind:
                raise ValidationError(
                    self.env._(
                        "Choose which shipped format “%s” differs from.", format_.name
                    )
                )
        self.field_ids._check_place()

    # === VALUES FOR THE PARSERS === #

    @api.model
    def _get_variants(self, company, journal=None):
        """Return what is known of the formats of banks, the first that counts first.

        :param company: ``res.company`` whose formats count, with its head office's
        :param journal: the bank of a list, which does not name its own
        :return: tuple of ``Variant``
        """
        journals = self.env["account.journal"]
        bank = journal or journals
        formats = self._search_active().filtered_domain(
            Domain("company_id", "in", [False, *company.sudo().parent_ids.ids])
        )
        if not bank and formats.filtered(lambda f: f.kind == LIST and f.journal_ids):
            # The only one there is.
            domain = journals._check_company_domain(company)
            found = journals.search([("type", "=", "bank"), *domain], limit=2)
            bank = found if len(found) == 1 else journals
        return tuple(each._prepare_variant() for each in formats if each._fits(bank))

    def _fits(self, bank):
        """Return whether a list of a bank may be so; other files name their bank."""
        self.ensure_one()
        return self.kind != LIST or not self.journal_ids or bank in self.journal_ids

    def _prepare_variant(self):
        """Return the ``Variant`` of this format, for the parsers."""
        self.ensure_one()
        is_list = self.kind == LIST
        return Variant(
            kind=self.kind,
            name=self.name,
            banks=frozenset(
                {*self._get_typed(), *map(self._get_abi, self.journal_ids)} - {""}
            ),
            fields={} if is_list else self.field_ids._get_positions(),
            headings=self.field_ids._get_headings() if is_list else {},
            codes=self.code_ids._get_codes(),
            marks=self.mark_ids._get_marks(),
        )

    def _get_typed(self):
        """Return the ABI codes that somebody typed, as a list."""
        return [code for code in _BETWEEN.split(self.abi or "") if code]

    @api.model
    def _get_abi(self, journal):
        """Return the ABI code of a bank by its account number, or ""."""
        return get_abi(journal.bank_account_id.sanitized_acc_number or "")

    # === ACTIONS === #

    def action_try(self):
        """Open a dialog that shows what this format makes of a file; nothing changes.

        :return: a window action
        :raises AccessError: for who is no credit manager
        """
        self.ensure_one()
        self.check_access("read")
        return self.env["account.payment.return.format.preview"]._open(self)
