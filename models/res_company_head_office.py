"""What counts in a branch: what its head office says, or what is stricter."""

from odoo import api, models

# How much a hand-over hides, from the least.
HANDOVERS = ("visible", "silent", "hidden")


def _lowest_of_some(values):
    """Of numbers where zero is none at all: no warning, no end."""
    return min(filter(None, values), default=0)


def _most_important(levels):
    """Of block levels, those that nobody chose left out."""
    chosen = [level for level in levels if level]
    if len(chosen) == 1:
        # Which it is need not be read.
        return chosen[0]
    return max(chosen, key=lambda lv: (lv.sequence, lv.id), default=levels[0])


STRICTEST = {
    "credit_block_on_return": any,
    "credit_block_return_level_id": _most_important,
    # Switched off, what says hold is refused: nothing is stricter.
    "credit_hold_level": all,
    "credit_hold_limit": any,
    "credit_hold_limit_tolerance": min,
    "credit_hold_limit_warning": _lowest_of_some,
    "credit_hold_prepaid_exempt": all,
    "credit_hold_terms": any,
    "credit_hold_terms_days": min,
    "credit_hold_handover": lambda values: max(values, key=HANDOVERS.index),
    "credit_hold_four_eyes": any,
    "credit_hold_release_days": _lowest_of_some,
}
SWITCHES = {
    "credit_block_return_level_id": "credit_block_on_return",
    "credit_hold_limit_tolerance": "credit_hold_limit",
    "credit_hold_limit_warning": "credit_hold_limit",
    "credit_hold_prepaid_exempt": "credit_hold_limit",
    "credit_hold_terms_days": "credit_hold_terms",
}


class ResCompany(models.Model):
    _inherit = "res.company"  # pylint: disable=consider-merging-classes-inherited

    @api.model_create_multi
    def create(self, vals_list):
        """Override of `base`: a new branch begins with what its head office says.

        :raises AccessError: to who may create no company
        """
        self.browse().check_access("create")
        for vals in vals_list:
            parent = self.browse(vals.get("parent_id") or ()).sudo()
            for name in self._get_strictest() if parent else ():
                value = self._fields[name].convert_to_write(parent[name], parent)
                vals.setdefault(name, value)
        return super().create(vals_list)

    @api.model
    def _get_strictest(self):
        """Return the strictest of several values of a setting, by its field.

        To be extended by what adds settings.

        :return: a dict of functions that take the values
        """
        return STRICTEST

    @api.model
    def _get_setting_switches(self):
        """Return the switch without which a setting means nothing, by its field.

        Who has it off says nothing of the setting. To be extended.
        """
        return SWITCHES

    def _get_credit_setting(self, name):
        """Return the value of a setting of credit control that counts in this company.

        The exposure is that of the head office with all its branches: what one of them
        says binds those below. A branch may be stricter, never looser.

        :param str name: a field, one of `_get_strictest`
        """
        self.ensure_one()
        offices = self._get_deciding(name) or self.sudo()
        return self._get_strictest()[name]([office[name] for office in offices])

    def _get_deciding(self, name):
        """Return this company and those above it that have a say in a setting."""
        offices = self.sudo().parent_ids or self.sudo()
        switch = self._get_setting_switches().get(name)
        return offices.filtered(switch) if switch else offices

    def _get_imposed_credit_settings(self):
        """Return the names of the settings that count otherwise than this company says.

        Those without the switch that they belong to are not told apart.
        """
        self.ensure_one()
        company = self.sudo()
        switches = self._get_setting_switches()
        return [
            name
            for name in self._get_strictest()
            if company._get_credit_setting(name) != company[name]
            and (name not in switches or company._get_credit_setting(switches[name]))
        ]
