from contextlib import contextmanager

from odoo import api, models
from odoo.tools.misc import clean_context

from . import acting
from .call_marks import WITHOUT_HABITS


@contextmanager
def without_habits(*recordsets):
    """Within this, what is created takes no defaults of a client or of its user.

    Those that a company has for everybody it takes.

    :param recordsets: of any model; given back without the defaults of the client
    """
    with WITHOUT_HABITS.set(recordsets[0].env):
        yield [
            records.with_env(records.env(context=clean_context(records.env.context)))
            for records in recordsets
        ]


class IrDefault(models.Model):
    """What code puts in the books takes nothing that its user keeps for himself."""

    _inherit = "ir.default"

    @api.model
    def _get_model_defaults(self, model_name, condition=False):
        """Override of `base`: the defaults of all, where those of a user do not count.

        :return: dict from name of field to value
        """
        nobody = acting.as_robot(self) if WITHOUT_HABITS.get(self.env) else self
        return super(IrDefault, nobody)._get_model_defaults(model_name, condition)
