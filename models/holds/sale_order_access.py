"""Who may act on orders, and what the others read: nothing of the orders."""

from odoo import models
from odoo.exceptions import AccessError, MissingError, UserError

from .. import acting


class SaleOrder(models.Model):
    _inherit = "sale.order"  # pylint: disable=consider-merging-classes-inherited

    def _check_selected(self):
        """Raise UserError if there is no order to act on."""
        if not self:
            raise UserError(
                self.env._("No order is selected: choose the orders first.")
            )

    def _check_writer(self):
        """Raise AccessError for who may not write these orders.

        The refusal is always the same: it does not tell whether an order exists, or is
        held.
        """
        if not self._may("write"):
            raise AccessError(self._get_no_seller_text())

    def _check_seller(self):
        """Raise the same for who writes these orders, but does not sell.

        Who decides on orders sells too.
        """
        self._check_writer()
        if not self._is_seller():
            raise AccessError(self._get_no_seller_text())

    def _is_seller(self):
        """Say whether who acts may hand orders over and have them checked again."""
        return acting.is_system(self.env) or acting.is_seller(self.env)

    def _check_decider(self):
        """Raise AccessError to who decides on no order; the holds say who on which."""
        if not acting.is_system(self.env) and not acting.is_credit_manager(self.env):
            raise AccessError(self._get_no_decider_text())

    def _may(self, operation):
        """Say whether the user has access to all these orders, and they exist."""
        try:
            return self.has_access(operation)
        except MissingError:
            return False

    def _get_no_seller_text(self):
        """Return the refusal to who may not sell an order: it tells nothing of it."""
        return self.env._(
            "Only those who sell an order can do this. Ask its salesperson, or a credit"
            " manager."
        )

    def _get_no_decider_text(self):
        """Return the refusal to who may not decide: it tells nothing of an order."""
        return self.env._(
            "Only those who decide on held orders of its company can decide on an"
            " order. Ask a credit manager."
        )
