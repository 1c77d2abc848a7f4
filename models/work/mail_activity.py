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

    def _action_done(self, feedback=False, attachment_ids=None):
        """Override of `mail`: the customer's chatter, which all employees read, does
        not repeat what came back.
        """
        notes = {each: each.note for each in self.sudo().filtered("told_return_id")}
        self.browse().union(*notes).sudo().note = False
        result = super()._action_done(feedback=feedback, attachment_ids=attachment_ids)
        for activity, note in notes.items():
            activity.exists().note = note
        return result
