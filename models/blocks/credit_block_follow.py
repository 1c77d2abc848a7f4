"""Blocks that somebody brought to a company go with him when he leaves."""

from odoo import fields, models

from .. import said


class CreditBlock(models.Model):
    _inherit = "credit.block"  # pylint: disable=consider-merging-classes-inherited

    came_with_id = fields.Many2one(
        "res.partner",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="Who brought the block along when he came under this customer; he takes it"
        " with him when he leaves.",
    )

    def _follow_customers(self):
        """Move these blocks, once brought along, to where who brought them is now.

        A contact who leaves a company takes what he brought; what he is blocked for
        himself stays his, wherever he goes. Trusted: no access check.

        :return: the blocks opened elsewhere
        """
        leaving = self.sudo().filtered(
            lambda b: b.state == "in_force" and b._get_new_owner() != b.partner_id
        )
        if not leaving:
            return leaving
        owners = {block: block._get_new_owner() for block in leaving}
        leaving = leaving - leaving._expire()
        vals_list, replaced = leaving._plan_follow(owners)
        for owner in leaving.grouped(owners.get):
            leaving.filtered(lambda b, owner=owner: owners[b] == owner)._close(
                said.say("lift.left", partner=said.name(owner))
            )
        replaced._close(said.say("lift.by_hand"))
        opened = self._create_in_force(vals_list)
        opened._log_on_partners(
            lambda block: self.env._(
                "Credit block “%(level)s” came with %(partner)s. Reason: %(reason)s",
                level=block.level_id.name,
                partner=block.partner_id.name,
                reason=block.reason,
            )
        )
        # What automatisms say of both is another thing now.
        for company, blocks in leaving.grouped("company_id").items():
            partners = (blocks.partner_id | blocks.came_with_id).commercial_partner_id
            self.env["credit.block.evaluation"]._evaluate(
                partners | blocks.partner_id, company
            )
        return opened

    def _get_new_owner(self):
        """Return who this block belongs to now: who brought it, once he has left."""
        self.ensure_one()
        brought_by = self.came_with_id
        if not brought_by or brought_by.commercial_partner_id == self.partner_id:
            return self.partner_id
        return brought_by

    def _plan_follow(self, owners):
        """Return values of the blocks to open at new owners, and blocks that give way.

        As everywhere: one row in force per level, by hand before automatic, and nothing
        automatic for exempt customers.

        :param dict owners: block to new customer
        """
        partners = self.env["res.partner"].sudo().union(*owners.values())
        there = self.sudo().search(
            [("state", "=", "in_force"), ("partner_id", "in", partners.ids)]
        )
        there -= there._expire()
        exempt = {c: partners._is_credit_exempt(c) for c in self.company_id}
        taken = {(b.partner_id, b.company_id, b.level_id): b for b in there}
        vals_list, replaced = [], self.browse()
        for block in self.sorted(lambda b: b.origin != "manual"):
            key = (owners[block], block.company_id, block.level_id)
            other = taken.get(key)
            manual = block.origin == "manual"
            if other and (other.origin == "manual" or not manual):
                continue
            if not manual and owners[block].id in exempt[block.company_id]:
                continue
            replaced |= other or replaced
            taken[key] = block
            vals_list.append(block._prepare_follow(owners[block]))
        return vals_list, replaced

    def _prepare_follow(self, owner):
        """Return the values of this block at its new owner."""
        return {
            "partner_id": owner.id,
            "company_id": self.company_id.id,
            "level_id": self.level_id.id,
            "origin": self.origin,
            "rule_id": self.rule_id.id,
            "reason_said": self.reason_said,
            "date_from": self.date_from,
            "until": self.until,
            "set_by_id": self.set_by_id.id,
        }
