from odoo import api, fields, models

from .return_states import WAITING


class AccountPaymentReturn(models.Model):
    """What is counted of returns, and the buttons that open it."""

    _inherit = "account.payment.return"  # pylint: disable=consider-merging-classes-inherited

    amount_total = fields.Monetary(
        compute="_compute_totals",
        store=True,
        currency_field="company_currency_id",
        string="Total",
        help="What came back, in the company's currency.",
    )
    fee_total = fields.Monetary(
        compute="_compute_totals",
        store=True,
        currency_field="company_currency_id",
        string="Bank Fees",
    )
    line_count = fields.Integer(compute="_compute_figures", string="Returns")
    matched_count = fields.Integer(compute="_compute_figures", string="Matched")
    pending_count = fields.Integer(compute="_compute_figures", string="To Match")
    line_filters = fields.Json(compute="_compute_line_filters", string="Filters")
    has_own_debits = fields.Boolean(
        compute="_compute_has_own_debits",
        help="Lines name a bank transaction each.",
    )
    move_count = fields.Integer(compute="_compute_move_count")
    invoice_count = fields.Integer(compute="_compute_invoice_count")
    fee_invoice_count = fields.Integer(compute="_compute_fee_invoice_count")
    rest_count = fields.Integer(compute="_compute_rest_count", string="Still to Book")

    @api.depends(
        "line_ids.return_date",
        "line_ids.amount",
        "line_ids.fee_amount",
        "line_ids.currency_id",
        "line_ids.match_state",
    )
    def _compute_totals(self):
        """Sums of the lines that count; stored, to be summed and grouped by."""
        for payment_return in self:
            lines = payment_return._get_counting_lines()
            total = payment_return._sum(lines, "amount")
            payment_return.amount_total = total + payment_return._sum_omitted(lines)
            payment_return.fee_total = payment_return._sum(lines, "fee_amount")

    @api.depends("line_ids.match_state")
    def _compute_figures(self):
        """Counts of the lines that count (not duplicates or set aside)."""
        for payment_return in self:
            lines = payment_return._get_counting_lines()
            matched = lines.filtered(lambda line: line.match_state == "matched")
            payment_return.line_count = len(lines)
            payment_return.matched_count = len(matched)
            payment_return.pending_count = len(lines) - len(matched)

    @api.depends("line_ids.status")
    def _compute_line_filters(self):
        """The lines by what is to be done with them, for the buttons that filter."""
        for payment_return in self:
            lines = payment_return.line_ids
            payment_return.line_filters = [
                {
                    "name": name,
                    "label": label,
                    "ids": lines.filtered(
                        lambda line, states=states: line.status in states
                    )._origin.ids,
                }
                for name, label, states in payment_return._get_line_filters()
            ]

    def _get_line_filters(self):
        """What the lines are filtered by: (name, label, values of `status`)."""
        return (
            ("pending", self.env._("To decide"), WAITING),
            ("matched", self.env._("Matched"), ("matched",)),
            ("booked", self.env._("Booked"), ("booked",)),
            ("reversed", self.env._("Reversed"), ("reversed",)),
            ("duplicate", self.env._("Duplicates"), ("duplicate",)),
            ("skipped", self.env._("Set aside"), ("skipped",)),
        )

    def _get_counting_lines(self):
        return self.line_ids.filtered(
            lambda line: line.match_state not in ("duplicate", "skipped")
        )

    def _sum(self, lines, field_name):
        currency = self.company_currency_id
        own = lines.filtered(lambda ln: ln.currency_id == currency)
        return sum(own.mapped(field_name)) + sum(
            self._convert(line, line[field_name])
            for line in lines - own
            if line.currency_id
        )

    def _sum_omitted(self, lines):
        """What the lines of a draft that name no amount are going to give."""
        if self.state != "draft":
            return 0.0
        matched = lines.filtered(lambda line: line.match_state == "matched")
        omitted = matched._find_omitted_amounts()
        return sum(self._convert(line, amount) for line, amount in omitted.items())

    def _convert(self, line, amount):
        """An amount of a line in the company's currency, by the day of its return."""
        return line.currency_id._convert(
            amount,
            self.company_currency_id,
            self.company_id,
            line.return_date or self.company_id._get_credit_today(),
        )

    @api.depends("line_ids.statement_line_id")
    def _compute_has_own_debits(self):
        """Whether lines are bank transactions of their own."""
        for payment_return in self:
            payment_return.has_own_debits = bool(
                payment_return.line_ids.statement_line_id
            )

    @api.depends("move_ids")
    def _compute_move_count(self):
        """Number of journal entries, for the smart button."""
        for payment_return in self:
            payment_return.move_count = len(payment_return.move_ids)

    @api.depends("line_ids.invoice_ids")
    def _compute_invoice_count(self):
        """Number of invoices concerned, for the smart button."""
        for payment_return in self:
            lines = payment_return._get_counting_lines()
            payment_return.invoice_count = len(lines.invoice_ids)

    @api.depends("fee_invoice_ids")
    def _compute_fee_invoice_count(self):
        """Number of invoices that charge the fees again, for the smart button."""
        for payment_return in self:
            payment_return.fee_invoice_count = len(payment_return.fee_invoice_ids)

    @api.depends("rest_ids.line_count")
    def _compute_rest_count(self):
        """Number of lines that were not booked with this return, and that still wait.

        Matched ones among them, where somebody has stopped the work on it.
        """
        for payment_return in self:
            drafts = payment_return.rest_ids.filtered(lambda r: r.state == "draft")
            payment_return.rest_count = sum(drafts.mapped("line_count"))

    def action_open_moves(self):
        """Open the journal entries of these returns.

        :return: a window action
        :raises AccessError: to who may not see these returns
        """
        self.check_access("read")
        return self.move_ids._get_records_action(name=self.env._("Journal Entries"))

    def action_open_invoices(self):
        """Open the invoices that these returns opened again.

        :return: a window action
        :raises AccessError: to who may not see these returns
        """
        self.check_access("read")
        invoices = self._get_counting_lines().invoice_ids
        return self._open_invoices(invoices, self.env._("Invoices"))

    def action_open_fee_invoices(self):
        """Open the invoices that charge the fees of these returns again.

        :return: a window action
        :raises AccessError: to who may not see these returns
        """
        self.check_access("read")
        return self._open_invoices(self.fee_invoice_ids, self.env._("Fee Invoices"))

    def _open_invoices(self, invoices, name):
        """A window action on invoices, with the columns of customer invoices."""
        return invoices.with_context(
            default_move_type="out_invoice", create=False
        )._get_records_action(name=name)

    def action_open_rest(self):
        """Open the drafts that took the lines not booked with these returns.

        :return: a window action
        :raises AccessError: to who may not see these returns
        """
        self.check_access("read")
        return self.rest_ids._get_records_action(name=self.env._("Still to Book"))

    def action_open_split_from(self):
        """Open the return whose unmatched lines wait here.

        :return: a window action
        """
        return self.split_from_id._get_records_action(
            name=self.env._("Payment Returns")
        )
