from odoo import api, fields, models
from odoo.tools import SQL


class CreditExposureLock(models.Model):
    """Makes those who confirm for one customer at once come one after the other.

    Odoo's transactions are REPEATABLE READ: who only waits for a locked row goes on
    with what was true before. Each transaction changes the row instead, so that the
    second one fails to serialize and Odoo replays it, seeing the first.
    """

    _name = "credit.exposure.lock"
    _description = "Credit Exposure Lock"
    _log_access = False

    partner_id = fields.Many2one("res.partner", required=True, ondelete="cascade")
    company_id = fields.Many2one(
        "res.company", required=True, ondelete="cascade", index=True
    )
    counter = fields.Integer(
        required=True,
        help="How many transactions took the lock; only its change matters.",
    )

    _partner_company_uniq = models.UniqueIndex("(partner_id, company_id)")

    @api.model
    def _take(self, partners, company):
        """Wait for whoever confirms for these customers, until this transaction ends.

        :param partners: commercial partners
        :param company: a `res.company`; its whole tree is locked, like the exposure
        :raises SerializationFailure: when another transaction took it meanwhile; Odoo
            replays requests and jobs by itself
        """
        if partners:
            customers = SQL("SELECT UNNEST(%s)", partners.ids)
            self.env.cr.execute(self._get_taking(customers, company))

    @api.model
    def _get_taking(self, customers, company):
        """Return the `SQL` that does that, for a statement to do it by the way.

        In one order, whoever takes them: nobody waits in a circle.

        :param customers: `SQL` of a query of ids, each once
        """
        return SQL(
            """
            INSERT INTO credit_exposure_lock AS lock
                        (partner_id, company_id, counter)
                 SELECT customer.id, %(company)s, 1
                   FROM (%(customers)s) AS customer(id)
               ORDER BY customer.id
            ON CONFLICT (partner_id, company_id)
              DO UPDATE SET counter = lock.counter + 1
            """,
            company=company.sudo().root_id.id,
            customers=customers,
        )
