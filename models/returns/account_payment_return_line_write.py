"""What leans on the ORM's internals, as they are in Odoo 19.0."""

from odoo import api, models


class AccountPaymentReturnLine(models.Model):
    """Many lines written at once.

    A thousand calls of `write` would check access and company a thousand times: that
    is most of the time of an import.
    """

    _inherit = "account.payment.return.line"

    @api.model
    def _write_values(self, values):
        """Write different values on each line, with the checks made once.

        :param values: dict from line to its values
        """
        lines = self.union(*values)
        lines.check_access("write")
        names = list({name for of_line in values.values() for name in of_line})
        fields_ = [lines._fields[name] for name in names]
        computed = [field for field in fields_ if field.compute]
        with self.env.protecting(computed, lines):
            for line, of_line in values.items():
                for name, value in of_line.items():
                    lines._fields[name].write(line, value)
            lines.modified(names)
        lines._check_company(names)
        lines._check_companies()

    @api.model
    def _write_links(self, field_name, commands):
        """Write a many2many field of many lines by one INSERT, not one a line.

        :param commands: list of (line, commands of the field)
        """
        self._fields[field_name].write_batch(commands)
        self.union(*(line for line, _commands in commands)).modified([field_name])
