from odoo import api, fields, models
from odoo.exceptions import AccessError

from .. import acting
from ..const import CARD_GROUP


class ResPartner(models.Model):
    """The card of a customer, for who decides: it tells amounts."""

    _inherit = "res.partner"  # pylint: disable=consider-merging-classes-inherited

    credit_customer_card = fields.Html(
        string="Credit of the Customer",
        compute="_compute_credit_customer_card",
        sanitize=False,
        groups=CARD_GROUP,
    )
    credit_customer_figures = fields.Html(
        string="Credit Figures",
        compute="_compute_credit_customer_figures",
        sanitize=False,
        groups=CARD_GROUP,
    )

    @api.depends("commercial_partner_id")
    @api.depends_context("company", "lang", "tz")
    def _compute_credit_customer_card(self):
        """For one form at a time, never for a list."""
        card = self.env["credit.customer.card"]
        for partner in self:
            known = partner._origin
            partner.credit_customer_card = (
                card._render_full(known, self.env.company) if known else False
            )

    @api.depends("commercial_partner_id")
    @api.depends_context("company", "lang", "tz")
    def _compute_credit_customer_figures(self):
        """For one form at a time, never for a list."""
        card = self.env["credit.customer.card"]
        for partner in self:
            known = partner._origin
            partner.credit_customer_figures = (
                card._render_figures(known, self.env.company) if known else False
            )

    def action_open_credit_customer_card(self):
        """Open the card of the customer on a page of its own (smart button).

        :return: a window action
        :raises AccessError: for who may not see the customer, or no amounts
        """
        self.ensure_one()
        self._check_credit_user()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account_credit_block.res_partner_action_credit_customer_card"
        )
        # The list is for who comes without a customer.
        views = [view for view in action["views"] if view[1] == "form"]
        return {**action, "res_id": self.commercial_partner_id.id, "views": views}

    def action_open_credit_figure(self, figure):
        """Open the invoices, payments or orders behind an amount of the card.

        :param str figure: its name, as in `credit.customer.card._find_behind`
        :return: a window action, with what who asks may see of it
        :raises AccessError: for who may not see the customer, or no amounts
        :raises UserError: for a figure that has nothing behind it
        """
        self.ensure_one()
        self._check_credit_user()
        self.check_access("read")
        customer = self.sudo().commercial_partner_id.sudo(False)
        records, label = self.env["credit.customer.card"]._find_behind(
            customer, self.env.company, figure
        )
        return {
            "type": "ir.actions.act_window",
            "domain": [("id", "in", records.ids)],
            # After the domain: core's extractor of terms takes tuples that follow.
            "name": f"{label}: {customer.sudo().name}",
            "res_model": records._name,
            "context": {"create": False},
            **self._get_figure_views(records),
        }

    def _get_figure_views(self, records):
        """Return the views for what is behind an amount: of items, our own ones."""
        if records._name != "account.move.line":
            return {"views": [(False, "list"), (False, "kanban"), (False, "form")]}
        list_id, kanban_id, search_id = (
            self.env.ref(f"account_credit_block.account_move_line_view_{kind}_card").id
            for kind in ("list", "kanban", "search")
        )
        return {
            "views": [(list_id, "list"), (kanban_id, "kanban")],
            "search_view_id": [search_id],
        }

    def action_open_credit_holds(self):
        """Open the orders of the customer that were held (smart button).

        :return: a window action
        :raises AccessError: for who may not see the customer, or no holds
        """
        self._check_credit_user()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "domain": [("partner_id", "in", self.commercial_partner_id.ids)],
            # After the domain: core's extractor of terms takes tuples that follow.
            "name": self.env._("Held Orders"),
            "res_model": "sale.order.hold",
            "view_mode": "list,kanban,form",
        }

    def _check_credit_user(self):
        """Raise AccessError for who sees no amounts and no holds."""
        if not acting.is_system(self.env) and not acting.is_credit_user(self.env):
            raise AccessError(
                self.env._(
                    "Only credit users see the credit of a customer. Ask an"
                    " administrator for the access right."
                )
            )
