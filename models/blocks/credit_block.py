import psycopg2.errors
from markupsafe import Markup, escape

from odoo import api, fields, models
from odoo.exceptions import AccessError, ConcurrencyError, LockError, UserError
from odoo.tools import format_date

from .. import acting, said
from ..const import POLICIES
from .credit_verdict import CreditVerdict


class CreditBlock(models.Model):
    """A restriction in force, or in the past, on one customer of one company.

    The table is its own history: rows are opened and closed by the methods below and
    never edited or deleted, by anybody. Access rights give everyone at most reading.
    """

    _name = "credit.block"
    _inherit = ["credit.empty.list"]
    _check_company_auto = True
    _description = "Credit Block"
    _order = "date_from desc, id desc"

    # What closing a row may write; everything else is settled when it is opened.
    _CLOSING_FIELDS = frozenset(
        {
            "state",
            "lifted_by_id",
            "lifted_on",
            "lift_said",
            "waived",
            "waived_returns",
            "waived_trace",
        }
    )

    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        index=True,
        ondelete="restrict",
        help="Always the commercial entity: its contacts share its blocks.",
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, ondelete="cascade"
    )
    level_id = fields.Many2one(
        "credit.block.level",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    level_color = fields.Integer(related="level_id.color")
    origin = fields.Selection(
        [
            ("return", "Payment Return"),
            ("overdue", "Overdue"),
            ("limit", "Credit Limit"),
            ("manual", "By Hand"),
        ],
        required=True,
        default="manual",
        help="A block set by hand is never lifted by an automatism.",
    )
    rule_id = fields.Many2one(
        "credit.block.rule", index="btree_not_null", ondelete="set null"
    )
    return_line_id = fields.Many2one(
        "account.payment.return.line",
        string="Returned Collection",
        index="btree_not_null",
        ondelete="set null",
        help="The last return of those for which a rule set the block.",
    )
    state = fields.Selection(
        [("in_force", "In Force"), ("lifted", "Lifted"), ("expired", "Expired")],
        required=True,
        default="in_force",
    )
    reason_said = fields.Json(
        string="Reason (technical)",
        required=True,
        help="What a person typed or an automatism says, by a code and its data.",
    )
    reason = fields.Text(compute="_compute_reason", search="_search_reason")
    date_from = fields.Datetime(
        string="Since", required=True, default=fields.Datetime.now
    )
    until = fields.Date(help="Last day in force; empty for no expiry.")
    set_by_id = fields.Many2one(
        "res.users", required=True, default=lambda self: self.env.user
    )
    lifted_by_id = fields.Many2one("res.users")
    lifted_on = fields.Datetime()
    lift_said = fields.Json(string="Why Lifted (technical)")
    lift_reason = fields.Text(
        string="Why Lifted",
        compute="_compute_lift_reason",
        search="_search_lift_reason",
    )
    waived = fields.Boolean(
        help="A person lifted an automatic block: until something new happens, the"
        " rules leave the customer alone."
    )
    waived_returns = fields.Integer(help="How many returns there were until then.")
    waived_trace = fields.Integer(
        help="The last trace of a return until then: what has later ones came later."
    )

    # Also what every question about a customer goes through.
    _in_force_uniq = models.UniqueIndex(
        "(partner_id, company_id, level_id) WHERE state = 'in_force'",
        "This customer already has this credit block.",
    )
    # What a person lifted is asked of everybody whom the rules would block.
    _waived_idx = models.Index("(partner_id, company_id) WHERE waived")

    @api.depends("partner_id", "level_id")
    def _compute_display_name(self):
        for block in self:
            block.display_name = (
                f"{block.partner_id.display_name}: {block.level_id.name}"
            )

    @api.depends("reason_said")
    @api.depends_context("lang")
    def _compute_reason(self):
        """In the language of the reader; what a person typed as he typed it."""
        for block in self:
            block.reason = said.tell(self.env, block.reason_said)

    @api.depends("lift_said")
    @api.depends_context("lang")
    def _compute_lift_reason(self):
        """The same. Apart: who lifts a block need not read why it was set."""
        for block in self:
            block.lift_reason = said.tell(self.env, block.lift_said)

    def _search_reason(self, operator, value):
        return said.search(self, "reason_said", operator, value)

    def _search_lift_reason(self, operator, value):
        return said.search(self, "lift_said", operator, value)

    def write(self, vals):
        """Close rows in force and nothing else.

        :raises UserError: on a change of history
        :raises AccessError: without superuser rights
        """
        self.check_access("write")
        if set(vals) - self._CLOSING_FIELDS or any(
            block.state != "in_force" for block in self
        ):
            raise UserError(
                self.env._("The history of credit blocks cannot be changed.")
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        """Raise UserError: the history stays."""
        raise UserError(self.env._("The history of credit blocks cannot be deleted."))

    def action_open_lift(self):
        """Open the dialog that lifts these blocks.

        :return: a window action
        :raises AccessError: for who may not change them
        :raises UserError: where none is in force
        """
        many = len(self) > 1
        lift = self.env._("Lift Blocks") if many else self.env._("Lift Block")
        return self._open_change("lift", lift)

    def action_open_change_level(self):
        """Open the dialog that puts the customers of these blocks on another level.

        :return: a window action
        :raises AccessError: for who may not change them
        :raises UserError: where none is in force
        """
        return self._open_change("level", self.env._("Change Level"))

    def _open_change(self, change, name):
        self.check_access("read")
        self._check_may_change()
        in_force = self._filter_in_force()
        if not in_force:
            self._raise_not_in_force()
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": "credit.block.change",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_change": change,
                "default_block_ids": in_force.ids,
                "default_partner_ids": in_force.partner_id.ids,
            },
        }

    def _get_empty_list_hint(self):
        """Override to offer the dialog to who may block: nobody enters a block here."""
        if not acting.is_credit_manager(self.env):
            return self.env._("A credit manager blocks customers: ask yours.")
        action = self.env.ref("account_credit_block.credit_block_change_action")
        link = Markup('<a type="action" class="btn btn-primary" name="%s">%s</a>')
        return link % (action.id, self.env._("Block a Customer"))

    # === GUARDS === #

    def _check_may_change(self):
        """Raise AccessError for who may not lift these blocks or change their level."""
        self.env["res.partner"]._check_credit_manager()
        companies = self.sudo().company_id
        if not acting.manages_credit(self.env, companies):
            raise AccessError(
                self.env._(
                    "Only a credit manager of %s can lift these blocks or change their"
                    " level.",
                    ", ".join(companies.mapped("name")),
                )
            )

    def _filter_who_may_change(self, users):
        """Return those of some users who may lift all of these blocks.

        All of them where nobody may, since somebody has to be asked.
        """
        companies = self.sudo().company_id
        return (
            users.filtered(
                lambda user: acting.manages_credit(
                    self.env(user=user.id, su=False), companies
                )
            )
            or users
        )

    def _raise_not_in_force(self):
        """Raise UserError for blocks that were lifted, or have expired."""
        raise UserError(self.env._("This credit block is not in force, or no longer."))

    def _lock_in_force(self):
        """Return those of these that are in force, which nobody else changes now.

        :raises UserError: when somebody does
        """
        try:
            self.sudo().lock_for_update()
        except LockError as error:
            raise UserError(
                self.env._("Somebody is changing these blocks: try again.")
            ) from error
        # The lock is only worth what is read after it.
        self.sudo().invalidate_recordset(["state"])
        return self._filter_in_force()

    # === READING === #

    def _get_hints(self):
        """Return a dict from company of these blocks to the sentence who lifts them.

        A block of the head office holds in its branches, and is lifted there.
        """
        return {c: c._get_credit_manager_hint() for c in self.company_id}

    def _get_verdict(self, operation, hints, partner):
        """Return the `CreditVerdict` of these blocks, all that bear on one contact.

        :param dict hints: sentences about who can help, see `_get_hints`; that of the
            block that imposes the policy is the last of the messages
        """
        policies = {block: block.level_id._get_policy(operation) for block in self}
        policy = max(policies.values(), key=POLICIES.index, default="allow")
        if policy == "allow":
            return CreditVerdict(policy, self.env["credit.block.level"])
        imposing = self.filtered(lambda block: policies[block] == policy)
        imposing = imposing._sort_by_importance()
        return CreditVerdict(
            policy,
            imposing[0].level_id,
            (
                *(block._get_sentence(partner) for block in imposing),
                hints[imposing[0].company_id],
            ),
            tuple(imposing.ids),
            partner._origin.id,
        )

    def _filter_imposing(self, policies, operations):
        """Return those of these blocks that impose a policy on an operation.

        :param policies: some of `POLICIES`, one of which is enough
        :param operations: some of `OPERATIONS`, the same
        """
        return self.filtered(
            lambda block: any(
                block.level_id._get_policy(operation) in policies
                for operation in operations
            )
        )

    def _sort_by_importance(self):
        """Return the blocks with the most important level first."""
        return self.sorted(lambda b: (b.level_id.sequence, b.level_id.id), reverse=True)

    def _get_sentence(self, partner=None):
        """Return who is blocked, how, since when and why, for internal users.

        By name: where a form wants addresses, the display name of a contact has one.

        :param partner: who is asked about, if known: with why the block counts for it
        """
        self.ensure_one()
        since = fields.Datetime.context_timestamp(self, self.date_from).date()
        sentence = self.env._(
            "%(partner)s: credit block “%(level)s” since %(date)s. Reason: %(reason)s",
            partner=self.partner_id.name,
            level=self.level_id.name,
            date=format_date(self.env, since),
            reason=self.reason,
        )
        note = partner and self._get_tie_note(partner.sudo())
        return f"{note} {sentence}" if note else sentence

    def _get_tie_note(self, partner):
        """Return why this block of another customer counts for a contact, if so."""
        owner = self.sudo().partner_id
        if owner in partner._origin | partner.commercial_partner_id._origin:
            return ""
        return partner._get_credit_tie_text(owner, partner._get_credit_tie(owner))

    # === OPENING AND CLOSING === #

    @api.model
    def _open(self, partners, level, reason, company, origin="manual", until=False):
        """Block commercial partners; see `res.partner._set_credit_block`.

        :return: the blocks in force for that level, kept and opened
        """
        self._check_opening(level, reason, company, until)
        if origin != "manual":
            partners -= partners.browse(partners._is_credit_exempt(company))
        reasons = dict.fromkeys(partners.ids, reason)
        return self._open_each(reasons, level, company, origin, until)

    @api.model
    def _open_each(
        self,
        reasons,
        level,
        company,
        origin="manual",
        until=False,
        rule=None,
        returns=None,
    ):
        """Block customers, each for a reason of its own.

        :param dict reasons: reason by id of commercial partner, as a text that a person
            typed or a sentence as in `said`
        :param rule: the `credit.block.rule` that wants the blocks, if one does
        :param dict returns: id of the last return line by id of commercial partner
        :return: the blocks in force for that level, kept and opened
        """
        partners = self.env["res.partner"].browse(reasons)
        kept = self._keep_opened(partners, level, company, origin, until)
        opened = self._create_in_force(
            [
                {
                    "partner_id": partner.id,
                    "company_id": company.id,
                    "level_id": level.id,
                    "origin": origin,
                    "rule_id": rule and rule.id,
                    "return_line_id": (returns or {}).get(partner.id),
                    "reason_said": said.keep(reasons[partner.id]),
                    "until": until,
                }
                for partner in partners - kept.partner_id
            ]
        )
        opened._log_on_partners(
            lambda block: self.env._(
                "Credit block “%(level)s” set. Reason: %(reason)s",
                level=block.level_id.name,
                reason=block.reason,
            )
        )
        return (kept + opened).with_env(self.env)

    def _check_opening(self, level, reason, company, until):
        """Raise UserError when a block cannot be opened with these values."""
        if not level or not company:
            raise UserError(self.env._("Choose the level of the credit block."))
        self._check_reason(reason)
        if until and fields.Date.to_date(until) < company._get_credit_today():
            raise UserError(
                self.env._(
                    "A credit block cannot expire in the past: correct the date."
                )
            )

    def _check_reason(self, reason):
        """Raise UserError without a reason: the history has to explain itself."""
        if not said.keep(reason):
            raise UserError(self.env._("Give the reason of the change."))

    def _keep_opened(self, partners, level, company, origin, until):
        """Return the blocks that stay as they are, after closing those that give way.

        A block set by hand replaces an automatic one, so that no automatism lifts it
        later, and one by hand with another expiry. Nothing automatic replaces anything.
        """
        opened = self.sudo().search(
            [
                ("state", "=", "in_force"),
                ("company_id", "=", company.id),
                ("level_id", "=", level.id),
                ("partner_id", "in", partners.ids),
            ]
        )
        opened -= opened._expire()
        replaced = self.sudo()
        if origin == "manual":
            until = fields.Date.to_date(until) or False
            replaced = opened.filtered(lambda b: (b.origin, b.until) != (origin, until))
            replaced._close(said.say("lift.by_hand"))
        return opened - replaced

    def _create_in_force(self, vals_list):
        """Create rows, letting the caller's transaction retry when another was first.

        :raises ConcurrencyError: which the server and the jobs answer by trying again:
            the second attempt sees the row of the first transaction and keeps it
        """
        try:
            blocks = self.sudo().create(vals_list)
        except psycopg2.errors.UniqueViolation as error:
            raise ConcurrencyError("credit block set twice at once") from error
        self._invalidate_verdicts()
        return blocks

    def _close(self, reason=False, state="lifted"):
        """Take blocks out of force, keeping who did it, when and why.

        :param reason: as in `_open_each`, or False
        """
        if self:
            self.sudo().write(
                {
                    "state": state,
                    "lifted_by_id": self.env.uid if state == "lifted" else False,
                    "lifted_on": fields.Datetime.now(),
                    "lift_said": said.keep(reason),
                }
            )
            # A row that opens next must not meet the closed one in the unique index.
            self.flush_recordset(["state"])
            self._invalidate_verdicts()

    def _lift(self, reason):
        """Lift blocks with a note on their customers.

        :raises UserError: without a reason
        """
        self._check_reason(reason)
        self._close(reason)
        self._log_on_partners(
            lambda block: self.env._(
                "Credit block “%(level)s” lifted. Reason: %(reason)s",
                level=block.level_id.name,
                reason=block.lift_reason,
            )
        )

    def _lift_by_hand(self, reason):
        """Lift blocks for a person: the rules set them again for new causes only.

        Trusted: no access check.

        :raises UserError: without a reason
        """
        blocks = self.sudo()
        blocks._waive_causes()
        blocks._lift(reason)

    def _change_level(self, level, reason):
        """Put the customers of these blocks on another level, by hand.

        Each keeps its last day. Trusted: no access check.

        :return: the blocks that were replaced: not those of that level already
        :raises UserError: without a reason
        """
        changed = self.filtered(lambda block: block.level_id != level)
        for (company, until), blocks in changed.grouped(
            lambda block: (block.company_id, block.until)
        ).items():
            blocks.partner_id._set_credit_block(level, reason, company, until=until)
        changed._lift_by_hand(reason)
        return changed

    def _waive_causes(self):
        """Let the rules pass over why they had set these: a person lifts them."""
        automatic = self.filtered(lambda block: block.origin != "manual")
        for company, blocks in automatic.grouped("company_id").items():
            lines = self.env["account.payment.return.line"].sudo()
            booked = lines._count_booked(blocks.partner_id, company)
            for (number, trace), group in blocks.grouped(
                lambda block, booked=booked: booked.get(block.partner_id.id, (0, 0))
            ).items():
                group.write(
                    {"waived": True, "waived_returns": number, "waived_trace": trace}
                )

    def _log_on_partners(self, describe):
        """Write one note per customer, all in one batch."""
        bodies = {}
        for block in self.sudo():
            partner_id = block.partner_id.id
            lines = [bodies[partner_id]] if partner_id in bodies else []
            bodies[partner_id] = escape("<br/>").join([*lines, escape(describe(block))])
        if bodies:
            self.env["res.partner"].sudo().browse(bodies)._message_log_batch(bodies)

    @api.model
    def _invalidate_verdicts(self):
        """Forget what was computed from the blocks before they changed."""
        self.env["res.partner"].invalidate_model(
            [
                "credit_block_in_force_ids",
                "credit_block_level_id",
                "credit_block_message",
            ]
        )
