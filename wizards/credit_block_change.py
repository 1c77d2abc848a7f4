from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain

from ..models import named_records, notification


class CreditBlockChange(models.TransientModel):
    """Dialog in which a credit manager blocks or unblocks customers."""

    _name = "credit.block.change"
    _inherit = ["credit.reach"]
    _description = "Block or Unblock Customers"

    change = fields.Selection(
        [("set", "Block"), ("lift", "Lift Block"), ("level", "Change Level")],
        required=True,
        default="set",
    )
    block_ids = fields.Many2many(
        "credit.block",
        string="Blocks",
        readonly=True,
        help="The blocks that are lifted or changed, where the dialog is about these.",
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

    @api.depends("change", "partner_ids", "company_id", "block_ids")
    def _compute_available_level_ids(self):
        for wizard in self:
            wizard.available_level_ids = wizard._get_available_levels()

    @api.depends("change", "partner_ids", "company_id", "block_ids")
    def _compute_level_id(self):
        for wizard in self:
            levels = wizard._get_available_levels()
            if wizard.level_id not in levels:
                wizard.level_id = levels if len(levels) == 1 else False

    def _get_available_levels(self):
        """Return the levels that can be set, or those in force that can be lifted."""
        levels = self.env["credit.block.level"]
        if self.change == "lift":
            return (self.block_ids._origin or self._get_in_force()).level_id
        blocks = self.block_ids._origin
        allowed = levels.search(
            Domain.AND(
                levels._check_company_domain(company)
                for company in blocks.company_id or self.company_id
            )
        )
        return allowed - blocks.level_id if len(blocks.level_id) == 1 else allowed

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
        """Block, lift or change the level; raise AccessError for no credit manager.

        :return: an action that closes the dialog
        :raises UserError: without a reason, when there is nothing to lift, when it
            would set blocks that are there, or with a day without automatic blocks that
            is over
        """
        self.ensure_one()
        self.check_access("write")
        if self.block_ids and self.change == "set":
            raise UserError(
                self.env._(
                    "These customers are blocked already: lift their blocks or change"
                    " the level, or block customers without choosing blocks."
                )
            )
        if self.block_ids or self.change == "level":
            return self._apply_to_blocks()
        self.partner_ids._check_credit_manager()
        self.partner_ids.check_access("read")
        if self.company_id not in self.env.user.company_ids:
            raise UserError(self.env._("Choose one of your companies."))
        if not self.level_id:
            raise UserError(self.env._("Choose the level of the credit block."))
        args = (self.level_id, self.reason, self.company_id)
        if self.change == "set":
            self.partner_ids._set_credit_block(*args, until=self.until)
        elif not self.partner_ids._lift_credit_block(*args):
            raise UserError(
                self.env._("This credit block is not in force, or no longer.")
            )
        elif self.exempt_until:
            self._exempt(self.partner_ids, self.company_id)
        return {"type": "ir.actions.act_window_close"}

    def _apply_to_blocks(self):
        """Lift these blocks or change their level, but for those lifted meanwhile.

        :return: a notification that tells how many
        """
        self.block_ids.check_access("read")
        self.block_ids._check_may_change()
        in_force = self.block_ids._lock_in_force()
        if not in_force:
            self.block_ids._raise_not_in_force()
        if self.change == "level":
            return self._get_done_action(self._change_level(in_force))
        in_force._lift_by_hand(self.reason)
        if self.exempt_until:
            for company, blocks in in_force.grouped("company_id").items():
                self._exempt(blocks.partner_id, company)
        return self._get_done_action(in_force)

    def _change_level(self, blocks):
        """Put the customers on the chosen level; return the blocks that were changed.

        :raises UserError: without a level, or when they all have it already
        """
        if not self.level_id:
            raise UserError(self.env._("Choose the new level of the credit block."))
        changed = blocks._change_level(self.level_id, self.reason)
        if not changed:
            raise UserError(
                self.env._(
                    "These customers have the level “%s” already: choose another one.",
                    self.level_id.name,
                )
            )
        return changed

    def _get_done_action(self, done):
        """Close the dialog and tell how many blocks were changed, of how many."""
        if self.change == "level":
            text = self.env._("Level changed: %s.", len(done))
        else:
            text = self.env._("Blocks lifted: %s.", len(done))
        if left := len(self.block_ids - done):
            text += " " + self.env._("Left as they are: %s.", left)
        return notification.tell(text, "success")

    def _exempt(self, partners, company):
        """Keep the rules from blocking the customers again; see `exempt_until`."""
        if self.exempt_until < company._get_credit_today():
            raise UserError(
                self.env._(
                    "A customer cannot be free from automatic blocks until a day that"
                    " is over: correct the date."
                )
            )
        partners._set_credit_exemption(self.reason, company, self.exempt_until)
