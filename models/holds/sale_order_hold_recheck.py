"""Looking again whether held orders still have to wait."""

from odoo import models
from odoo.exceptions import AccessError, UserError

from .. import notification

# How many orders that wait still are named, and why they do.
MOST_NAMED = 5


class SaleOrderHold(models.Model):
    _inherit = "sale.order.hold"  # pylint: disable=consider-merging-classes-inherited

    def action_recheck(self):
        """Let those of these orders go on whose reasons are gone, and tell how many.

        :return: a notification
        :raises AccessError: for who may not decide on them
        :raises UserError: without any
        """
        self.check_access("read")
        self._check_decider()
        self._check_selected()
        return self._recheck()

    def _recheck(self):
        """Let the orders go on whose reasons are gone; nobody decides anything.

        :return: a notification that tells how many went on, and why others wait still
        """
        waiting = self.filtered(lambda hold: hold.sudo().state == "held")
        today = waiting._find_reasons_today()
        gone = waiting.filtered(lambda hold: not today[hold.sudo()])
        objections = gone._try_to_go_on() if gone else {}
        went = gone - self.browse().union(*objections)
        return self._get_rechecked_action(went, waiting - went, objections)

    def _try_to_go_on(self):
        """Let orders go on together, or each alone when one of them objects.

        :return: a dict from hold to what it objected
        """
        try:
            with self.env.cr.savepoint():
                self._lock_waiting()
                reason = self.env._("The reasons to hold the order are gone.")
                self._let_go(reason, self._take_shown())
        except AccessError:
            raise
        except UserError as error:
            if len(self) == 1:
                return {self: error.args[0]}
            objections = {}
            for hold in self:
                objections.update(hold._try_to_go_on())
            return objections
        return {}

    def _get_rechecked_action(self, went, waiting, objections):
        """Tell what became of orders that were looked at again.

        :param went: holds that were let go
        :param waiting: holds that wait still
        :param dict objections: why some of them do, by hold
        """
        lines = [self._get_rechecked_text(went, waiting)]
        lines += filter(None, [hold._get_stopped_text() for hold in went])
        for hold in waiting[:MOST_NAMED]:
            text = objections.get(hold) or hold._get_waiting_text()
            name = hold.sudo().order_id.name
            lines.append(self.env._("%(order)s: %(text)s", order=name, text=text))
        if len(waiting) > MOST_NAMED:
            lines.append(self.env._("… and %s more.", len(waiting) - MOST_NAMED))
        return notification.tell("\n".join(lines), "warning" if waiting else "success")

    def _get_rechecked_text(self, went, waiting):
        """Return how many orders went on, wait still, or were decided on meanwhile."""
        decided = self - went - waiting
        return ", ".join(
            [
                self.env._("%s let go", len(went)),
                self.env._("%s still held", len(waiting)),
                *(
                    [self.env._("%s decided meanwhile", len(decided))]
                    if decided
                    else []
                ),
            ]
        )
