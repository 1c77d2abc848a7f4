from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import NO_ACCESS, Domain
from odoo.tools import format_date

from odoo.addons.base.models.res_bank import sanitize_account_number

from .. import acting


class ResPartnerBank(models.Model):
    """An account of which a bank has said that nothing can be collected from it.

    What was said is of a number, and of a return that is in the books: whoever changes
    the one or cancels the other has an account that is fit again.
    """

    _inherit = "res.partner.bank"

    # Filled in by the system alone.
    unfit_return_line_id = fields.Many2one(
        "account.payment.return.line",
        copy=False,
        index="btree_not_null",
        groups=NO_ACCESS,
    )
    unfit_number = fields.Char(copy=False, groups=NO_ACCESS)
    is_unfit = fields.Boolean(
        string="Unfit for Collection",
        compute="_compute_is_unfit",
        compute_sudo=True,
        help="A collection from it came back because of the account: no bank is asked"
        " to collect from it until its number is changed, or somebody says that it is"
        " fit.",
    )
    unfit_text = fields.Char(
        string="Why It Is Unfit", compute="_compute_unfit_text", compute_sudo=True
    )

    @api.depends("sanitized_acc_number", "unfit_number", "unfit_return_line_id.state")
    def _compute_is_unfit(self):
        """Whether what a bank has said of an account is still of that."""
        for account in self:
            line = account.unfit_return_line_id
            account.is_unfit = (
                bool(line)
                and line.state != "cancelled"
                and account.unfit_number == account.sanitized_acc_number
            )

    @api.depends("is_unfit")
    @api.depends_context("lang")
    def _compute_unfit_text(self):
        """Say since when, and why."""
        for account in self:
            line = account.unfit_return_line_id
            account.unfit_text = account.is_unfit and self.env._(
                "Unfit for collection since %(date)s: %(reason)s",
                date=format_date(self.env, line.return_date),
                reason=line._get_reason_label(),
            )

    @api.model
    def _mark_unfit(self, lines):
        """Let no bank be asked to collect from the accounts that these lines were of.

        :param lines: return lines in the books; who is not a customer's is left out
        """
        asked = {account: line for line, account in self._find_asked(lines).items()}
        for account, line in asked.items():
            account.write(
                {
                    "unfit_return_line_id": line.id,
                    "unfit_number": account.sanitized_acc_number,
                }
            )
        if not asked:
            return
        accounts = self.union(*asked)
        accounts._message_log_batch({each.id: each.unfit_text for each in accounts})

    @api.model
    def _find_asked(self, lines):
        """Return from which account of the customer each line was to be collected.

        :return: dict from line to account, in sudo, of those that are known
        """
        lines = lines.sudo()
        told = self._find_told(lines)
        found = {}
        for line in lines:
            account = line.payment_id._get_asked_account() or told.get(
                self._get_told_key(line)
            )
            if account:
                found[line] = account.sudo()
        return found

    def _find_told(self, lines):
        """Return the accounts of the customers with a number that the bank told."""
        numbers = {number for _owner, number in map(self._get_told_key, lines)} - {""}
        owners = lines.partner_id.commercial_partner_id
        accounts = self.sudo().search(
            Domain("sanitized_acc_number", "in", list(numbers))
            & Domain("partner_id.commercial_partner_id", "in", owners.ids)
        )
        return {
            (each.partner_id.commercial_partner_id, each.sanitized_acc_number): each
            for each in accounts
        }

    @api.model
    def _get_told_key(self, line):
        number = sanitize_account_number(line.partner_iban) or ""
        return line.partner_id.commercial_partner_id, number

    # === ACTIONS === #

    def action_mark_fit(self):
        """Let banks be asked to collect from these accounts again.

        :return: True
        :raises AccessError: to who is no credit user, or may not see the accounts
        """
        self.check_access("read")
        if not acting.is_system(self.env) and not acting.is_credit_user(self.env):
            raise AccessError(
                self.env._("Only a credit user can say that an account is fit.")
            )
        accounts = self.filtered("is_unfit").sudo()
        accounts.write({"unfit_return_line_id": False, "unfit_number": False})
        text = self.env._("Fit for collection again.")
        accounts._message_log_batch(dict.fromkeys(accounts.ids, text))
        return True
