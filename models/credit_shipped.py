from odoo import api, models


class CreditShipped(models.AbstractModel):
    """What comes with the addon as a start, and is the office's from then on.

    An update of the addon adds what is new, and changes nothing that is there. What
    somebody has entered before it is shipped is that one.
    """

    _name = "credit.shipped"
    _description = "Shipped as a Start"

    # The field by which two are the same.
    _shipped_key = None

    @api.model
    def _load_records(self, data_list, update=False):
        """Override of `base`: the updates to come write nothing that is there."""
        if self._is_shipping():
            data_list = [{**data, "noupdate": True} for data in data_list]
        return super()._load_records(data_list, update)

    @api.model
    def _load_records_create(self, vals_list):
        """Override of `base`: what somebody has entered already is not there twice."""
        if not self._is_shipping():
            return super()._load_records_create(vals_list)
        key, everything = self._shipped_key, self.with_context(active_test=False)
        field = self._fields[key]
        shipped = {field.convert_to_cache(vals[key], self): vals for vals in vals_list}
        found = everything.search([(key, "in", list(shipped))]).grouped(key)
        for value, record in found.items():
            record._take_shipped(shipped[value])
        new = [vals for value, vals in shipped.items() if value not in found]
        found |= super()._load_records_create(new).grouped(key)
        return self.concat(*(found[value] for value in shipped))

    def _is_shipping(self):
        """Say whether an addon is being installed or updated."""
        return bool(self.env.context.get("install_module"))

    def _take_shipped(self, vals):
        """Hook for what is shipped after it was entered: it stays as it is.

        :param vals: as it is shipped
        """
