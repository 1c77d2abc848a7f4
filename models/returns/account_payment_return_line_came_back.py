from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

# In the books, of a payment that we know. Asked for in this file only.
BOOKED_STATES, BOOKED_MATCH = ("confirmed",), "matched"


class AccountPaymentReturnLine(models.Model):
    """Which lines are returns that really came back: in words of the ORM and of SQL."""

    _inherit = "account.payment.return.line"  # pylint: disable=consider-merging-classes-inherited

    status = fields.Selection(
        selection=lambda self: [
            *self._fields["match_state"]._description_selection(self.env),
            ("booked", self.env._("Booked")),
            ("reversed", self.env._("Reversed")),
        ],
        compute="_compute_status",
        help="How the line stands: whether it is matched, and what came of it then.",
    )

    @api.depends("match_state", "state", "undone_ids")
    def _compute_status(self):
        """What people see: in the books, out of them again, or how it is matched."""
        for line in self:
            booked = line.match_state == BOOKED_MATCH and line.undone_ids
            if booked and line.state in BOOKED_STATES:
                line.status = "booked"
            elif booked and line.state == "cancelled":
                line.status = "reversed"
            else:
                line.status = line.match_state

    @api.model
    def _get_came_back_domain(self, states=BOOKED_STATES):
        """Lines that really came back: in the books, of a payment that we know.

        :param states: with "cancelled" also those that were in the books once
        """
        return Domain("state", "in", states) & Domain("match_state", "=", BOOKED_MATCH)

    @api.model
    def _get_came_back_sql(self, alias="line", states=BOOKED_STATES):
        """The same as a condition of SQL, on an alias of the lines' table."""
        state, match_state = (
            SQL.identifier(alias, name) for name in ("state", "match_state")
        )
        return SQL(
            "(%s IN %s AND %s = %s)", state, tuple(states), match_state, BOOKED_MATCH
        )

    def _filter_came_back(self):
        """The same of these lines."""
        return self.filtered_domain(self._get_came_back_domain())

    def _filter_reversed(self):
        """Those of these lines that were in the books, and are cancelled."""
        return self.filtered(lambda line: line.status == "reversed")

    @api.model
    def _count_booked(self, partners, company):
        """Count the returns of customers that ever were in the books of a company.

        Those cancelled since, too: the number never falls. The traces of what is
        confirmed later have higher ids.

        :param partners: commercial partners
        :return: dict from partner id to (number, id of the last trace); one query
        """
        booked = self._get_came_back_domain(("confirmed", "cancelled"))
        groups = self.env["account.payment.return.partial"]._read_group(
            Domain("return_line_id", "any", booked)
            & Domain("company_id", "=", company.id)
            & Domain("partner_id", "in", partners.ids),
            ["partner_id"],
            ["return_line_id:count_distinct", "id:max"],
        )
        return {partner.id: (number, trace) for partner, number, trace in groups}

    @api.model
    def _count_by(self, field_name, records):
        """Count confirmed return lines by one of their many2one fields.

        :return: dict from record id to number, in the companies the user works in;
            one query
        """
        groups = self.sudo()._read_group(
            self._get_came_back_domain()
            & Domain("company_id", "in", self.env.companies.ids)
            & Domain(field_name, "in", records.ids),
            [field_name],
            ["__count"],
        )
        return {record.id: count for record, count in groups}
