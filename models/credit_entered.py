from odoo import api, models
from odoo.exceptions import UserError

from . import acting


class CreditEntered(models.AbstractModel):
    """What buttons and the system fill in, and nobody enters.

    That is found by its definition: stored, readonly where it is declared and not
    computed; but for the chatter and the activities, which go on.
    """

    _name = "credit.entered"
    _inherit = ["credit.reach"]
    _description = "What Nobody Enters"

    @api.model
    def _get_living_fields(self):
        """Return what goes on after a document is done: chatter and activities."""
        mixins = ("mail.thread.main.attachment", "mail.activity.mixin")
        return set().union(*(self.env[name]._fields for name in mixins))

    def _get_fields_not_entered(self):
        """Return the fields that nobody enters, by their definition."""
        living = self._get_living_fields()
        return {
            name
            for name, field in self._fields.items()
            if field.readonly
            and not field.compute
            and name not in models.MAGIC_COLUMNS
            and name not in living
        }

    def _check_not_entered(self, names):
        """Raise UserError if a person enters what documents get by themselves."""
        if acting.is_system(self.env):
            return
        entered = self._get_fields_not_entered().intersection(names)
        if entered:
            raise UserError(self._get_entered_refusal(entered))

    def _get_elsewhere_text(self, companies):
        """Return that something is of companies that the user did not select.

        :param companies: not empty
        """
        return self.env._(
            "Some lines are of %(companies)s. Select it in the company menu too, or ask"
            " somebody who works there.",
            companies=", ".join(companies.sudo().mapped("name")),
        )

    def _get_entered_refusal(self, names):
        """Return why some fields are not entered, and what to do instead."""
        raise NotImplementedError

    @api.model
    def _get_kept_text(self, name):
        """Return why a file stays as it is.

        :param name: of the file
        """
        return self.env._(
            "%s is what the bank was sent, or has sent: it stays as it is. Attach a new"
            " file beside it.",
            name,
        )

    @api.model
    def _filter_kept(self, attachments):
        """Of attachments of such documents, return those that nobody changes."""
        names = self._get_fields_not_entered()
        return attachments.filtered(lambda each: each.res_field in names)
