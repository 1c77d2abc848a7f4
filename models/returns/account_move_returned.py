import operator as py_operator
from collections import defaultdict

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

# Operators of a search by number of returns, and whether zero fulfils them.
COUNT_OPERATORS = {
    "in": lambda count, values: count in values,
    ">": py_operator.gt,
    ">=": py_operator.ge,
    "<": py_operator.lt,
    "<=": py_operator.le,
}


class AccountMove(models.Model):
    """What an invoice says of the payments that came back."""

    _inherit = "account.move"  # pylint: disable=consider-merging-classes-inherited

    payment_return_line_ids = fields.Many2many(
        "account.payment.return.line",
        string="Returns",
        compute="_compute_payment_return_line_ids",
        search="_search_payment_return_line_ids",
        groups="account.group_account_invoice,account.group_account_readonly",
    )
    payment_return_count = fields.Integer(
        string="Returned Payments",
        compute="_compute_payment_return",
        compute_sudo=True,
        search="_search_payment_return_count",
        groups="base.group_user",
    )
    can_come_back = fields.Boolean(
        compute="_compute_can_come_back",
        groups="account.group_account_invoice",
        help="A payment of the invoice is in no return in whole.",
    )
    payment_return_date = fields.Date(
        string="Last Return",
        compute="_compute_payment_return",
        compute_sudo=True,
        groups="base.group_user",
    )
    payment_return_reason = fields.Char(
        string="Last Return Reason",
        compute="_compute_payment_return",
        compute_sudo=True,
        groups="base.group_user",
    )
    payment_return_badge = fields.Char(
        string="Returned Payment",
        compute="_compute_payment_return_badge",
        groups="base.group_user",
        help="Whether a payment of this invoice came back, and what is open of it.",
    )

    # The only one that the customer reads too: it is what the portal filters by.
    is_payment_returned = fields.Boolean(
        string="Returned",
        compute="_compute_payment_return",
        compute_sudo=True,
        search="_search_is_payment_returned",
        help="A payment of this invoice came back and the invoice is open again.",
    )

    @api.depends(
        "line_ids.reopened_by_line_ids.state",
        "line_ids.reopened_by_line_ids.match_state",
    )
    def _compute_payment_return_line_ids(self):
        """The returns of each invoice, for who may see them; the last first."""
        lines_by_move = self._get_payment_return_lines()
        for move in self:
            move.payment_return_line_ids = lines_by_move.get(move._origin.id)

    @api.depends(
        "line_ids.reopened_by_line_ids.state",
        "line_ids.reopened_by_line_ids.match_state",
        "payment_state",
    )
    def _compute_payment_return(self):
        """What anybody who sees an invoice may know of its returns."""
        lines_by_move = self._get_payment_return_lines()
        empty = self.env["account.payment.return.line"]
        for move in self:
            lines = lines_by_move.get(move._origin.id, empty)
            # A slice would forget the common prefetch and read one by one.
            last = next(iter(lines), empty)
            move.payment_return_count = len(lines)
            move.payment_return_date = last.return_date
            move.payment_return_reason = last._get_reason_label() if last else False
            move.is_payment_returned = bool(lines) and move.payment_state in (
                "not_paid",
                "partial",
            )

    @api.depends("payment_return_count", "is_payment_returned", "payment_state")
    @api.depends_context("lang")
    def _compute_payment_return_badge(self):
        """Two words beside the state of the invoice; none where nothing came back."""
        for move in self:
            count = move.payment_return_count
            if not count:
                move.payment_return_badge = False
            elif move.payment_state in ("paid", "in_payment"):
                move.payment_return_badge = self.env._("Paid again")
            elif not move.is_payment_returned:
                move.payment_return_badge = self.env._("Was returned")
            elif count == 1:
                move.payment_return_badge = self.env._("Returned")
            else:
                move.payment_return_badge = self.env._("Returned %s times", count)

    @api.depends("payment_state")
    def _compute_can_come_back(self):
        """Whether a return of a payment of each invoice can be registered."""
        paid = self._origin.filtered(
            lambda move: (
                move.is_sale_document(include_receipts=True)
                and move.payment_state in ("paid", "in_payment", "partial")
            )
        )
        left = self.env["account.payment.return.left"]
        payable = self.browse()
        for (item, payment), amount in left._find_free(
            paid._find_collections()
        ).items():
            if amount > 0:
                payable |= item.matched_debit_ids.debit_move_id.move_id
                payable |= payment.invoice_ids
        for move in self:
            move.can_come_back = move._origin in paid & payable

    def _find_collections(self):
        """What paid these invoices, as list of (receivable item, payment)."""
        debts = self.line_ids.filtered(
            lambda item: item.account_type == "asset_receivable"
        )
        items = debts.matched_credit_ids.credit_move_id
        payments = items.move_id.origin_payment_id | self.matched_payment_ids
        return self.env["account.payment.return.left"]._find_targets(
            payments.filtered(lambda payment: payment.payment_type == "inbound"),
            items.filtered("statement_line_id") | self._find_bills(items),
        )

    def _find_bills(self, items):
        """Those of some items that are bills, of a cumulated one the first."""
        bills = self.env["account.payment.return.bill"]
        presented = bills._filter_presented(items)
        return presented.browse().union(
            *(bills._get_group(item)[:1] for item in presented)
        )

    def _get_payment_return_lines(self):
        """The returns of each invoice that really came back.

        People who see invoices may not see returns (salespeople): the count, the
        date and the reason are read for them.

        :return: dict from invoice id to return lines, the last one first
        """
        lines = self.env["account.payment.return.line"].sudo()
        lines = lines.search(
            lines._get_came_back_domain()
            & Domain("invoice_line_ids.move_id", "in", self._origin.ids),
            order="return_date desc, id desc",
        )
        by_move = defaultdict(list)
        for line in lines:
            for move in line.invoice_line_ids.move_id:
                by_move[move.id].append(line.id)
        # One prefetch for them all: what is read of one is read of every invoice's.
        return {
            move_id: lines.browse(ids).with_prefetch(lines._prefetch_ids)
            for move_id, ids in by_move.items()
        }

    def _get_unpaid_returns(self):
        """Return the returns, in sudo, after which the customer has not paid again.

        For who sees the invoice on the portal: only what was the own payment.
        """
        self.ensure_one()
        returns = self._get_payment_return_lines().get(self.id)
        return returns and returns.filtered(
            lambda line: any(
                item.move_id == self and not item.reconciled
                for item in line.invoice_line_ids
            )
        )

    def _search_payment_return_line_ids(self, operator, value):
        """Find invoices by the returns that really came back."""
        if operator not in ("any", "in"):
            return NotImplemented
        came_back = self.env["account.payment.return.line"]._get_came_back_domain()
        if operator == "any":
            return Domain("line_ids.reopened_by_line_ids", "any", came_back & value)
        wanted = came_back & Domain("id", "in", [id_ for id_ in value if id_])
        found = Domain("line_ids.reopened_by_line_ids", "any", wanted)
        if not all(value):
            found |= ~Domain("line_ids.reopened_by_line_ids", "any", came_back)
        return found

    def _search_is_payment_returned(self, operator, value):
        """Find the invoices that a return opened and nobody has paid since."""
        if operator != "in":
            return NotImplemented
        return Domain("payment_state", "in", ("not_paid", "partial")) & Domain(
            "id", "in", self._get_returned_move_query(SQL("> 0"))
        )

    def _search_payment_return_count(self, operator, value):
        """Find invoices by how many times their payments came back."""
        # The ORM asks who may read a field only where it is a column.
        self._check_field_access(self._fields["payment_return_count"], "read")
        compare = COUNT_OPERATORS.get(operator)
        if not compare:
            return NotImplemented
        wanted = list(value) if operator == "in" else value
        condition = (
            SQL("= ANY(%s)", wanted)
            if operator == "in"
            else SQL("%s %s", SQL(operator), wanted)
        )
        found = Domain("id", "in", self._get_returned_move_query(condition))
        if compare(0, value):
            found |= Domain("id", "not in", self._get_returned_move_query(SQL("> 0")))
        return found

    def _get_returned_move_query(self, count_condition):
        """Ids of the invoices whose number of returns fulfils a condition.

        In SQL, as people who see invoices may not see returns (salespeople).
        """
        lines = self.env["account.payment.return.line"]
        lines.flush_model(["state", "match_state", "invoice_line_ids"])
        self.env["account.move.line"].flush_model(["move_id"])
        return SQL(
            """(
                SELECT item.move_id
                  FROM account_payment_return_line_invoice_rel rel
                  JOIN account_payment_return_line line ON line.id = rel.return_line_id
                  JOIN account_move_line item ON item.id = rel.move_line_id
                 WHERE %(came_back)s
              GROUP BY item.move_id
                HAVING COUNT(DISTINCT line.id) %(count)s
            )""",
            came_back=lines._get_came_back_sql(),
            count=count_condition,
        )

    def action_open_payment_returned(self):
        """Open the dialog in which a return of a payment of the invoice is registered.

        :return: a window action
        :raises AccessError: to who does not keep the books
        :raises UserError: when none can come back
        """
        self.ensure_one()
        self.check_access("read")
        dialog = self.env["account.payment.return.register"]
        return dialog._open(self._find_collections())

    def action_open_payment_returns(self):
        """Open the returns of these invoices (smart button).

        :return: a window action
        :raises AccessError: to who may not see the invoices, or no returns
        """
        self.check_access("read")
        self.env["account.payment.return"].check_access("read")
        return self.payment_return_line_ids.return_id._get_records_action(
            name=self.env._("Payment Returns")
        )
