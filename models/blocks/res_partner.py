from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL

from .. import acting
from ..const import ACCOUNTING_GROUPS, OPERATIONS
from ..partner_answers import PartnerAnswers


class ResPartner(models.Model):
    _name = "res.partner"
    _inherit = ["credit.entry.guard", "res.partner"]

    credit_block_ids = fields.One2many(
        "credit.block",
        "partner_id",
        string="Credit Blocks",
        readonly=True,
        groups=ACCOUNTING_GROUPS,
    )
    credit_block_in_force_ids = fields.Many2many(
        "credit.block",
        string="Credit Blocks in Force",
        compute="_compute_credit_block_in_force_ids",
        compute_sudo=True,
        groups=ACCOUNTING_GROUPS,
        help="Also those of the customer to which a contact belongs.",
    )
    credit_block_level_id = fields.Many2one(
        "credit.block.level",
        string="Credit Block",
        compute="_compute_credit_block_level_id",
        search="_search_credit_block_level_id",
        groups="base.group_user",
        help="The most important level in force for the customer in this company.",
    )
    credit_block_color = fields.Integer(
        related="credit_block_level_id.color",
        # As the reader: a search in the name of the system asks nobody's groups.
        related_sudo=False,
        groups="base.group_user",
    )
    credit_block_message = fields.Text(
        compute="_compute_credit_block_message", groups="base.group_user"
    )
    credit_block_exempt = fields.Boolean(
        string="No Automatic Block",
        company_dependent=True,
        tracking=True,
        groups=ACCOUNTING_GROUPS,
        help="Only people block this customer, never a payment return or a rule.",
    )

    # === COMPUTE AND SEARCH === #

    @api.depends("commercial_partner_id")
    @api.depends_context("company")
    def _compute_credit_block_in_force_ids(self):
        """Asked once for all that a view shows of the blocks."""
        blocks = self._get_credit_blocks(self.env.company)
        for partner in self:
            in_force = blocks[partner.id]._sort_by_importance()
            partner.credit_block_in_force_ids = in_force

    @api.depends("credit_block_in_force_ids")
    @api.depends_context("company")
    def _compute_credit_block_level_id(self):
        for partner in self:
            shown = partner.sudo().credit_block_in_force_ids[:1]
            partner.credit_block_level_id = shown.level_id.sudo(False)

    @api.depends("credit_block_in_force_ids")
    @api.depends_context("company", "lang", "tz")
    def _compute_credit_block_message(self):
        for partner in self:
            partner.credit_block_message = "\n".join(
                block._get_sentence(partner)
                for block in partner.sudo().credit_block_in_force_ids
            )

    def _search_credit_block_level_id(self, operator, value):
        """Find contacts by the level that is shown on them, through their blocks."""
        if operator not in ("in", "any", "any!", "like", "ilike", "=like", "=ilike"):
            return NotImplemented
        levels = self.env["credit.block.level"].with_context(active_test=False)
        levels = levels.search([])  # pylint: disable=no-search-all  # a handful
        if operator == "in":
            wanted = levels.browse(id_ for id_ in value if id_)
        elif operator in ("any", "any!"):
            wanted = levels.filtered_domain(value)
        else:
            wanted = levels.filtered_domain([("name", operator, value)])
        found = Domain.OR(
            self._get_credit_block_domain(level)
            & ~self._get_credit_block_domain(levels[levels.ids.index(level.id) + 1 :])
            for level in wanted & levels
        )
        if operator == "in" and False in value:
            found |= ~self._get_credit_block_domain(levels)
        return found

    def _get_credit_block_domain(self, levels):
        """Contacts that have one of these levels in force in the current company."""
        if not levels:
            return Domain.FALSE
        blocks = self.env["credit.block"].sudo()
        domain = blocks._get_in_force_domain(self.env.company)
        query = blocks._search(domain & Domain("level_id", "in", levels.ids))
        owners = query.subselect("partner_id")
        self.flush_model(["commercial_partner_id"])
        # Not two conditions joined by OR, which would read the whole table of contacts.
        members = SQL(
            "(%s UNION SELECT id FROM res_partner WHERE commercial_partner_id IN %s)",
            owners,
            owners,
        )
        return Domain("id", "in", members)

    # === CRUD === #

    @api.ondelete(at_uninstall=False)
    def _unlink_except_credit_block(self):
        """Raise UserError: a customer with blocks, even past ones, is kept."""
        block = self.env["credit.block"].sudo()
        block = block.search([("partner_id", "in", self.ids)], limit=1)
        if block:
            raise UserError(
                self.env._(
                    "%(partner)s has a history of credit blocks and cannot be deleted:"
                    " archive the contact instead.",
                    partner=block.partner_id.display_name,
                )
            )

    # === ACTIONS === #

    def action_open_credit_block(self):
        """Open the dialog that blocks or lifts.

        :raises AccessError: to others
        """
        self._check_credit_manager()
        self.check_access("read")
        is_lifting = self.env.context.get("default_change") == "lift"
        block, lift = self.env._("Block Customer"), self.env._("Lift Block")
        return {
            "type": "ir.actions.act_window",
            "name": lift if is_lifting else block,
            "res_model": "credit.block.change",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_partner_ids": self.commercial_partner_id.ids,
                **self.env.context,
            },
        }

    def _check_credit_manager(self):
        """Raise AccessError for who is not a credit manager."""
        if not acting.is_system(self.env) and not acting.is_credit_manager(self.env):
            raise AccessError(
                self.env._("Only a credit manager can change the blocks of a customer.")
            )

    # === BUSINESS === #

    def _get_credit_verdict(self, operation, company, document=None):
        """Say whether this customer may do an operation in a company.

        The blocks of the commercial partner count, whoever asks. To be asked of one
        partner; see `_get_credit_verdicts` for many.

        :param str operation: one of ``OPERATIONS``
        :param company: the `res.company` of the document, never guessed
        :param document: the record the question is about, for rules that look at it
        :return: a `CreditVerdict`
        :raises ValueError: for an unknown operation
        """
        self.ensure_one()
        return self._get_credit_verdicts(operation, company)[self.id]

    def _get_credit_verdicts(self, operation, company):
        """Return a dict from partner id to `CreditVerdict`, in few constant queries.

        Nobody may do everything, see `PartnerAnswers`.

        :raises ValueError: for an unknown operation
        """
        if operation not in OPERATIONS:
            raise ValueError(f"Unknown credit operation: {operation!r}")
        blocks = self._get_credit_blocks(company)
        everything = self.env["credit.block"].sudo().union(*blocks.values())
        # Nobody needs the names of the managers when nothing is restricted.
        restricting = everything.filtered(
            lambda block: block.level_id._get_policy(operation) != "allow"
        )
        hints = restricting.with_env(self.env).sudo()._get_hints()
        answers = {
            partner.id: blocks[partner.id]._get_verdict(operation, hints, partner)
            for partner in self
        }
        nobody = everything.browse()._get_verdict(operation, hints, self.browse())
        return PartnerAnswers(answers, nobody)

    def _get_credit_blocks(self, company):
        """Return a dict from partner id to its `credit.block` in force, in sudo.

        A contact answers for its commercial partner. Rows of its own count too: it may
        have been a customer by itself before it was put under a company. So do those of
        whom it is tied to; see `credit.tie`.
        """
        owners = {
            p.id: p._origin | p.commercial_partner_id._origin | p.credit_answers_for_ids
            for p in self.sudo().with_company(company)
        }
        blocks = self.env["credit.block"].sudo()
        domain = blocks._get_in_force_domain(company)
        partner_ids = blocks.env["res.partner"].union(*owners.values()).ids
        found = blocks.search(domain & Domain("partner_id", "in", partner_ids))
        by_owner = found.grouped("partner_id")
        answers = {
            partner_id: blocks.union(*(by_owner.get(p, blocks) for p in partners))
            for partner_id, partners in owners.items()
        }
        return PartnerAnswers(answers, blocks)

    def _set_credit_block(self, level, reason, company, origin="manual", until=False):
        """Block the commercial partners of these contacts. Trusted: no access check.

        Blocking twice keeps the first row; a block by hand replaces an automatic one.
        Exempt customers are skipped when the origin is automatic.

        :param level: a `credit.block.level`
        :param str reason: told to whoever is refused
        :param until: last day in force, if any
        :return: the `credit.block` rows in force for that level
        :raises UserError: without a reason or with an expiry in the past
        """
        return self.env["credit.block"]._open(
            self.commercial_partner_id, level, reason, company, origin, until
        )

    def _lift_credit_block(self, level, reason, company):
        """Lift a level from these customers, whoever set it. Trusted, like the above.

        The rules set it again for new causes only.

        :return: the lifted `credit.block` rows
        :raises UserError: without a reason
        """
        blocks = self._search_credit_blocks(company, Domain("level_id", "=", level.id))
        blocks._lift_by_hand(reason)
        return blocks.with_env(self.env)

    def _lift_automatic_credit_blocks(
        self, level, reason, company, origins=("return",)
    ):
        """Lift what automatisms set, never what people set.

        :param level: a `credit.block.level`, or empty for all of them
        :return: the lifted `credit.block` rows
        :raises UserError: without a reason
        """
        domain = Domain("origin", "in", [o for o in origins if o != "manual"])
        if level:
            domain &= Domain("level_id", "=", level.id)
        blocks = self._search_credit_blocks(company, domain)
        blocks._lift(reason)
        return blocks.with_env(self.env)

    def _search_credit_blocks(self, company, domain):
        """Return the blocks of these customers in one company that match a domain."""
        partners = self | self.commercial_partner_id
        return (
            self.env["credit.block"]
            .sudo()
            .search(
                domain
                & Domain("state", "=", "in_force")
                & Domain("company_id", "=", company.id)
                & Domain("partner_id", "in", partners.ids)
            )
        )
