from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..models import named_records


class CreditBlockChange(models.TransientModel):
    """Dialog in which a credit manager blocks or unblocks customers."""

    _name = "credit.block.change"
    _inherit = ["credit.dialog"]
    _description = "Block or Unblock Customers"

    change = fields.Selection(
        [("set", "Block"), ("lift", "Lift Block")], required=True, default="set"
    )
    partner_ids = fields.Many2many(
        "res.partner",
        string="Customers",
        required=True,
        default=lambda self: self._default_partner_ids(),
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    level_id = fields.Many2one(
        "credit.block.level",
        required=True,
        compute="_compute_level_id",
        compute_sudo=False,
        store=True,
        readonly=False,
        domain="[('id', 'in', available_level_ids)]",
    )
    available_level_ids = fields.Many2many(
        "credit.block.level", compute="_compute_available_level_ids"
    )
    until = fields.Date(help="Last day in force; leave empty for no expiry.")
    exempt_until = fields.Date(
        string="No Automatic Block Until",
        help="The rules block the customer again when something new comes back or"
        " becomes overdue. Until this day, included, they do not, and other automatic"
        " blocks go too.",
    )
    reason = fields.Text(required=True)

    def _default_partner_ids(self):
        # Opened from the Actions menu of the list of customers.
        if self.env.context.get("active_model") == "res.partner":
            ids = named_records.read_ids(self.env.context.get("active_ids"))
            return [Command.set(ids)]
        return False

    @api.depends("change", "partner_ids", "company_id")
    def _compute_available_level_ids(self):
        for wizard in self:
            wizard.available_level_ids = wizard._get_available_levels()

    @api.depends("change", "partner_ids", "company_id")
    def _compute_level_id(self):
        for wizard in self:
            levels = wizard._get_available_levels()
            if wizard.level_id not in levels:
                wizard.level_id = levels if len(levels) == 1 else False

    def _get_available_levels(self):
        """Return the levels that can be set, or those in force that can be lifted."""
        levels = self.env["credit.block.level"]
        if self.change == "set":
            return levels.search(levels._check_company_domain(self.company_id))
        return self._get_in_force().level_id

    def _get_in_force(self):
        """Return the blocks of the customers in the company of the dialog."""
        partners = self.partner_ids._origin
        return self.env["credit.block"]._search_in_force(
            [
                ("partner_id", "in", (partners | partners.commercial_partner_id).ids),
                ("company_id", "=", self.company_id.id),
            ]
        )

    def action_apply(self):
        """Block or lift; raise AccessError unless a credit manager does it.

        :raise: UserError without a reason, when there is nothing to lift, or with a
            day without automatic blocks that is over
        """
        self.ensure_one()
        self.check_access("write")
        self.partner_ids._check_credit_manager()
        self.partner_ids.check_access("read")
        if self.company_id not in self.env.user.company_ids:
            raise UserError(self.env._("Choose one of your companies."))
        args = (self.level_id, self.reason, self.company_id)
        if self.change == "set":
            self.partner_ids._set_credit_block(*args, until=self.until)
        elif not self.partner_ids._lift_credit_block(*args):
            raise UserError(
                self.env._("This credit block is not in force, or no longer.")
            )
        elif self.exempt_until:
            self._exempt()
        return {"type": "ir.actions.act_window_close"}

    def _exempt(self):
        """Keep the rules from blocking the customers again; see `exempt_until`."""
        if self.exempt_until < self.company_id._get_credit_today():
            raise UserError(
                self.env._(
                    "A customer cannot be free from automatic blocks until a day that"
                    " is over: correct the date."
                )
            )
        self.partner_ids._set_credit_exemption(
            self.reason, self.company_id, self.exempt_until
        )
