from odoo import api, fields, models
from odoo.fields import Domain

from odoo.addons.base.models.res_bank import sanitize_account_number


class CreditUnfitNumber(models.Model):
    """A number of a customer from which a bank has said that nothing can be collected.

    It is said of the number, whichever contact of the customer has an account with it,
    and for every company: an account that is closed is closed for all. It counts as
    long as the return is in the books that said it.
    """

    _name = "credit.unfit.number"
    _description = "Account Number Unfit for Collection"
    _order = "id"

    number = fields.Char(required=True, index=True)
    partner_id = fields.Many2one(
        "res.partner", required=True, ondelete="cascade", index=True
    )
    return_line_id = fields.Many2one(
        "account.payment.return.line", required=True, ondelete="cascade"
    )

    _return_line_uniq = models.UniqueIndex(
        "(return_line_id)", "Of what came back one account is unfit."
    )

    @api.model
    def _note(self, lines):
        """Keep from which numbers these lines could not be collected.

        :param lines: return lines in the books; of which no number is known, or which
            have said it already, are left out
        :return: ``credit.unfit.number``, what is new
        """
        numbers = self.sudo()
        known = numbers.search([("return_line_id", "in", lines.ids)]).return_line_id
        vals_list = map(self._prepare, lines.sudo() - known)
        return numbers.create([vals for vals in vals_list if all(vals.values())])

    def _prepare(self, line):
        """The number that a bank was asked for, or else the one that it tells."""
        asked = line.payment_id._get_asked_account()
        number = asked.sanitized_acc_number or sanitize_account_number(
            line.partner_iban
        )
        return {
            "number": number,
            "partner_id": (asked or line).partner_id.id,
            "return_line_id": line.id,
        }

    @api.model
    def _find(self, accounts):
        """Return what banks have said of accounts, the oldest first.

        :param accounts: ``res.partner.bank``
        :return: dict from account to ``credit.unfit.number``, in sudo, perhaps empty
        """
        owners = accounts.sudo().partner_id.commercial_partner_id
        rows = self.sudo().search(
            self._get_standing_domain()
            & Domain("number", "in", accounts.sudo().mapped("sanitized_acc_number"))
            & Domain("partner_id.commercial_partner_id", "in", owners.ids)
        )
        told = rows.grouped(lambda row: (row._get_owner(), row.number))
        return {
            account: told.get(account._get_unfit_key(), rows.browse())
            for account in accounts
        }

    @api.model
    def _get_standing_domain(self):
        return Domain("return_line_id.state", "!=", "cancelled")

    def _get_owner(self):
        return self.partner_id.commercial_partner_id

    def _get_accounts(self):
        """Return the accounts that these are of, also archived ones; in sudo."""
        accounts = self.env["res.partner.bank"].sudo().with_context(active_test=False)
        keys = {(row._get_owner(), row.number) for row in self}
        return accounts.search(
            Domain("sanitized_acc_number", "in", self.mapped("number"))
            & Domain("partner_id.commercial_partner_id", "in", self._get_owner().ids)
        ).filtered(lambda account: account._get_unfit_key() in keys)
