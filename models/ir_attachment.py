from odoo import api, models
from odoo.exceptions import UserError

from . import acting


class IrAttachment(models.Model):
    """The files of documents of credit control, which are evidence, stay."""

    _inherit = "ir.attachment"  # pylint: disable=consider-merging-classes-inherited

    @api.model_create_multi
    def create(self, vals_list):
        """Override of `base`: nobody puts another file in the place of one.

        :raises UserError: to who does
        """
        attachments = super().create(vals_list)
        attachments.filtered("res_field")._check_not_kept()
        return attachments

    def write(self, vals):
        """Override of `base`: what is kept stays as it is.

        :raises UserError: to who changes it, or puts another file in its place
        """
        self._check_not_kept()
        res = super().write(vals)
        if not {"res_field", "res_id", "res_model"}.isdisjoint(vals):
            self.filtered("res_field")._check_not_kept()
        return res

    def _delete_and_notify(self, message=None):
        """Override of `mail`: the chatter deletes as system what a person points at.

        :raises UserError: for what is kept
        """
        self._check_not_kept(is_asked=True)
        return super()._delete_and_notify(message)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_kept(self):
        self._check_not_kept()

    def _check_not_kept(self, is_asked=False):
        """Raise UserError to a person, for files that are kept.

        :param is_asked: a person asks for it, though the system acts
        """
        if acting.is_system(self.env) and not is_asked:
            return
        for model, attachments in self.sudo().grouped("res_model").items():
            home = self.env[model] if model in self.env else self.env["base"]
            if hasattr(home, "_filter_kept"):
                kept = home.sudo()._filter_kept(attachments)[:1]
                if kept:
                    raise UserError(home._get_kept_text(kept.name))
