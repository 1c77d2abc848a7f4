from odoo import api, fields, models


class SaleOrder(models.Model):
    """What invoices charge of an order, beside what was decided on."""

    _name = "sale.order"
    _inherit = ["credit.entry.guard", "sale.order"]

    # Not monetary: what is left of a price is not rounded before it is compared.
    credit_let_go = fields.Float(
        string="Posted for Less",
        copy=False,
        readonly=True,
        groups="account_credit_block.group_credit_user",
        help="What posted invoices have charged the debtor of the order less than it is"
        " worth, at most. They were set back to draft or credited since: the debtor"
        " needs credit to be invoiced for it again.",
    )

    @api.model
    def _get_closed_names(self):
        """Override: what was posted for less is written by invoices only."""
        return super()._get_closed_names() | {"credit_let_go"}

    def _get_asked_amounts(self):
        """Return a dict from order to what confirming it asks for; for sudo.

        In each order's currency. Less than its total where it was invoiced before, or a
        deposit was; a confirmed order is worth what it is, and what was delivered
        beyond.
        """
        begun = self.filtered(
            lambda order: (
                order.state != "sale"
                and any(line._is_begun() for line in order._origin.order_line)
            )
        )
        asked = self.env["credit.exposure"]._get_asked(begun._origin) if begun else {}
        return {order: order._get_asked_of(asked) for order in self}

    def _get_asked_of(self, asked):
        """Return what this order asks for, which may be open in a form; for sudo.

        :param dict asked: order id to what it asks for, as it is saved
        """
        saved = self._origin
        if saved.id in asked:
            return self.amount_total + asked[saved.id] - saved.amount_total
        return self.amount_total + self._get_worth_beyond()

    def _get_worth_beyond(self):
        """Return the price of what was delivered beyond the order; for sudo."""
        self.ensure_one()
        return sum(line._get_worth_beyond() for line in self.order_line)

    def _read_invoices(self):
        """Read at once what the methods below ask of one order after the other."""
        items = self.order_line.invoice_lines.move_id.invoice_line_ids
        items.mapped("price_total")
        items.sale_line_ids.mapped("order_id.partner_invoice_id.commercial_partner_id")
        items.move_id.mapped("commercial_partner_id")

    def _is_invoiced_beyond(self, let_go=0.0):
        """Say whether its debtor is charged more than was ordered or delivered.

        For sudo. Each line may be rounded by itself.

        :param float let_go: what the order does not cover any more of its worth
        """
        self.ensure_one()
        items = self.order_line.invoice_lines
        worth = sum(
            line._get_worth() for line in self.order_line if not line.display_type
        )
        charged = sum(
            move._get_charged_sign() * move._get_charged_of(self)
            for move in items.move_id
            if move._is_debtor_of(self)
        )
        tolerance = self.currency_id.rounding * 2 * max(len(items), 1)
        covered = worth - let_go + tolerance
        return self.currency_id.compare_amounts(charged, covered) > 0

    def _is_invoiced_again(self):
        """Say whether its debtor is charged what was posted for less, or to another.

        For sudo. It was in no exposure meanwhile, and others may have got the credit.
        """
        return self._is_invoiced_beyond(max(self.credit_let_go, self._get_let_go()))

    def _get_let_go(self):
        """Return what posted invoices charge its debtor less than ordered; for sudo.

        What was credited since, was not let go.
        """
        moves = self.order_line.invoice_lines.move_id
        return sum(
            move._get_charged_sign() * self._get_let_go_on(move)
            for move in moves.filtered(lambda move: move.state == "posted")
        )

    def _get_let_go_on(self, move):
        """Return the same of one invoice, whatever its state."""
        worth = move._get_ordered_worth_of(self)
        charged = move._get_charged_of(self) if move._is_debtor_of(self) else 0.0
        return max(worth - max(charged, 0.0), 0.0)

    def _get_owed_by_others(self):
        """Return a dict from order to what others than its debtor were invoiced of it.

        For sudo, at the price of each order. Drafts of a confirmed order are left out:
        the exposure of its debtor counts them.
        """
        return {order: order._get_owed_by_other() for order in self}

    def _get_owed_by_other(self):
        saved = self._origin
        begun = saved.order_line.filtered(lambda line: line._is_begun())
        states = ("posted",) if saved.state == "sale" else ("posted", "draft")
        others = begun.invoice_lines.move_id._filter_charging(*states).filtered(
            lambda move: not move._is_debtor_of(self)
        )
        return sum(saved._get_let_go_on(move) for move in others)

    def _keep_let_go(self):
        """Remember what was charged for less, before an invoice is posted no more.

        For sudo.
        """
        for order in self:
            let_go = order._get_let_go()
            if order.currency_id.compare_amounts(let_go, order.credit_let_go) > 0:
                order.credit_let_go = let_go
