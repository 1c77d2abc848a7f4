"""Which day it is: the company's, whoever asks and wherever he is."""

from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.tools import SQL

UTC = ZoneInfo("UTC")


class ResCompany(models.Model):
    _inherit = "res.company"  # pylint: disable=consider-merging-classes-inherited

    # Stored, since it is asked at every turn.
    credit_zone = fields.Char(
        string="Time Zone of Its Days",
        compute="_compute_credit_zone",
        store=True,
        help="That of the company's own contact, or else of its working hours.",
    )

    @api.depends("partner_id.tz", "resource_calendar_id.tz")
    def _compute_credit_zone(self):
        for company in self:
            calendar = company.resource_calendar_id
            company.credit_zone = company.partner_id.tz or calendar.tz or "UTC"

    def _get_credit_today(self):
        """Return the day it is in this company; no access check."""
        return self._get_credit_day(fields.Datetime.now())

    def _get_credit_day(self, moment):
        """Return the day of a moment of the database in this company."""
        zone = ZoneInfo(self._get_credit_zone())
        return moment.replace(tzinfo=UTC).astimezone(zone).date()

    def _get_credit_day_sql(self, moment):
        """Return the same as `SQL`.

        :param moment: `SQL` of a timestamp
        """
        return SQL(
            "(%s AT TIME ZONE 'UTC' AT TIME ZONE %s)::date",
            moment,
            self._get_credit_zone(),
        )

    def _get_credit_day_end(self, day):
        """Return the moment at which a day of this company is over."""
        midnight = fields.Datetime.to_datetime(fields.Date.add(day, days=1))
        zone = ZoneInfo(self._get_credit_zone())
        return midnight.replace(tzinfo=zone).astimezone(UTC).replace(tzinfo=None)

    def _get_credit_zone(self):
        """Return the name of the time zone that a day of this company is of."""
        return (self or self.env.company).sudo().credit_zone or "UTC"
