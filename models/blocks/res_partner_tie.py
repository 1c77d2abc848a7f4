"""Who has the tax number of a customer, or has left it with debts, answers for it."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .. import acting
from ..const import ACCOUNTING_GROUPS
from . import tax_key
from .credit_tie import FORMER, LEFT, TAX_NUMBER

#: Where tax numbers are entered, as far as installed, by the field of what they mean.
TAX_FIELDS = {"credit_tax_key": "vat", "credit_fiscal_key": "l10n_it_codice_fiscale"}


class ResPartner(models.Model):
    _inherit = "res.partner"  # pylint: disable=consider-merging-classes-inherited

    credit_tax_key = fields.Char(
        string="Tax Number (technical)",
        compute="_compute_credit_tax_key",
        store=True,
        index="btree_not_null",
        groups="account_credit_block.group_credit_manager",
        help="The tax number without what is written in one way or another.",
    )
    credit_fiscal_key = fields.Char(
        string="Fiscal Code (technical)",
        compute="_compute_credit_fiscal_key",
        store=True,
        index="btree_not_null",
        groups="account_credit_block.group_credit_manager",
    )
    credit_answers_for_ids = fields.Many2many(
        "res.partner",
        string="Answers also for",
        compute="_compute_credit_kin",
        compute_sudo=True,
        groups=ACCOUNTING_GROUPS,
        help="Customers whose credit blocks count for this one too: they have the same"
        " tax number, or it left them after it had ordered or while it owed something.",
    )
    credit_shared_with_ids = fields.Many2many(
        "res.partner",
        string="Shares the Credit With",
        compute="_compute_credit_kin",
        compute_sudo=True,
        groups=ACCOUNTING_GROUPS,
        help="Customers whose debts count against the same credit limit.",
    )

    credit_kin_ids = fields.Many2many(
        "res.partner",
        string="Shares Blocks and Limit With",
        compute="_compute_credit_kin_ids",
        groups=ACCOUNTING_GROUPS,
        help="Customers with the same tax number, or that the contact left, or who left"
        " it, with orders or debts: blocks and debts of one count for the other.",
    )

    credit_freed_ids = fields.Many2many(
        "res.partner",
        string="Not the Same Customer As",
        compute="_compute_credit_freed_ids",
        groups=ACCOUNTING_GROUPS,
        help="A credit manager said that these are different customers: blocks and"
        " debts of one do not count for the other.",
    )

    # === COMPUTE === #

    @api.depends("vat")
    def _compute_credit_tax_key(self):
        for partner in self:
            partner.credit_tax_key = tax_key.normalise(partner.vat)

    @api.depends(lambda self: self._get_tax_fields()[1:])
    def _compute_credit_fiscal_key(self):
        """Where the Italian localization is not installed, nobody has one."""
        [name] = self._get_tax_fields()[1:] or [None]
        for partner in self:
            number = partner[name] if name else False
            partner.credit_fiscal_key = tax_key.normalise(number)

    @api.depends("credit_tax_key", "credit_fiscal_key", "commercial_partner_id")
    @api.depends_context("company")
    def _compute_credit_kin(self):
        """One statement for all; see `credit.tie`."""
        kin = self.env["credit.tie"]._find_kin(self._origin, self.env.company)
        for partner in self:
            others = kin.get(partner._origin.id, ())
            partner.credit_answers_for_ids = [id_ for id_, why in others if why != LEFT]
            partner.credit_shared_with_ids = [id_ for id_, why in others]

    @api.depends("credit_shared_with_ids", "credit_answers_for_ids")
    @api.depends_context("uid", "su", "allowed_company_ids")
    def _compute_credit_kin_ids(self):
        """Those that the reader may know."""
        for partner in self:
            # Some may be of a company that the reader does not work in.
            known = partner.sudo()
            others = known.credit_shared_with_ids | known.credit_answers_for_ids
            partner.credit_kin_ids = others.with_env(self.env)._filtered_access("read")

    @api.depends("credit_tax_key", "credit_fiscal_key", "commercial_partner_id")
    @api.depends_context("uid", "su", "allowed_company_ids")
    def _compute_credit_freed_ids(self):
        """Those that the reader may know; one statement for all."""
        known = self.sudo()._origin
        known |= known.commercial_partner_id
        ties = self.env["credit.tie"]._find_freed(known, self.env.company)
        for partner in self:
            own = partner.sudo()._origin
            own |= own.commercial_partner_id
            others = own.browse().union(*(t._get_other(own) for t in ties))
            partner.credit_freed_ids = others.with_env(self.env)._filtered_access(
                "read"
            )

    @api.model
    def _forget_credit_kin(self):
        """Forget what was computed from tax numbers and ties before they changed."""
        self.invalidate_model(
            [
                "credit_answers_for_ids",
                "credit_freed_ids",
                "credit_kin_ids",
                "credit_shared_with_ids",
            ],
            flush=False,
        )
        self.env["credit.block"]._invalidate_verdicts()

    # === READING === #

    def _get_credit_sharers(self):
        """Override: who has the tax number of a customer, or has left it."""
        return self.credit_shared_with_ids

    def _always_shares_credit(self, other):
        """Override: who left a customer, which is more than to have its number."""
        return self._get_credit_tie(other) == FORMER

    def _get_tax_fields(self):
        """Return the fields in which tax numbers are entered here."""
        return [name for name in TAX_FIELDS.values() if name in self._fields]

    def _get_credit_keys(self):
        """Return the tax numbers of a contact as a decision keeps them."""
        partner = self.sudo()
        keys = (partner.credit_tax_key, partner.credit_fiscal_key)
        return "|".join(filter(None, keys))

    def _get_credit_tie(self, owner):
        """Say why the blocks of another customer bear on this contact: `FORMER`, …"""
        own = self | self.commercial_partner_id
        keys = {*own.mapped("credit_tax_key"), *own.mapped("credit_fiscal_key")}
        theirs = {owner.credit_tax_key, owner.credit_fiscal_key}
        return TAX_NUMBER if keys & theirs - {False} else FORMER

    def _get_credit_tie_text(self, owner, why):
        """Return the sentence that says why another customer's blocks count here."""
        texts = {
            TAX_NUMBER: self.env._(
                "%(partner)s has the same tax number as %(other)s, who is blocked. If"
                " it is another customer, a credit manager can say so on its form.",
                partner=self.name,
                other=owner.name,
            ),
            FORMER: self.env._(
                "%(partner)s was part of %(other)s, who is blocked, when it ordered or"
                " came to owe what is in its name.",
                partner=self.name,
                other=owner.name,
            ),
        }
        return texts[why]

    # === DECIDING === #

    def action_open_credit_tie(self):
        """Open the dialog that says whether others are the same customer.

        :return: a window action
        :raises AccessError: for who is no credit manager
        """
        self.ensure_one()
        self._check_credit_manager()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Same Customer?"),
            "res_model": "credit.tie.decision",
            "view_mode": "form",
            "target": "new",
            "context": {"default_partner_id": self.id},
        }

    def _set_another_customer(self, others, reason, company):
        """Keep a decision that this contact does not answer for these customers.

        It lasts until the tax number of the contact changes, or is taken back.

        :param others: `res.partner` records
        :param str reason: kept with the decision, and told in the chatter
        :param company: a `res.company`; it is decided for its head office
        :raises AccessError: for who is no credit manager of the head office
        :raises UserError: without a reason
        """
        head_office = self._check_tie_decision(reason, company)
        others &= self.with_company(head_office).credit_kin_ids
        own = self | self.commercial_partner_id
        pairs = {(p.id, o.id, head_office.id) for p in own for o in others}
        self.env["credit.tie"].sudo()._free(pairs, reason.strip())
        self._log_tie_decision(
            self.env._(
                "Another customer than %(others)s, decided %(manager)s. Reason:"
                " %(reason)s"
            ),
            others,
            reason,
        )

    def _set_same_customer(self, others, reason, company):
        """Take back that this contact does not answer for these customers.

        The parameters and what is raised are those of `_set_another_customer`.
        """
        head_office = self._check_tie_decision(reason, company)
        own = self | self.commercial_partner_id
        ties = self.env["credit.tie"]._find_freed(own, head_office)
        ties.filtered(lambda tie: tie._get_other(own) & others)._take_back(
            reason.strip()
        )
        self._log_tie_decision(
            self.env._(
                "The same customer as %(others)s after all, decided %(manager)s."
                " Reason: %(reason)s"
            ),
            others,
            reason,
        )

    def _check_tie_decision(self, reason, company):
        """Return the head office for which this is decided; raise as said above."""
        self.ensure_one()
        self._check_credit_manager()
        head_office = company.sudo().root_id
        if (
            not acting.is_system(self.env)
            and head_office not in self.env.user.company_ids
        ):
            raise AccessError(
                self.env._(
                    "This is decided for all of %(company)s: ask a credit manager of"
                    " the head office.",
                    company=head_office.name,
                )
            )
        if not (reason or "").strip():
            raise UserError(self.env._("Give the reason of the decision."))
        return head_office

    def _log_tie_decision(self, text, others, reason):
        """Tell a decision in the chatter of the contact."""
        self.sudo()._message_log(
            body=text
            % {
                "others": ", ".join(others.sudo().mapped("name")),
                "manager": self.env.user.name,
                "reason": reason.strip(),
            }
        )
