from dataclasses import replace

from odoo import api, models


class AccountPaymentReturnLeft(models.AbstractModel):
    _inherit = "account.payment.return.left"

    @api.model
    def _find_entries(self, items):
        """Override: an entry of OCA's return is called by the return, which people see.

        One more query, where there are entries.
        """
        found = super()._find_entries(items)
        ids = {entry.item_id for entries in found.values() for entry in entries}
        names = self._get_return_names(ids) if ids else {}
        return {
            item_id: [
                replace(entry, name=names.get(entry.item_id, entry.name))
                for entry in entries
            ]
            for item_id, entries in found.items()
        }

    def _get_return_names(self, item_ids):
        """Return what the items of OCA's returns are called.

        :return: dict from id of an item to a name
        """
        # In sudo: also of what the user does not see, as the entries are.
        found = self.env["payment.return"].sudo()
        found = found.search([("move_id.line_ids", "in", list(item_ids))])
        return {
            item_id: self.env._("Customer Payment Return %s", source.name)
            for source in found
            for item_id in source.move_id.line_ids.ids
        }
