"""What a hold is about: as it is today while it waits, as it was shown once decided."""

import json

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_amount


class SaleOrderHold(models.Model):
    _inherit = "sale.order.hold"  # pylint: disable=consider-merging-classes-inherited

    row_ids = fields.One2many(
        "sale.order.hold.reason",
        "hold_id",
        readonly=True,
        help="One for each reason there is, while the order waits.",
    )
    reasons = fields.Json(
        string="Reasons (technical)",
        compute="_compute_reasons",
        help="What the texts are made of, by reason.",
    )
    reason_ids = fields.Many2many(
        "sale.order.hold.reason",
        string="Reasons",
        compute="_compute_reasons",
        search="_search_reason_ids",
    )
    reason_text = fields.Text(
        string="What the Reasons Say", compute="_compute_reason_text"
    )
    reason_short = fields.Char(string="Why", compute="_compute_reason_short")

    # === COMPUTE AND SEARCH === #

    @api.depends(lambda self: self._get_reason_paths())
    def _compute_reasons(self):
        """Ask anew about what waits; tell of the others what was decided on."""
        waiting = self.filtered(lambda hold: hold.state == "held")
        today = waiting._find_reasons_today()
        for hold in self:
            hold.reasons = today[hold] if hold in today else hold._get_kept_reasons()
            codes = set(hold.reasons or ())
            hold.reason_ids = hold.row_ids.filtered(lambda r, c=codes: r.code in c)

    @api.model
    def _get_reason_paths(self):
        """Return what the reasons of a hold are computed from: each says its own."""
        reasons = self.env["sale.order"]._get_sorted_hold_reasons()
        paths = {f"order_id.{path}" for reason in reasons for path in reason.depends}
        return ("state", "row_ids.is_found", "row_ids.data", *sorted(paths))

    def _search_reason_ids(self, operator, value):
        """Find holds by their reasons, of those that wait by today's."""
        if operator not in ("any", "in"):
            return NotImplemented
        today = self.sudo().search([("state", "=", "held")]).reason_ids
        told = Domain("hold_id.state", "!=", "held") & Domain("is_found", "=", True)
        asked = Domain(value) if operator == "any" else Domain("id", "in", value)
        rows = (told | Domain("id", "in", today.ids)) & asked
        return Domain("row_ids", "any", rows)

    @api.depends("reasons", "request_text")
    @api.depends_context("lang", "tz")
    def _compute_reason_short(self):
        """In a few words, with what is asked."""
        for hold in self:
            words = [row._get_short() for row in hold.reason_ids]
            if not words and hold.state == "held":
                words = [self.env._("No reason is left")]
            words.append(hold.request_text and f"“{hold.request_text}”")
            hold.reason_short = " · ".join(filter(None, words))

    @api.depends("reasons")
    @api.depends_context("lang", "tz")
    def _compute_reason_text(self):
        for hold in self:
            details = hold.reason_ids.mapped("detail")
            if not details and hold.state == "held":
                details = [hold._get_no_reason_text()]
            hold.reason_text = "\n".join(details)

    # === WHAT IS SHOWN === #

    def _find_reasons_today(self):
        """Return a dict from hold to the data of its reasons by code, as of now."""
        found = self.sudo().order_id._find_hold_reasons()
        return {
            hold: {f.code: f.data for f in found.get(hold.order_id, ())}
            for hold in self.sudo()
        }

    def _get_kept_reasons(self):
        """Return the same of one hold, as it was kept."""
        return {row.code: row.data for row in self.row_ids if row.is_found}

    @api.model
    def _add_missing_rows(self):
        """Give what waits a row for each reason there is.

        For an addon that brings one, when it is installed.
        """
        reasons = self.env["sale.order"]._get_sorted_hold_reasons()
        waiting = self.sudo().search([("state", "=", "held")])
        self.env["sale.order.hold.reason"].sudo().create(
            [
                {"hold_id": hold.id, "code": reason.code, "is_found": False}
                for hold in waiting
                for reason in reasons
                if reason.code not in hold.row_ids.mapped("code")
            ]
        )

    def _take_shown(self):
        """Return what a manager decides on: each order as it is, and its reasons.

        Plain values, to be kept as JSON while he looks at it.

        :return: dict of dict from hold id as text
        """
        today = self._find_reasons_today()
        shown = {
            str(hold.id): {
                "order": hold.order_id._take_fingerprint(),
                "reasons": today[hold],
            }
            for hold in self.sudo()
        }
        return json.loads(json.dumps(shown))

    def _check_still_shown(self, shown):
        """Raise UserError, with what it is now, if that is no more what was shown.

        :param dict shown: what `_take_shown` has returned
        """
        now = self._take_shown()
        changed = self.filtered(
            lambda hold: _get_basis(shown.get(str(hold.id))) != now[str(hold.id)]
        )
        if changed:
            changed.invalidate_recordset(["reasons", "reason_ids", "reason_text"])
            raise UserError(
                self.env._(
                    "These orders, or the reasons to hold them, were changed meanwhile."
                    " Nothing is released: close this dialog, look at them again and"
                    " decide on what they are now.\n\n%s",
                    changed._get_shown_text(),
                )
            )

    def _keep_shown(self, shown):
        """Keep the reasons that were shown to who decided; for sudo.

        Where no reason is left, those of the hand-over stay, to tell why it was held.
        """
        for hold in self:
            reasons = shown[str(hold.id)]["reasons"]
            for row in hold.row_ids if reasons else ():
                row.write(
                    {"is_found": row.code in reasons, "data": reasons.get(row.code)}
                )

    def _get_shown_text(self):
        """Return each order with its customer, its total and the reasons, for reading.

        With amounts: for who decides.
        """
        return "\n\n".join(
            f"{hold.order_id.name} · {hold.partner_id.name} ·"
            f" {format_amount(self.env, hold.amount_total, hold.currency_id)}\n"
            f"{hold.with_env(self.env).sudo().reason_text}"
            for hold in self.sudo()
        )


def _get_basis(shown):
    """Return the order as it was, of one that changes while it is confirmed."""
    return (shown or {}).get("before") or shown
