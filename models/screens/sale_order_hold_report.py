from odoo import api, fields, models
from odoo.tools import SQL

# What a hold tells once, however many its reasons are.
ONCE = {"amount_total:sum": "SUM", "decision_days:avg": "AVG"}


class SaleOrderHoldReport(models.Model):
    """Orders held, and what became of them: one row a hold and reason."""

    _name = "sale.order.hold.report"
    _description = "Held Order Analysis"
    _auto = False
    _rec_name = "order_id"
    _order = "date desc, id desc"

    hold_id = fields.Many2one(
        "sale.order.hold",
        string="Holds",
        aggregator="count_distinct",
        readonly=True,
        help="An order held for two reasons is in the rows of both, and counts once.",
    )
    order_id = fields.Many2one("sale.order", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    company_currency_id = fields.Many2one("res.currency", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    salesperson_id = fields.Many2one("res.users", readonly=True)
    responsible_id = fields.Many2one("res.users", string="Who Decides", readonly=True)
    decided_by_id = fields.Many2one("res.users", readonly=True)
    code = fields.Selection(
        selection=lambda self: self._get_selection("sale.order.hold.reason", "code"),
        string="Reason",
        readonly=True,
    )
    state = fields.Selection(
        selection=lambda self: self._get_selection("sale.order.hold", "state"),
        string="Outcome",
        readonly=True,
    )
    handover = fields.Selection(
        selection=lambda self: self._get_selection("sale.order.hold", "handover"),
        string="Hand-over",
        readonly=True,
    )
    is_from_customer = fields.Boolean(string="Confirmed by the Customer", readonly=True)
    date = fields.Datetime(string="Held On", readonly=True)
    decided_on = fields.Datetime(readonly=True)
    amount_total = fields.Monetary(
        string="Order Total", currency_field="company_currency_id", readonly=True
    )
    decision_days = fields.Float(
        string="Days to Decide", aggregator="avg", readonly=True
    )

    _depends = {
        "sale.order": ["amount_total", "currency_rate"],
        "sale.order.hold": [
            "company_id",
            "decided_by_id",
            "decided_on",
            "handover",
            "is_from_customer",
            "order_id",
            "partner_id",
            "responsible_id",
            "salesperson_id",
            "state",
        ],
        "sale.order.hold.reason": ["code", "hold_id", "is_found"],
        "res.company": ["currency_id"],
    }

    @property
    def _table_query(self):
        """Override of `base`: what waits is told under today's reasons.

        Under none, when none is left: it still waits.
        """
        waiting = self.env["sale.order.hold"].sudo().search([("state", "=", "held")])
        today = waiting.reason_ids
        no_more = waiting.filtered(lambda hold: not hold.reason_ids)
        shown = today.union(*(hold.row_ids[:1] for hold in no_more))
        return SQL(
            """
            SELECT reason.id,
                   hold.id AS hold_id,
                   hold.order_id,
                   hold.company_id,
                   company.currency_id AS company_currency_id,
                   hold.partner_id,
                   hold.salesperson_id,
                   hold.responsible_id,
                   hold.decided_by_id,
                   CASE WHEN hold.state != 'held' OR reason.id = ANY(%(today)s)
                        THEN reason.code
                    END AS code,
                   hold.state,
                   hold.handover,
                   hold.is_from_customer,
                   hold.create_date AS date,
                   hold.decided_on,
                   orders.amount_total / COALESCE(NULLIF(orders.currency_rate, 0), 1)
                       AS amount_total,
                   CASE WHEN hold.state IN ('released', 'refused')
                        THEN EXTRACT(EPOCH FROM hold.decided_on - hold.create_date)
                             / 86400
                    END AS decision_days
              FROM sale_order_hold_reason reason
              JOIN sale_order_hold hold ON hold.id = reason.hold_id
              JOIN sale_order orders ON orders.id = hold.order_id
              JOIN res_company company ON company.id = hold.company_id
             WHERE (hold.state != 'held' AND reason.is_found)
                OR reason.id = ANY(%(shown)s)
            """,
            today=today.ids,
            shown=shown.ids,
        )

    def _get_selection(self, model, name):
        return self.env[model]._fields[name]._description_selection(self.env)

    @api.model
    def _read_group_select(self, aggregate_spec, query):
        """Override of `base`: what an order tells counts once in a group.

        Kept by hold before it is summed, lest an order with two reasons count twice.
        """
        if aggregate_spec not in ONCE:
            return super()._read_group_select(aggregate_spec, query)
        return SQL(
            """(
                SELECT %(function)s(once.value::numeric)
                  FROM jsonb_each_text(jsonb_object_agg(%(hold)s, %(value)s)) once)""",
            function=SQL(ONCE[aggregate_spec]),
            hold=self._field_to_sql(self._table, "hold_id", query),
            value=self._field_to_sql(
                self._table, aggregate_spec.partition(":")[0], query
            ),
        )

    def action_open_document(self):
        """Open the hold of a row.

        :return: a window action
        :raises AccessError: for who may not see it
        """
        self.check_access("read")
        return self.hold_id._get_records_action()
