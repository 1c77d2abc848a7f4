from odoo import fields, models
from odoo.fields import NO_ACCESS


class MailActivity(models.Model):
    _inherit = "mail.activity"

    told_return_id = fields.Many2one(
        "account.payment.return",
        copy=False,
        ondelete="cascade",
        index="btree_not_null",
        groups=NO_ACCESS,
        help="Of which return a salesperson is told by it.",
    )
