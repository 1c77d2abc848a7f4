from odoo import api, fields, models
from odoo.tools import SQL

from ..const import ORDER_CONTACTS

# Why the credit of one customer is also that of another.
TAX_NUMBER = "tax"
FORMER = "former"
LEFT = "left"


class CreditTie(models.Model):
    """For whom else a customer answers, and where a credit manager said otherwise.

    Who has the tax number of a customer answers for it, without any row. Who left one,
    having ordered or owing something, has a row. A decision that it is somebody else is
    kept in the row too, and is worth nothing once the tax number changes.
    """

    _name = "credit.tie"
    _description = "Customers Who Answer for Each Other"
    _rec_name = "partner_id"
    _order = "id desc"

    partner_id = fields.Many2one(
        "res.partner", string="Contact", required=True, ondelete="cascade"
    )
    other_id = fields.Many2one(
        "res.partner",
        string="Answers for",
        required=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        ondelete="cascade",
        help="A head office: its branches follow.",
    )
    is_former = fields.Boolean(
        string="Was Part of It",
        help="It left the customer after it had ordered, or while it owed something.",
    )
    is_freed = fields.Boolean(
        string="Another Customer",
        help="A credit manager said that it is not the same customer.",
    )
    reason = fields.Text(string="Why Another")
    decided_by_id = fields.Many2one("res.users")
    decided_on = fields.Datetime()
    decided_keys = fields.Char(
        help="The tax numbers that the contact had when it was decided."
    )

    _partner_other_uniq = models.UniqueIndex("(partner_id, other_id, company_id)")

    # === READING === #

    @api.model
    def _find_kin(self, partners, company=None):
        """Return by partner id for whom else these answer: one statement.

        What is said of a contact is said of its customer too.

        :param company: whose ties and decisions count, through its head office; none
            for those of all
        :return: dict from id to list of (other partner's id, why), where why is one of
            `TAX_NUMBER`, `FORMER`, or `LEFT` for who left, whose blocks do not count
        """
        kin = {partner_id: [] for partner_id in partners.ids}
        if not kin:
            return kin
        contacts = self.env["res.partner"]
        contacts.flush_model(
            ["commercial_partner_id", "credit_fiscal_key", "credit_tax_key"]
        )
        self.flush_model()
        statement = self._get_kin_statement(partners, company and company.sudo())
        for partner_id, other_id, why in self.env.execute_query(statement):
            kin[partner_id].append((other_id, why))
        return kin

    def _get_kin_statement(self, partners, company):
        return SQL(
            """
            WITH asked AS (
                SELECT contact.id, own.id AS own_id, own.credit_tax_key,
                       own.credit_fiscal_key, contact.commercial_partner_id
                  FROM res_partner contact
                  JOIN res_partner own
                    ON own.id IN (contact.id, contact.commercial_partner_id)
                 WHERE contact.id = ANY(%(ids)s)),
                 found AS (
                SELECT asked.*, twin.id AS other_id, %(tax)s AS why
                  FROM asked
            CROSS JOIN LATERAL (VALUES (asked.credit_tax_key),
                                       (asked.credit_fiscal_key)) AS number (key)
            CROSS JOIN LATERAL (
                SELECT id FROM res_partner WHERE credit_tax_key = number.key
                 UNION
                SELECT id FROM res_partner WHERE credit_fiscal_key = number.key) twin
                 UNION
                SELECT asked.*, tie.other_id, %(former)s
                  FROM asked
                  JOIN credit_tie tie ON tie.partner_id = asked.own_id
                 WHERE tie.is_former AND %(counts)s
                 UNION
                SELECT asked.*, tie.partner_id, %(left)s
                  FROM asked
                  JOIN credit_tie tie ON tie.other_id = asked.own_id
                 WHERE tie.is_former AND %(counts)s)
          SELECT DISTINCT found.id, found.other_id, found.why
            FROM found
            JOIN res_partner other ON other.id = found.other_id
           WHERE found.other_id NOT IN (found.id, found.commercial_partner_id)
             AND (found.why = %(former)s
                  OR (other.commercial_partner_id = other.id
                      AND NOT (found.why = %(tax)s AND %(decided)s)))
            """,
            ids=partners.ids,
            tax=TAX_NUMBER,
            former=FORMER,
            left=LEFT,
            counts=self._get_counting_condition(company),
            decided=self._get_decided_condition(company),
        )

    def _get_counting_condition(self, company):
        """Say that a tie counts in a company, and nobody said otherwise."""
        return SQL("(%s AND NOT %s)", self._get_place(company), self._get_freed())

    def _get_place(self, company):
        """Say that a tie is one of a head office, or of any."""
        if not company:
            return SQL("TRUE")
        return SQL("tie.company_id = %s", company.root_id.id)

    def _get_decided_condition(self, company):
        """Say that a tax number means nothing between two: a manager decided so."""
        return SQL(
            """EXISTS (
                SELECT 1 FROM credit_tie tie
                 WHERE ((tie.partner_id = found.own_id
                         AND tie.other_id = found.other_id)
                        OR (tie.partner_id = found.other_id
                            AND tie.other_id = found.own_id))
                   AND %s
                   AND %s)""",
            self._get_place(company),
            self._get_freed(),
        )

    def _get_freed(self):
        """Say that a decision is in force: the tax numbers are those of then."""
        return SQL(
            """(tie.is_freed IS TRUE AND COALESCE(tie.decided_keys, '') = (
                SELECT CONCAT_WS('|', credit_tax_key, credit_fiscal_key)
                  FROM res_partner WHERE id = tie.partner_id))"""
        )

    @api.model
    def _find_freed(self, partners, company):
        """Return the ties, in sudo, in which a manager says that these are others.

        Those in force: a decision ends with the tax numbers of its day.

        :param company: whose decisions count, through its head office
        """
        self.flush_model()
        contacts = self.env["res.partner"]
        contacts.flush_model(["credit_fiscal_key", "credit_tax_key"])
        statement = SQL(
            """
            SELECT tie.id
              FROM credit_tie tie
             WHERE (tie.partner_id = ANY(%(ids)s) OR tie.other_id = ANY(%(ids)s))
               AND %(place)s AND %(freed)s
            """,
            ids=partners.ids,
            place=self._get_place(company.sudo()),
            freed=self._get_freed(),
        )
        return self.sudo().browse(id_ for (id_,) in self.env.execute_query(statement))

    @api.model
    def _find_documents(self, partners):
        """Return where these contacts ordered or owe: dict from id to head office ids.

        Not the customer they belong to: what names the contact itself.
        """
        found = {partner_id: set() for partner_id in partners.ids}
        if found:
            self.env.flush_all()
            for partner_id, company_id in self.env.execute_query(
                self._get_documents_statement(partners)
            ):
                found[partner_id].add(company_id)
        return found

    def _get_documents_statement(self, partners):
        return SQL(
            """
            SELECT DISTINCT document.partner_id,
                   SPLIT_PART(company.parent_path, '/', 1)::int
              FROM (%s) AS document (partner_id, company_id)
              JOIN res_company company ON company.id = document.company_id
            """,
            SQL(" UNION ALL ").join(self._get_documents_parts(partners.ids)),
        )

    def _get_documents_parts(self, ids):
        """Return the queries of (contact, company) of what a contact ordered or owes.

        A cart that nobody confirmed is no order, where there is a shop.
        """
        has_carts = "website_id" in self.env["sale.order"]._fields
        is_cart = SQL("state = 'draft' AND website_id IS NOT NULL")
        orders = [
            SQL(
                "SELECT %(name)s, company_id FROM sale_order"
                " WHERE %(name)s = ANY(%(ids)s)"
                " AND state != 'cancel' AND NOT (%(is_cart)s)",
                name=SQL.identifier(name),
                ids=ids,
                is_cart=is_cart if has_carts else SQL("FALSE"),
            )
            for name in ORDER_CONTACTS
        ]
        return [
            *orders,
            SQL(
                "SELECT partner_id, company_id FROM account_move"
                " WHERE partner_id = ANY(%s) AND state != 'cancel'"
                " AND move_type IN ('out_invoice', 'out_refund', 'out_receipt')",
                ids,
            ),
            SQL(
                "SELECT item.partner_id, item.company_id FROM account_move_line item"
                " JOIN account_account account ON account.id = item.account_id"
                " WHERE item.partner_id = ANY(%s) AND item.parent_state = 'posted'"
                " AND item.reconciled IS NOT TRUE"
                " AND account.account_type = 'asset_receivable'",
                ids,
            ),
            SQL(
                "SELECT partner_id, company_id FROM account_payment_return_line"
                " WHERE partner_id = ANY(%s) AND state = 'confirmed'",
                ids,
            ),
        ]

    # === WRITING: TRUSTED === #

    @api.model
    def _tie(self, pairs):
        """Let contacts answer for customers, from now on.

        :param pairs: set of ids (contact, customer, head office)
        :return: the ties that were not there, or that a decision had undone
        """
        vals = {"is_former": True, "is_freed": False}
        there = self._search_pairs(pairs)
        renewed = there.filtered(lambda tie: not tie.is_former or tie.is_freed)
        renewed.write(vals)
        new = pairs - set(there._get_pairs())
        names = ("partner_id", "other_id", "company_id")
        created = there.create(
            [{**dict(zip(names, pair, strict=True)), **vals} for pair in sorted(new)]
        )
        if renewed or created:
            self.env["res.partner"]._forget_credit_kin()
        return renewed + created

    @api.model
    def _free(self, pairs, reason):
        """Keep a credit manager's decision that these are not the same customers."""
        there = self._search_pairs(pairs)
        missing = pairs - set(there._get_pairs())
        names = ("partner_id", "other_id", "company_id")
        there += there.create(
            [dict(zip(names, pair, strict=True)) for pair in sorted(missing)]
        )
        for tie in there:
            tie.write(
                {
                    "is_freed": True,
                    "reason": reason,
                    "decided_by_id": self.env.uid,
                    "decided_on": fields.Datetime.now(),
                    "decided_keys": tie.partner_id._get_credit_keys(),
                }
            )
        self.env["res.partner"]._forget_credit_kin()

    def _take_back(self, reason):
        """End these decisions: the customers answer for each other again."""
        self.write(
            {
                "is_freed": False,
                "reason": reason,
                "decided_by_id": self.env.uid,
                "decided_on": fields.Datetime.now(),
                "decided_keys": False,
            }
        )
        self.env["res.partner"]._forget_credit_kin()

    def _search_pairs(self, pairs):
        """Return the ties between these, in sudo."""
        partner_ids = [partner_id for partner_id, *_rest in pairs]
        ties = self.sudo().search([("partner_id", "in", partner_ids)])
        return ties.filtered(lambda tie: tie._get_pairs()[0] in pairs)

    def _get_other(self, partners):
        """Return who stands opposite these partners in this tie, or nobody."""
        if self.partner_id in partners:
            return self.other_id
        return self.partner_id if self.other_id in partners else partners.browse()

    def _get_pairs(self):
        return [(t.partner_id.id, t.other_id.id, t.company_id.id) for t in self]

    def _tell_managers(self):
        """Say on the contacts that they went on being asked about, and why."""
        for tie in self:
            partner, other = tie.partner_id, tie.other_id
            restricted = (
                other._get_own_blocks()
                or other._get_credit_limit_details(tie.company_id)[other.id].amount
            )
            if restricted:
                partner._ask_credit_manager(
                    tie.company_id,
                    lambda env, partner=partner, other=other: env._(
                        "%(partner)s belongs to %(other)s no more, but ordered or owes"
                        " something from that time: the credit blocks and the limit of"
                        " %(other)s go on counting. If it has nothing to do with it,"
                        " say on its form that it is another customer.",
                        partner=partner.name,
                        other=other.name,
                    ),
                )
