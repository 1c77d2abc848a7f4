"""Who may decide on what waits, and whether there is anything to decide."""

from datetime import date

from odoo import models
from odoo.exceptions import AccessError, LockError, UserError

from .. import acting


class SaleOrderHold(models.Model):
    _inherit = "sale.order.hold"  # pylint: disable=consider-merging-classes-inherited

    def _check_decision(self, reason):
        """Raise unless the user may decide on these holds, now and with this reason.

        :raises AccessError: for who may not decide
        :raises UserError: for what cannot be decided
        """
        self._check_decider()
        if not (reason or "").strip():
            raise UserError(self.env._("Give the reason of the decision."))
        self._lock_waiting()

    def _check_selected(self):
        """Raise UserError if there is nothing to decide on."""
        if not self:
            self.env["sale.order"]._check_selected()

    def _check_decider(self):
        """Raise AccessError unless the user decides in the companies of the orders."""
        if acting.is_system(self.env):
            return
        for company in self.sudo().company_id:
            if self.env.user not in company._get_hold_deciders():
                raise AccessError(
                    self.env._(
                        "Only those who decide on held orders of %(company)s can do"
                        " this. %(hint)s",
                        company=company.name,
                        hint=company.with_env(self.env)._get_hold_decider_hint(),
                    )
                )

    def _lock_waiting(self):
        """Raise UserError unless these holds wait, and nobody else is deciding."""
        self._check_selected()
        try:
            self.sudo().lock_for_update()
        except LockError as error:
            raise UserError(
                self.env._("Somebody is deciding on these orders: try again.")
            ) from error
        # The lock is only worth what is read after it.
        self.sudo().invalidate_recordset(["state"])
        decided = self.filtered(lambda hold: hold.sudo().state != "held")
        if decided:
            decided._raise_decided()

    def _raise_decided(self):
        """Raise UserError for orders that a colleague has decided on meanwhile."""
        raise UserError(
            self.env._(
                "Nobody has to decide on these orders any more: %s",
                ", ".join(self.sudo().order_id.mapped("name")),
            )
        )

    def _check_four_eyes(self):
        """Raise UserError for who would release what he handed over himself."""
        own = self.sudo().filtered(
            lambda hold: (
                hold.company_id._get_credit_setting("credit_hold_four_eyes")
                and hold.handed_over_by_id == self.env.user
            )
        )
        if own:
            raise UserError(
                self.env._(
                    "You handed these orders over yourself, a colleague has to release"
                    " them: %s",
                    ", ".join(own.order_id.mapped("name")),
                )
            )

    def _check_may_let_through(self):
        """Raise AccessError for who may not lift the blocks that forbid these orders.

        What is forbidden is no decision of a branch, if its head office forbids it.
        """
        blocks = self.sudo().order_id._get_blocks_in_the_way(forbidding=True)
        if blocks:
            blocks.with_env(self.env)._check_may_change()

    def _check_last_day(self, last_day):
        """Raise UserError for a release that would be worth nothing."""
        companies = self.sudo().company_id
        if last_day and any(last_day < c._get_credit_today() for c in companies):
            raise UserError(
                self.env._(
                    "A release cannot be valid until a day that is over: correct the"
                    " date."
                )
            )
        # The calendar has no moment after it.
        if last_day and last_day.year == date.max.year:
            raise UserError(
                self.env._("Leave the date empty for a release that is valid for ever.")
            )
