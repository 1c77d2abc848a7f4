import re

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .account_payment_method import RIBA

_SIA = re.compile("[A-Z0-9]{5}")


class AccountJournal(models.Model):
    _inherit = "account.journal"  # pylint: disable=consider-merging-classes-inherited

    cbi_sia_code = fields.Char(
        string="SIA Code",
        help="The five characters by which the bank knows the company in CBI's files: "
        "it stands in the contract on corporate banking (Codice SIA).",
    )

    @api.constrains("cbi_sia_code")
    def _check_cbi_sia_code(self):
        """Raise ValidationError for a code that is none."""
        for journal in self.filtered("cbi_sia_code"):
            if not _SIA.fullmatch(journal.cbi_sia_code):
                raise ValidationError(
                    self.env._(
                        "“%s” is no SIA code: it has five characters, capital letters"
                        " or digits.",
                        journal.cbi_sia_code,
                    )
                )

    @api.onchange("cbi_sia_code")
    def _onchange_cbi_sia_code(self):
        """A code as banks write it."""
        if self.cbi_sia_code:
            self.cbi_sia_code = self.cbi_sia_code.strip().upper()

    def _default_inbound_payment_methods(self):
        """Override of `account`: a new bank collects Ri.Ba., where banks do."""
        methods = super()._default_inbound_payment_methods()
        if self._is_payment_method_available(RIBA):
            methods |= self.env.ref("account_credit_block.account_payment_method_riba")
        return methods

    def _get_presented_methods(self):
        """Return the methods of these banks by which they are asked to collect."""
        codes = self.env["account.payment.method"]._get_presented_codes()
        return self.inbound_payment_method_line_ids.filtered(
            lambda line: line.code in codes
        )
