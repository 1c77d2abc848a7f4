"""How much credit a customer has today, and how much of it is used."""

from dataclasses import dataclass, replace
from datetime import date

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from .. import entered_numbers
from ..const import ACCOUNTING_GROUPS
from ..partner_answers import PartnerAnswers

# What credit managers enter beside core's limit.
LIMIT_FIELDS = (
    "credit_limit_until",
    "credit_limit_raise",
    "credit_limit_raise_from",
    "credit_limit_raise_until",
)


@dataclass(frozen=True, slots=True)
class CreditLimit:
    """The credit limit of one customer in one company, today.

    :param amount: in the company's currency; None where there is no limit at all
    :param until: last day of a temporary limit, or of the one that expired
    :param is_raised: the temporary limit counts today
    :param is_expired: there was a limit: there is no credit any more
    :param shared_with: ids of other customers whose exposure counts against it too
    """

    amount: float | None = None
    until: date | None = None
    is_raised: bool = False
    is_expired: bool = False
    shared_with: tuple[int, ...] = ()

    @property
    def rank(self):
        """Sort limits by this: the strictest first, none last."""
        return float("inf") if self.amount is None else self.amount


class ResPartner(models.Model):
    _inherit = "res.partner"  # pylint: disable=consider-merging-classes-inherited

    credit_limit = fields.Float(tracking=True)
    credit_limit_until = fields.Date(
        string="Limit Valid Until",
        company_dependent=True,
        tracking=True,
        groups=ACCOUNTING_GROUPS,
        help="Last day of the credit limit: from the day after the customer has no"
        " credit. Empty for a limit that does not expire.",
    )
    credit_limit_raise = fields.Float(
        string="Temporary Limit",
        company_dependent=True,
        tracking=True,
        groups=ACCOUNTING_GROUPS,
        help="Counts instead of the credit limit between its dates; 0 for none.",
    )
    credit_limit_raise_from = fields.Date(
        string="Temporary Limit From",
        company_dependent=True,
        tracking=True,
        groups=ACCOUNTING_GROUPS,
        help="First day of the temporary limit; empty for at once.",
    )
    credit_limit_raise_until = fields.Date(
        string="Temporary Limit Until",
        company_dependent=True,
        tracking=True,
        groups=ACCOUNTING_GROUPS,
        help="Last day of the temporary limit.",
    )

    @api.constrains(
        "credit_limit_raise", "credit_limit_raise_from", "credit_limit_raise_until"
    )
    def _check_credit_limit_raise(self):
        """Raise ValidationError for a temporary limit that makes no sense.

        Contacts have what is left of their own beside that of their company.
        """
        customers = self.sudo().filtered(lambda p: p.commercial_partner_id == p)
        entered_numbers.check(customers)
        for partner in customers:
            last = partner.credit_limit_raise_until
            if partner.credit_limit_raise and not last:
                raise ValidationError(
                    self.env._(
                        "Say until when the temporary credit limit of %(partner)s"
                        " counts.",
                        partner=partner.display_name,
                    )
                )
            if last and (partner.credit_limit_raise_from or last) > last:
                raise ValidationError(
                    self.env._("A temporary credit limit ends after it begins.")
                )

    @api.model
    def _commercial_fields(self):
        """Override of `base`: they follow core's `credit_limit`, of the company."""
        return [*super()._commercial_fields(), *LIMIT_FIELDS]

    # === LIMIT === #

    def _get_credit_limit_details(self, company):
        """Return the credit limits that count today in a company.

        A contact answers for its commercial partner. No access check, like exposures.

        :return: dict from partner id to `CreditLimit`
        """
        answers = {
            partner.id: partner.commercial_partner_id._get_shared_credit_limit(company)
            for partner in self.sudo().with_company(company)
        }
        return PartnerAnswers(answers, CreditLimit())

    def _get_shared_credit_limit(self, company):
        """Return the `CreditLimit` of a customer and those it shares the credit with.

        Who left a customer shares it. Who only has the same tax number does where one
        of the two has no limit of its own: nobody decided then how much it may owe.
        """
        own = self._get_own_credit_limit(company)
        others = {
            other: other._get_own_credit_limit(company)
            for other in self._get_credit_sharers()
        }
        sharing = {
            other: limit
            for other, limit in others.items()
            if None in (own.amount, limit.amount) or self._always_shares_credit(other)
        }
        strictest = min([own, *sharing.values()], key=lambda limit: limit.rank)
        if strictest.amount is None:
            return strictest
        return replace(strictest, shared_with=tuple(other.id for other in sharing))

    def _get_credit_sharers(self):
        """Return who may share the credit of this customer, for who knows of others.

        Here nobody does.
        """
        return self.browse()

    def _always_shares_credit(self, other):
        """Say whether one of these counts for the other although both have limits."""
        return False

    def _get_own_credit_limit(self, company):
        """Return the `CreditLimit` of a customer itself.

        The exposure is that of the head office with all its branches, and so is the
        limit: of those that they have set, the strictest counts in each of them.
        """
        limits = [
            self.with_company(office)._get_credit_limit_of_company(office)
            for office in company.sudo().parent_ids
        ]
        return min(limits, key=lambda limit: limit.rank)

    def _get_credit_limit_of_company(self, company):
        """Return the `CreditLimit` that one company has set, read in that company."""
        currency = company.sudo().currency_id
        today = company._get_credit_today()
        raise_until = self.credit_limit_raise_until
        if (
            currency.compare_amounts(self.credit_limit_raise, 0.0) > 0
            and (self.credit_limit_raise_from or today) <= today
            and raise_until
            and raise_until >= today
        ):
            return CreditLimit(self.credit_limit_raise, raise_until, is_raised=True)
        # As in core: a limit of zero is none, one below zero is no credit at all.
        if currency.is_zero(self.credit_limit):
            return CreditLimit()
        until = self.credit_limit_until or None
        if until and until < today:
            return CreditLimit(0.0, until, is_expired=True)
        return CreditLimit(max(self.credit_limit, 0.0), until)

    # === EXPOSURE === #

    def _get_credit_exposure(self, company, locking=False):
        """Say what these customers owe or are about to owe in a company.

        A contact answers for its commercial partner. Asked of all at once, one
        statement; never from the cache. No access check: amounts are for who decides.

        :param company: a `res.company`; its whole tree counts, as in core's `credit`
        :param locking: see `credit.exposure`
        :return: dict from partner id to a dict of amounts in the company's currency:
            ``open`` (not due yet, less unused credits), ``overdue``, ``returned`` (open
            again after a payment return), ``not_final`` (collected, but the bank may
            still take it back), ``ordered`` (confirmed, not invoiced), ``drafts``
            (draft invoices; credit notes once they are posted), their ``total``, and
            ``held`` (orders waiting for a decision, not in the total)
        """
        owners = {p.id: p.commercial_partner_id._origin for p in self.sudo()}
        partners = self.sudo().browse().union(*owners.values())
        exposures = self.env["credit.exposure"].sudo()
        buckets = exposures._get_buckets(partners, company, locking)
        answers = {
            partner_id: dict(buckets[owner.id]) for partner_id, owner in owners.items()
        }
        return PartnerAnswers(answers, buckets.nobody)

    def _get_limited_exposure(self, company, limits, locking=False):
        """Return by partner id the buckets that count against its `CreditLimit`.

        :param dict limits: what `_get_credit_limit_details` returns
        :param locking: see `credit.exposure`; of those who share the credit, too
        """
        shared = {i for partner in self for i in limits[partner.id].shared_with}
        everybody = self | self.browse(shared)
        exposures = everybody._get_credit_exposure(company, locking)
        round_ = company.sudo().currency_id.round
        return {
            partner.id: {
                bucket: round_(
                    amount
                    + sum(exposures[i][bucket] for i in limits[partner.id].shared_with)
                )
                for bucket, amount in exposures[partner.id].items()
            }
            for partner in self
        }

    # === THE LIMIT IN SQL === #

    @api.model
    def _get_credit_limit_sql(self, alias, company):
        """Return the `SQL` of what `_get_credit_limit_details` says, for a statement.

        :param str alias: table or alias of `res.partner` rows of commercial partners
        :return: an amount in the company's currency, NULL for no limit
        """
        # What is NULL is left out.
        return SQL(
            "LEAST(%s)",
            SQL(", ").join(
                self._get_credit_limit_sql_of_company(alias, office)
                for office in company.sudo().parent_ids
            ),
        )

    def _get_credit_limit_sql_of_company(self, alias, company):
        """Return the same of what one company has set."""
        partner = self.sudo().with_company(company)
        columns = {
            name: partner._field_to_sql(alias, name)
            for name in ("credit_limit", *LIMIT_FIELDS)
        }
        return SQL(
            """CASE WHEN %(credit_limit_raise)s >= %(smallest)s
                     AND COALESCE(%(credit_limit_raise_from)s <= %(today)s, TRUE)
                     AND %(credit_limit_raise_until)s >= %(today)s
                    THEN %(credit_limit_raise)s
                    WHEN ABS(COALESCE(%(credit_limit)s, 0)) < %(smallest)s THEN NULL
                    WHEN %(credit_limit_until)s < %(today)s THEN 0
                    ELSE GREATEST(%(credit_limit)s, 0)
               END""",
            # What is less rounds to nothing.
            smallest=company.sudo().currency_id.rounding / 2,
            today=company._get_credit_today(),
            **columns,
        )
