from odoo import models


class AccountDocumentImportMixin(models.AbstractModel):
    _inherit = "account.document.import.mixin"

    def _extend_with_attachments(self, files_data, new=False):
        """Override of `account`: a document that is read from a file is filled in.

        An electronic order brings its currency, which no form lets anybody enter. The
        fields are chosen by Odoo's decoders, only their values by the file.
        """
        with self.env["credit.entry.guard"]._filling_in_by_odoo():
            return super()._extend_with_attachments(files_data, new=new)
