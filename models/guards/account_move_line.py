"""Items say when an invoice is due: time is not given on them either."""

from odoo import api, models

# What an item weighs in when the invoice is due.
DUE_FIELDS = {"date_maturity", "amount_currency", "balance", "debit", "credit"}


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"  # pylint: disable=consider-merging-classes-inherited

    @api.model_create_multi
    def create(self, vals_list):
        """Override of `account`.

        :raises UserError: for time given after posting
        """
        moves = self.env["account.move"].browse(
            {vals["move_id"] for vals in vals_list if vals.get("move_id")}
        )
        before = moves._take_posted_ranks()
        items = super().create(vals_list)
        moves._check_posted_ranks(before)
        return items

    def write(self, vals):
        """Override of `account`.

        :raises UserError: for time given after posting
        """
        if DUE_FIELDS.isdisjoint(vals):
            return super().write(vals)
        before = self.move_id._take_posted_ranks()
        res = super().write(vals)
        self.env["account.move"]._check_posted_ranks(before)
        return res
