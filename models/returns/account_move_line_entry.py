from odoo import models

from ..call_marks import BOOKING

AMOUNTS = {"amount_currency", "balance", "currency_id"}
# What makes core compute something else of an item than of a plain one.
TAXES = ("product_id", "tax_ids", "tax_repartition_line_id", "tax_tag_ids")


class AccountMoveLine(models.Model):
    """The items of return entries: thousands, of which core computes the same.

    What follows from so little is given with them, as core would compute it: a record
    in memory for each before it is there, and three updates of its row afterwards, cost
    more than the row. A test compares.
    """

    _inherit = "account.move.line"  # pylint: disable=consider-merging-classes-inherited

    def _add_precomputed_values(self, vals_list):
        """Override of `base`: what is computed before an item is there."""
        given = [self._get_precomputed(vals) for vals in vals_list]
        for vals, of_vals in zip(vals_list, given, strict=True):
            vals.update(of_vals)
        result = super()._add_precomputed_values(vals_list)
        for vals, of_vals in zip(vals_list, given, strict=True):
            vals.setdefault("__precomputed__", {self._fields[name] for name in of_vals})
        return result

    def _create(self, data_list):
        """Override of `base`: what is computed of an item once it is there."""
        for data in data_list:
            given = self._get_computed(data["stored"])
            data["stored"].update(given)
            data["protected"].update(self._fields[name] for name in given)
        return super()._create(data_list)

    def _is_of_return(self, vals):
        """Whether values are those of a plain item of a return entry in the making."""
        if not (BOOKING.get(self.env) and vals.keys() >= AMOUNTS):
            return False
        move = self.env["account.move"].browse(vals["move_id"])
        account = self.env["account.account"].browse(vals["account_id"])
        return (
            bool(move.payment_return_id)
            and move.move_type == "entry"
            and not move.statement_line_id
            and not move.company_id.account_storno
            and account.reconcile
            and not any(vals.get(name) for name in TAXES)
        )

    def _get_precomputed(self, vals):
        """What core computes of an item before it is there, as values."""
        if not self._is_of_return(vals):
            return {}
        move = self.env["account.move"].browse(vals["move_id"])
        return {
            "company_id": move.company_id.id,
            "company_currency_id": move.company_currency_id.id,
            "journal_id": move.journal_id.id,
            "display_type": "product",
            "sequence": 100,
            "quantity": 1.0,
            "price_unit": 0.0,
            "product_uom_id": False,
            "tax_ids": [],
            "tax_line_id": False,
            "tax_group_id": False,
            "is_storno": False,
            "debit": max(vals["balance"], 0.0),
            "credit": max(-vals["balance"], 0.0),
        }

    def _get_computed(self, vals):
        """What core computes of an item once it is there, as values."""
        if not self._is_of_return(vals):
            return {}
        move = self.env["account.move"].browse(vals["move_id"])
        return {
            "move_name": False,
            "parent_state": move.state,
            "date": move.date,
            "invoice_date": move.invoice_date,
            "ref": move.ref,
            "payment_id": False,
            "statement_line_id": False,
            "statement_id": False,
            "amount_residual": vals["balance"],
            "amount_residual_currency": vals["amount_currency"],
            "reconciled": False,
            "price_subtotal": vals["amount_currency"],
            "price_total": vals["amount_currency"],
        }
