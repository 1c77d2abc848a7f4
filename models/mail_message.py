from odoo import api, models
from odoo.exceptions import UserError

from . import acting, orm_internals

# What people write, and may take back.
OF_PEOPLE = {"comment", "email"}


class MailMessage(models.Model):
    """What Odoo has noted on documents of ours is evidence, and so are its mails."""

    _inherit = "mail.message"  # pylint: disable=consider-merging-classes-inherited

    def write(self, vals):
        """Override of `mail`: what Odoo has noted stays as it is.

        :raises UserError: to a person who changes it
        """
        # Who may not read it learns nothing of where it stands.
        self.check_access("write")
        self._check_not_noted()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_noted(self):
        self._check_not_noted()

    def _check_not_noted(self):
        """Raise UserError to a person, for what Odoo has noted on a document of ours.

        Deleted with the document, or taken back by who wrote it himself, it goes.
        """
        if acting.is_system(self.env):
            return
        noted = self.sudo().filtered(
            lambda message: (
                message.message_type not in OF_PEOPLE
                and message.model in self.env
                and orm_internals.is_own_model(self.env[message.model])
            )
        )
        if noted:
            raise UserError(
                self.env._(
                    "What Odoo has noted on %s stays as it is. Add a note of your own.",
                    noted[0].record_name or noted[0].model,
                )
            )
