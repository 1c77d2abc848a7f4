from contextlib import contextmanager

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

from ..models import acting, said
from ..models.blocks.res_partner_exemption import EXEMPTION_FIELDS
from ..models.credit.res_partner import LIMIT_FIELDS
from ..models.guards.res_partner import TERMS_FIELDS

# Company-dependent fields that mean something together only.
FIELD_GROUPS = (("credit_limit", *LIMIT_FIELDS), EXEMPTION_FIELDS)


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _merge(self, partner_ids, dst_partner=None, extra_checks=True):
        """Override of `base`: merging gives nobody the terms of another customer.

        :raises AccessError: for who may not give them
        """
        self._check_same_terms(self.env["res.partner"].browse(partner_ids).exists())
        return super()._merge(partner_ids, dst_partner, extra_checks)

    def _check_same_terms(self, partners):
        """Raise AccessError for customers on different terms, where these are asked."""
        if acting.is_accounting(self.env):
            return
        companies = self.env["res.company"].sudo().search([])  # pylint: disable=no-search-all  # a handful
        watching = companies.filtered(
            lambda company: company._get_credit_setting("credit_hold_terms")
        )
        for company in watching:
            customers = partners.sudo().commercial_partner_id.with_company(company)
            if any(len({p[name] for p in customers}) > 1 for name in TERMS_FIELDS):
                raise AccessError(
                    self.env._(
                        "These customers have different payment terms or methods: only"
                        " accounting can merge them."
                    )
                )

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        """Override of `base` so that merged customers keep their blocks and notices.

        They move by SQL to the surviving partner, which can have one block in force per
        company and level, and is told of a return once.
        """
        self._close_duplicate_blocks(src_partners | dst_partner)
        self._merge_notices(src_partners | dst_partner)
        # A lock that nobody holds is worth nothing, and there is one per customer.
        locks = self.env["credit.exposure.lock"].sudo()
        locks.search([("partner_id", "in", src_partners.ids)]).unlink()
        self.env.flush_all()
        with self._follow_credit_customers(src_partners.sudo(), dst_partner.sudo()):
            return super()._update_foreign_keys(src_partners, dst_partner)

    @contextmanager
    def _follow_credit_customers(self, src_partners, dst_partner):
        """Let the surviving contact answer for whom the others did.

        Their orders and debts become its own, as if it had taken their customer.

        :raises UserError: for who merges open orders into a customer that may not have
            them
        """
        ties = self.env["credit.tie"].sudo()
        standings = (src_partners | dst_partner)._take_standings()
        places = ties._find_documents(src_partners)
        pairs = {
            (dst_partner.id, other, place)
            for partner in src_partners
            for other in standings[partner.id].customers - set(standings)
            for place in places[partner.id]
            if other not in standings[dst_partner.id].customers
        }
        orders = src_partners._find_open_orders()
        found = orders._find_open_reasons(orders._get_customer_reasons())
        yield
        self.env.invalidate_all()
        ties._tie(pairs)
        if not acting.is_system(self.env):
            dst_partner.sudo(False)._check_gained_orders(found, orders)

    def _close_duplicate_blocks(self, partners):
        """Close all but one of the blocks in force of a company and level.

        One set by hand stays before an automatic one, then the one that lasts longer.
        """
        in_force = self.env["credit.block"].sudo()
        in_force = in_force.search(
            [("partner_id", "in", partners.ids), ("state", "=", "in_force")]
        )
        in_force -= in_force._expire()
        for blocks in in_force.grouped(lambda b: (b.company_id, b.level_id)).values():
            kept = blocks.sorted(
                lambda b: (
                    b.origin == "manual",
                    b.until or fields.Date.to_date("9999-12-31"),
                    -b.date_from.timestamp(),
                ),
                reverse=True,
            )[:1]
            (blocks - kept)._close(said.say("lift.merged"))

    def _merge_notices(self, partners):
        """Make one notice of what several of these customers were told of a return."""
        notices = self.env["account.payment.return.notice"].sudo()
        notices = notices.search([("partner_id", "in", partners.ids)], order="id")
        for told in notices.grouped("return_id").values():
            if len(told) > 1:
                told._merge()

    @api.model
    def _update_reference_fields(self, src_partners, dst_partner):
        """Override of `base`, which fills each field that is empty from the others.

        The dates of one customer's limit say nothing about the limit of another. The
        rules look at the debts of both afterwards.
        """
        self.env.flush_all()
        self._keep_field_groups(src_partners.sorted("id", reverse=True), dst_partner)
        res = super()._update_reference_fields(src_partners, dst_partner)
        self.env.invalidate_all()
        companies = self.env["res.company"].sudo()
        for company in companies.search([]):  # pylint: disable=no-search-all  # a few
            dst_partner._follow_credit_terms(company)
        return res

    def _keep_field_groups(self, src_partners, dst_partner):
        """Forget on the sources, by company, the groups that another one fills.

        :param src_partners: the one that core prefers first
        """
        companies = self._get_filled_companies(src_partners | dst_partner)
        taken = companies[dst_partner.id]
        forgotten = []
        for partner in src_partners:
            own = companies[partner.id]
            forgotten.append((partner.id, *map(sorted, map(set.__and__, own, taken))))
            taken = list(map(set.__or__, own, taken))
        columns = (SQL("gone.limits"), SQL("gone.exemptions"))
        rows = [SQL("(%s, %s::text[], %s::text[])", *row) for row in forgotten]
        values = [
            SQL("%s = %s - %s", SQL.identifier(name), SQL.identifier(name), companies)
            for companies, names in zip(columns, FIELD_GROUPS, strict=True)
            for name in names
        ]
        self.env.cr.execute(
            SQL(
                "UPDATE res_partner SET %s FROM (VALUES %s) AS gone (id, limits,"
                " exemptions) WHERE res_partner.id = gone.id",
                SQL(", ").join(values),
                SQL(", ").join(rows),
            )
        )

    def _get_filled_companies(self, partners):
        """Return, by partner id, the companies in which each group has a value.

        :return: dict of lists of sets of company ids, as text, one set for each group
        """
        names = [name for group in FIELD_GROUPS for name in group]
        columns = SQL(", ").join(map(SQL.identifier, names))
        found = self.env.execute_query_dict(
            SQL("SELECT id, %s FROM res_partner WHERE id IN %s", columns, partners._ids)
        )
        return {
            row["id"]: [
                {company for name in group for company in row[name] or {}}
                for group in FIELD_GROUPS
            ]
            for row in found
        }
