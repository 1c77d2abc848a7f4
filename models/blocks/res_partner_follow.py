"""A contact that changes customer, or its tax number, answers for what it was."""

from contextlib import contextmanager
from dataclasses import dataclass

from markupsafe import escape

from odoo import api, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import SQL

from .. import acting, planned
from ..const import OWNER_FIELDS
from .credit_tie import LEFT


@dataclass(frozen=True, slots=True)
class Standing:
    """For whom a contact answers at one moment; ids of partners.

    :param owner: the customer that it belongs to, itself perhaps
    :param kin: other customers that it answers for, see `credit.tie`
    :param keys: its tax numbers
    """

    owner: int
    kin: frozenset
    keys: frozenset

    @property
    def customers(self):
        """Everybody whose blocks bear on the contact."""
        return self.kin | {self.owner}


class ResPartner(models.Model):
    _inherit = "res.partner"  # pylint: disable=consider-merging-classes-inherited

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override of `base`: a new tax number may be that of a customer."""
        partners = super().create(vals_list)
        if any(partners.sudo().mapped(lambda p: p._get_credit_keys())):
            self._forget_credit_kin()
        return partners

    def write(self, vals):
        """Override of `base`: whoever gets another customer answers for the old one.

        :raises AccessError: for who takes the tax number from a blocked customer
        :raises UserError: for who puts open orders under a customer that may not have
            them
        """
        if not self._changes_credit_customer(vals):
            return super().write(vals)
        with self._follow_credit_customers():
            leaving = self._filter_copied_tax_number(vals)
            if leaving:
                super(ResPartner, leaving).write({"vat": False})
            return super().write(vals)

    def unlink(self):
        """Override of `base`: who was under a deleted contact is on its own now."""
        with self._follow_credit_customers():
            return super().unlink()

    def _changes_credit_customer(self, vals):
        """Say whether a change moves one of these under or out of a customer."""
        names = {*OWNER_FIELDS, *self._get_tax_fields()} & set(vals)
        return any(
            self._fields[name].convert_to_write(partner[name], partner)
            != (vals[name] or False)
            for partner in self.sudo()
            for name in names
        )

    # === FOLLOWING === #

    @contextmanager
    def _follow_credit_customers(self):
        """Compare for whom these contacts, and those below, answer before and after."""
        contacts = self.sudo()._get_with_contacts_below()
        before = contacts._take_standings()
        is_system = acting.is_system(self.env)
        limited = contacts._get_limits_given_up() if not is_system else {}
        asked = contacts.browse() if is_system else contacts
        found = asked._find_what_stands()
        yield
        contacts = contacts.exists()
        contacts._follow_returns()
        self._forget_credit_kin()
        after = contacts._take_standings()
        if not is_system:
            self._check_tax_numbers_kept(before, after)
            self._check_limits_kept(limited)
        contacts._find_brought_blocks()._follow_customers()
        ties = self.env["credit.tie"].sudo()
        ties = ties._tie(contacts._find_new_ties(before, after))
        if not is_system:
            gained = contacts._filter_gained(before, after)
            # As who acts: what he may decide is asked.
            gained.with_env(self.env)._check_gained(found)
        ties._tell_managers()
        contacts._tell_of_blocked_newcomers(before, after)

    def _follow_returns(self):
        """Let returns in the books belong to who owes them now.

        Core moves the open items of a customer after it has moved the customer.
        """
        lines = self.env["account.payment.return.line"].sudo()
        lines = lines.search(
            Domain("partner_id", "in", self.ids) & lines._get_came_back_domain()
        )
        self.env.add_to_compute(lines._fields["commercial_partner_id"], lines)

    def _get_with_contacts_below(self):
        """Return these contacts and all that are under them, archived or not."""
        if not self.ids:
            return self
        self.flush_model(["parent_id"])
        rows = self.env.execute_query(
            SQL(
                """
                WITH RECURSIVE below AS (
                    SELECT id FROM res_partner WHERE id = ANY(%s)
                     UNION
                    SELECT contact.id FROM res_partner contact
                      JOIN below ON contact.parent_id = below.id)
              SELECT id FROM below
                """,
                self.ids,
            )
        )
        return self.browse(id_ for [id_] in rows)

    def _take_standings(self):
        """Return a dict from partner id to its `Standing` now, in all companies."""
        kin = self.env["credit.tie"].sudo()._find_kin(self)
        return {
            partner.id: Standing(
                partner.commercial_partner_id.id,
                frozenset(id_ for id_, why in kin[partner.id] if why != LEFT),
                frozenset(filter(None, partner._get_credit_keys().split("|"))),
            )
            for partner in self
        }

    def _filter_copied_tax_number(self, vals):
        """Return who goes from a company whose tax number is not his, in sudo.

        Core copies it to all contacts, and would take it to the next customer.
        """
        if "parent_id" not in vals or "vat" in vals or vals.get("is_company"):
            return self.browse()
        parent = self.sudo().browse(vals["parent_id"] or ())
        return self.sudo().filtered(
            lambda p: (
                p.vat
                and p.commercial_partner_id not in (p, parent.commercial_partner_id)
                and p.vat == p.commercial_partner_id.vat
            )
        )

    def _find_brought_blocks(self):
        """Return the open blocks that one of these brought to its customer."""
        blocks = self.env["credit.block"].sudo()
        return blocks.search(
            [("came_with_id", "in", self.ids), ("state", "=", "in_force")]
        )

    def _find_new_ties(self, before, after):
        """Return the set of (contact, customer, head office) to be tied.

        Who ordered or owes something goes on answering for whom it did. And who got the
        tax number of a customer that came under it is that customer.

        :param dict before: standings, like ``after``
        """
        lost = {
            id_: before[id_].customers - after[id_].customers - {id_} for id_ in after
        }
        leavers = self.filtered(lambda p: lost[p.id])
        leavers._lock_customers(lost)
        places = self.env["credit.tie"]._find_documents(leavers)
        ties = {
            (id_, other, place)
            for id_ in leavers.ids
            for other in lost[id_]
            for place in places[id_]
        }
        for partner in self._filter_newcomers(before, after):
            owner = partner.commercial_partner_id
            if before[partner.id].keys & set(owner._get_credit_keys().split("|")):
                offices = partner._get_own_blocks().company_id.root_id
                ties |= {(owner.id, partner.id, office.id) for office in offices}
        return ties

    def _lock_customers(self, lost):
        """Wait for whoever confirms an order for the customers that these leave.

        :param dict lost: ids of customers by id of contact
        """
        # Who has been deleted is locked by that.
        customers = self.browse(sorted({i for p in self for i in lost[p.id]})).exists()
        offices = self.env["res.company"].sudo()
        offices = offices.search([("parent_id", "=", False)]) if customers else offices
        for office in offices:
            self.env["credit.exposure.lock"].sudo()._take(customers, office)

    def _filter_newcomers(self, before, after):
        """Return those that were customers by themselves, and belong to one now."""
        return self.filtered(
            lambda p: before[p.id].owner == p.id and after[p.id].owner != p.id
        )

    def _get_own_blocks(self):
        """Return the blocks in force of these contacts themselves, in any company."""
        blocks = self.env["credit.block"].sudo()
        return blocks._search_in_force([("partner_id", "in", self.ids)])

    # === GUARDS === #

    def _check_tax_numbers_kept(self, before, after):
        """Raise AccessError for who takes a number away by which blocks are found."""
        for partner in self.sudo().browse(after):
            standing = before[partner.id]
            if standing.owner != partner.id or standing.keys <= after[partner.id].keys:
                continue
            customers = partner.browse(standing.customers)
            blocks = customers._get_own_blocks()
            if acting.manages_credit(self.env, blocks.company_id):
                continue
            if blocks or (customers - partner)._has_any_limit():
                raise AccessError(
                    self.env._(
                        "Only a credit manager can change the tax number of"
                        " %(partner)s: its credit is restricted. %(hint)s",
                        partner=partner.name,
                        hint=self.env.company._get_credit_manager_hint(),
                    )
                )

    def _get_limits_given_up(self):
        """Return a dict from company to the own credit limits of these, by id.

        Who is under a customer has that one's limit, and none to give up. Where orders
        are not held over the limit, it decides nothing.
        """
        owners = self.filtered(lambda p: p.commercial_partner_id == p)
        companies = self.env["res.company"].sudo()
        companies = companies.search([]) if owners else companies  # pylint: disable=no-search-all
        found = {
            company: {
                id_: limit.amount
                for id_, limit in owners._get_credit_limit_details(company).items()
                if limit.amount is not None
            }
            for company in companies
            if company._get_credit_setting("credit_hold_limit")
        }
        return {company: limits for company, limits in found.items() if limits}

    def _check_limits_kept(self, before):
        """Raise AccessError for who puts a limited customer under one with more credit.

        :param dict before: see `_get_limits_given_up`
        """
        for company, limits in before.items():
            partners = self.sudo().browse(limits).exists()
            now = partners._get_credit_limit_details(company)
            looser = partners.filtered(
                lambda p, limits=limits, now=now: now[p.id].rank > limits[p.id]
            )
            if looser and not acting.manages_credit(self.env, company):
                raise AccessError(
                    self.env._(
                        "Only a credit manager can put %(partner)s under another"
                        " customer: its own credit limit would not count any more."
                        " %(hint)s",
                        partner=looser[0].name,
                        hint=company._get_hold_decider_hint(),
                    )
                )

    def _has_any_limit(self):
        """Say whether one of these has a credit limit in any company."""
        companies = self.env["res.company"].sudo()
        companies = companies.search([]) if self else companies  # pylint: disable=no-search-all
        return any(
            limit.amount is not None
            for company in companies
            for limit in self._get_credit_limit_details(company).values()
        )

    def _filter_gained(self, before, after):
        """Return those who answer for a customer for whom they did not before.

        Who is a customer by itself again does, too: it was asked about as another one.
        """
        return self.filtered(lambda p: after[p.id].customers - before[p.id].customers)

    def _find_what_stands(self):
        """Return what a change of customer must not get round, for `_check_gained`.

        For who has more than blocks to ask about.
        """
        return {}

    def _check_gained(self, found):
        """Raise UserError for what these bring under a customer who may not have it.

        :param found: what `_find_what_stands` gave before the change
        """

    # === TELLING === #

    def _tell_of_blocked_newcomers(self, before, after):
        """Ask the managers whether the block of who came is that of the customer."""
        for block in self._filter_newcomers(before, after)._get_own_blocks():
            partner = block.partner_id
            partner._ask_credit_manager(
                block.company_id,
                lambda env, block=block, partner=partner: env._(
                    "%(partner)s, who has the credit block “%(level)s”, belongs to"
                    " %(customer)s now. The block counts for %(partner)s only: decide"
                    " whether %(customer)s is blocked too.",
                    partner=partner.name,
                    level=block.with_env(env).level_id.name,
                    customer=partner.commercial_partner_id.name,
                ),
            )

    def _ask_credit_manager(self, company, get_text):
        """Leave a note on a contact, and an activity for a manager who did not do it.

        :param get_text: function from an environment to a sentence
        """
        self.ensure_one()
        self.sudo()._message_log(body=get_text(self.env))
        manager = company._get_credit_managers(limit=1)
        # Who acts, not the rights that the note is written with.
        if manager and not acting.manages_credit(self.sudo(False).env, company):
            env = self.with_context(lang=manager.lang).env
            planned.schedule(
                self.sudo(),
                "mail.mail_activity_data_todo",
                user_id=manager.id,
                note=escape(get_text(env)),
            )
