from odoo import models
from odoo.fields import Domain

from .. import said
from . import match_rules


class AccountPaymentReturnLine(models.Model):
    """A debit that names nothing, and a hand that may have put it on a wrong payment.

    Of two equal collections of a customer a person chooses one. When the bank's file
    then names the other one, it may be the same money.
    """

    _inherit = "account.payment.return.line"  # pylint: disable=consider-merging-classes-inherited

    def _find_by_hand(self):
        """Find what a person put a debit on, where it may be these very returns.

        Of the same customer, amount and days, but of another payment; not what a
        message of the bank has told of since, as its own return.

        :return: dict from line to lines, in sudo, where there are any; two queries
        """
        lines = self.filtered(lambda ln: not (ln.is_chosen or ln._get_transaction()))
        if not lines:
            return {}
        known = lines._search_by_hand()
        if not known:
            return {}
        told = known.search(
            Domain("duplicate_line_id", "in", known.ids)
            & Domain("match_state", "=", "duplicate")
            & Domain("state", "!=", "cancelled")
        ).duplicate_line_id
        known -= told
        found = {line: known.filtered(line._may_be) for line in lines}
        return {line: others for line, others in found.items() if others}

    def _search_by_hand(self):
        customers = self.partner_id.commercial_partner_id
        return self.sudo().search(
            self._get_came_back_domain(("draft", "confirmed"))
            & Domain("is_chosen", "=", True)
            & Domain("id", "not in", self.ids)
            & Domain("partner_id.commercial_partner_id", "in", customers.ids)
            & Domain("amount", "in", self.mapped("amount"))
            & (
                Domain("statement_line_id", "!=", False)
                | Domain("return_id.statement_line_id", "!=", False)
            ),
            order="id",
        )

    def _may_be(self, other):
        """Whether a line of another payment may be about the same money."""
        self.ensure_one()
        customers = [each.partner_id.commercial_partner_id for each in (self, other)]
        return (
            customers[0] == customers[1]
            and self.currency_id == other.currency_id
            and not self.currency_id.compare_amounts(self.amount, other.amount)
            and abs(self.return_date - other.return_date) <= match_rules.SAME_DAYS
            and self._get_target() != other._get_target()
        )

    def _leave_by_hand(self, others):
        """Ask whether a return is what a person put on another payment.

        :param others: as `_find_by_hand` found them
        """
        self._leave_open(
            said.say(
                "match.by_hand",
                payment=self.payment_id.name or self.move_line_id.move_name or "",
                returns=list(dict.fromkeys(others.return_id.mapped("name"))),
            )
        )
