from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import format_date

from .. import acting


class ResPartnerBank(models.Model):
    """An account of which a bank has said that nothing can be collected from it.

    What was said is of a number, and of a return that is in the books: whoever changes
    the one or cancels the other has an account that is fit again.
    """

    _inherit = "res.partner.bank"

    is_unfit = fields.Boolean(
        string="Unfit for Collection",
        compute="_compute_is_unfit",
        search="_search_is_unfit",
        compute_sudo=True,
        help="A collection from it came back because of the account: no bank is asked"
        " to collect from it until its number is changed, or somebody says that it is"
        " fit.",
    )
    unfit_text = fields.Char(
        string="Why It Is Unfit", compute="_compute_unfit_text", compute_sudo=False
    )

    @api.depends("sanitized_acc_number", "partner_id.commercial_partner_id")
    def _compute_is_unfit(self):
        """Whether a bank has said it of the number, of whichever contact's account."""
        told = self.env["credit.unfit.number"]._find(self)
        for account in self:
            account.is_unfit = bool(told[account])

    def _search_is_unfit(self, operator, value):
        if operator != "in":
            return NotImplemented
        numbers = self.env["credit.unfit.number"].sudo()
        told = numbers.search(numbers._get_standing_domain())
        unfit = Domain("id", "in", told._get_accounts().ids)
        return Domain.OR(unfit if each else ~unfit for each in set(map(bool, value)))

    @api.depends("is_unfit")
    @api.depends_context("lang", "uid", "allowed_company_ids")
    def _compute_unfit_text(self):
        """Say since when and why, to who may see the return: it counts everywhere."""
        told = self.env["credit.unfit.number"]._find(self)
        lines = self.env["account.payment.return.line"].sudo()
        lines = lines.union(*(rows.return_line_id for rows in told.values()))
        seen = lines.filtered(lambda line: line.company_id in self.env.companies)
        seen = seen.sudo(self.env.su)._filtered_access("read").sudo()
        for account in self:
            told_by = told[account].return_line_id
            account.unfit_text = bool(told_by) and self._get_unfit_text(
                (told_by & seen)[:1]
            )

    @api.model
    def _get_unfit_text(self, line):
        """Say that an account is unfit.

        :param line: the return line that says why, in sudo; empty where it is not to
            be told
        """
        if not line:
            return self.env._("Unfit for collection: a bank has said so")
        return self.env._(
            "Unfit for collection since %(date)s: %(reason)s",
            date=format_date(self.env, line.return_date),
            reason=line._get_reason_label(),
        )

    def _get_unfit_key(self):
        """Return whose it is and its number, which tell it from other accounts."""
        account = self.sudo()
        owner = account.partner_id.commercial_partner_id._origin
        return owner, account.sanitized_acc_number

    @api.model
    def _mark_unfit(self, lines):
        """Let no bank be asked to collect from the accounts that these lines were of.

        Each account says so where every company reads it, so not why.

        :param lines: return lines in the books
        """
        accounts = self.env["credit.unfit.number"]._note(lines)._get_accounts()
        accounts._look_again()
        text = self._get_unfit_text(lines.browse())
        accounts._message_log_batch(dict.fromkeys(accounts.ids, text))

    def _look_again(self):
        """Forget whether these were unfit, after something else was said of them."""
        self.invalidate_recordset(["is_unfit"])
        self.modified(["is_unfit"])

    # === ACTIONS === #

    def action_mark_fit(self):
        """Let banks be asked to collect from these accounts again.

        From each account of the customer with the same number, by every company.

        :return: True
        :raises AccessError: to who is no credit user, or may not see the accounts
        """
        self.check_access("read")
        if not acting.is_system(self.env) and not acting.is_credit_user(self.env):
            raise AccessError(
                self.env._("Only a credit user can say that an account is fit.")
            )
        numbers = self.env["credit.unfit.number"].sudo()
        told = numbers.union(*numbers._find(self).values())
        accounts = told._get_accounts()
        told.unlink()
        accounts._look_again()
        text = self.env._("Fit for collection again.")
        accounts._message_log_batch(dict.fromkeys(accounts.ids, text))
        return True
