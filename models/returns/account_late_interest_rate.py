from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.tools import format_date, formatLang

from .. import entered_numbers
from .late_interest import get_half_year, get_half_year_end

# In percent, a year: of more than all of a debt no reference rate is.
WHOLE = 100.0


class AccountLateInterestRate(models.Model):
    """The reference rate of interest for late payment, of one half-year.

    That of the main refinancing operations of the ECB, on 1 January or 1 July. The
    Ministry of Economy and Finance publishes it in the Gazzetta Ufficiale (D.Lgs.
    231/2002, art. 5 c. 2). All companies share it: the points that are added are each
    company's.
    """

    _name = "account.late.interest.rate"
    _inherit = ["credit.empty.list", "credit.reach", "credit.shared", "credit.shipped"]
    _description = "Late Interest Rate"
    _order = "date_from desc"
    _rec_name = "date_from"
    _shipped_key = "date_from"

    date_from = fields.Date(
        string="From", required=True, help="1 January or 1 July: it is of a half-year."
    )
    date_to = fields.Date(string="To", compute="_compute_date_to")
    reference_rate = fields.Float(
        digits=(5, 2),
        required=True,
        help="Percent a year, as the Gazzetta Ufficiale says; the points of the law, or"
        " of the company's contracts, are added to it.",
    )
    total_rate = fields.Float(
        string="Rate Charged",
        compute="_compute_total_rate",
        digits=(5, 2),
        help="Percent a year that is charged in this company.",
    )
    source = fields.Char(help="Where the rate was published.")

    _date_from_uniq = models.UniqueIndex(
        "(date_from)", "There is already a late interest rate of this half-year."
    )

    @api.depends("date_from")
    def _compute_date_to(self):
        """The last day of the half-year."""
        for rate in self:
            day = rate.date_from
            rate.date_to = day and get_half_year_end(day)

    @api.depends("reference_rate")
    @api.depends_context("company")
    def _compute_total_rate(self):
        """With the points of the company."""
        points = self.env.company.sudo().credit_late_margin
        for rate in self:
            rate.total_rate = rate.reference_rate + points

    @api.depends("date_from")
    @api.depends_context("lang")
    def _compute_display_name(self):
        """Override of `base`: the half-year, by its first day."""
        for rate in self:
            rate.display_name = format_date(self.env, rate.date_from)

    @api.constrains("date_from")
    def _check_date_from(self):
        """Raise ValidationError for a day that begins no half-year."""
        for rate in self:
            if rate.date_from != get_half_year(rate.date_from):
                raise ValidationError(
                    self.env._(
                        "A late interest rate is of a half-year: let it begin on"
                        " 1 January or 1 July, not on %s.",
                        format_date(self.env, rate.date_from),
                    )
                )

    @api.constrains(entered_numbers.get_names)
    def _check_numbers(self):
        """Raise ValidationError for a rate below zero."""
        entered_numbers.check(self)

    @api.constrains("reference_rate")
    def _check_reference_rate(self):
        """Raise ValidationError for what lost its point: 2,15 is 215 in English."""
        for rate in self:
            if rate.reference_rate >= WHOLE:
                raise ValidationError(
                    self.env._(
                        "A reference rate of %(rate)s %% a year cannot be: enter it"
                        " with the decimal separator of your language, as in"
                        " %(example)s.",
                        rate=formatLang(self.env, rate.reference_rate, digits=2),
                        example=formatLang(self.env, 2.15, digits=2),
                    )
                )

    def _get_shared_error(self):
        """Override of `credit.shared`."""
        return AccessError(
            self.env._(
                "All companies share the late interest rates. Only a credit manager who"
                " works in every company can change them."
            )
        )

    @api.model
    def _get_total_rates(self, company):
        """Return what a company charges, by the first day of each half-year.

        :return: dict from date to Decimal, percent a year
        """
        points = Decimal(f"{company.sudo().credit_late_margin:.2f}")
        rates = self.sudo().search([])  # pylint: disable=no-search-all  # two a year
        return {
            rate.date_from: Decimal(f"{rate.reference_rate:.2f}") + points
            for rate in rates
        }
