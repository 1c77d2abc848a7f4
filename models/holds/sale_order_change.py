"""A confirmed order that is changed: asked anew about what nobody has decided on."""

from odoo import SUPERUSER_ID, models
from odoo.exceptions import UserError

from .. import planned
from ..call_marks import WORK_DONE


class SaleOrder(models.Model):
    _inherit = "sale.order"  # pylint: disable=consider-merging-classes-inherited

    def _take_confirmed_fingerprints(self, vals=None):
        """Return a dict from confirmed order to its fingerprint before a change.

        :param vals: the change; none of it may matter
        """
        if vals is not None and not self._get_watched_names(self._name) & set(vals):
            return {}
        confirmed = self.sudo().filtered(lambda order: order.state == "sale")
        return {order: order._take_fingerprint() for order in confirmed}

    def _check_confirmed_change(self, before):
        """Raise UserError when a confirmed order became one that nobody let through.

        A change for the better, or that has nothing to do with credit, is never asked.
        An order that nobody looked at before counts as changed. What follows from work
        that was done goes through, with a note.

        :param dict before: order to its fingerprint before the change
        """
        changed = self.sudo().filtered(
            lambda order: (
                order.state == "sale"
                and not (
                    order in before
                    and order._is_decided_on(before[order], order._take_fingerprint())
                )
            )
        )
        found = changed.with_env(self.env)._find_open_reasons(
            self._get_lasting_reasons(), running=True
        )
        for order, findings in found.items():
            if WORK_DONE.get(self.env):
                order._note_work_done(findings)
                continue
            raise UserError(
                self._get_credit_refusal_text(
                    self.env._(
                        "The confirmed order %s cannot be changed in this way. Undo the"
                        " change, or cancel the order, set it to quotation and confirm"
                        " it again, to hand it over.",
                        order.name,
                    ),
                    self._get_reasons_text(
                        findings, order.company_id._get_hold_decider_hint()
                    ),
                )
            )

    def _note_work_done(self, findings):
        """Tell who decides of what would have been refused to a person; for sudo.

        The order keeps a note of each time, and one open activity.
        """
        self.ensure_one()
        notes = self.env["credit.document.note"]
        reasons = self._get_finding_texts(findings)
        text = self.env._(
            "Work that was done has changed the confirmed order, which would have to be"
            " decided on. It went through, and counts in what the customer owes:"
        )
        note = notes._get_body([text, *reasons])
        order = self.with_user(SUPERUSER_ID)
        order.message_post(body=note, subtype_id=notes._get_subtype().id)
        deciders = self.company_id._get_hold_deciders()
        decider = deciders.filtered(lambda user: notes._may_look_at(user, self))[:1]
        activity_type = "account_credit_block.mail_activity_type_work_done"
        if decider and not order.activity_search([activity_type]):
            planned.schedule(order, activity_type, user_id=decider.id, note=note)
