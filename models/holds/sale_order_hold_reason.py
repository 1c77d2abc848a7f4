from odoo import api, fields, models

from .. import labels


def keep_rows(rows):
    """Leave the rows of a code as they are: what to do with them when it goes."""


class SaleOrderHoldReason(models.Model):
    """One of the possible reasons of a hold, told in the language of the reader.

    An addon that brings a reason adds its code. It is kept when the addon goes: see
    `keep_rows`.
    """

    _name = "sale.order.hold.reason"
    _description = "Reason of an Order Hold"
    _order = "id"

    hold_id = fields.Many2one(
        "sale.order.hold", required=True, ondelete="cascade", index=True
    )
    code = fields.Selection(
        [
            ("level", "Credit block"),
            ("limit", "Over the credit limit"),
            ("terms", "Payment terms changed"),
        ],
        string="Reason",
        required=True,
    )
    is_found = fields.Boolean(
        default=True, help="When the order was handed over, or else decided on."
    )
    data = fields.Json(help="What the texts were made of then.")
    color = fields.Integer(compute="_compute_color")
    text = fields.Text(compute="_compute_texts")
    detail = fields.Text(compute="_compute_texts")
    short = fields.Char(compute="_compute_texts")

    @api.depends("code")
    @api.depends_context("lang")
    def _compute_display_name(self):
        names = labels.get_labels(self, "code")
        for row in self:
            row.display_name = names.get(row.code, row.code)

    @api.depends("code")
    def _compute_color(self):
        for row in self:
            row.color = row._get_reason().color

    @api.depends("code", "hold_id.reasons")
    @api.depends_context("lang", "tz")
    def _compute_texts(self):
        """What a reason says now, of a waiting order; nothing where it is none."""
        datas = {row: (row.hold_id.sudo().reasons or {}).get(row.code) for row in self}
        for rows in self.grouped("code").values():
            told = [datas[row] for row in rows if datas[row]]
            rows[:1]._get_reason().read_named(self.env, told)
        for row in self:
            reason, data = row._get_reason(), datas[row]
            row.text = reason.get_text(self.env, data) if data else False
            row.detail = reason.get_detail(self.env, data) if data else False
            row.short = reason.get_short(self.env, data) if data else False

    def _get_reason(self):
        """Return the `HoldReason` of this row."""
        return self.env["sale.order"]._get_hold_reason(self.code)

    def _get_short(self):
        """Return the same in a few words, for the list of what waits."""
        return self.short
