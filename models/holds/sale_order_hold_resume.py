"""How released orders go on: each by itself, and as it was shown."""

from odoo import models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_amount


class OrderChangedError(UserError):
    """An order became another one while it was confirmed."""

    def __init__(self, message, shown):
        """Keep what the order became.

        :param dict shown: as in `_take_shown`, with what was shown before as ``before``
        """
        super().__init__(message)
        self.shown = shown


class SaleOrderHold(models.Model):
    _inherit = "sale.order.hold"  # pylint: disable=consider-merging-classes-inherited

    # === CONFIRMING === #

    def _resume(self, shown):
        """Confirm the released orders as they would have been without the hold.

        What was asked for as a quotation goes on as one, by its salesperson. One that
        another app stops does not stop the others, and says so.

        :param dict shown: what the release covers, see `_take_shown`
        :raises OrderChangedError: for one that is not what was shown any more
        :raises UserError: for what Odoo or a reason to hold it does not let be
            confirmed
        """
        # Who has the orders checked again may not read the holds.
        holds = {hold.order_id.id: hold for hold in self.sudo()}
        confirmed = self.filtered(lambda hold: not hold.sudo().is_for_quotation)
        for orders in confirmed._get_orders_to_act_on() if confirmed else ():
            with orders._share_confirmation_check():
                for order in orders:
                    hold = holds[order.id]
                    hold._confirm_order(order, shown[str(hold.id)])

    def _get_orders_to_act_on(self):
        """Return the orders of these holds, those apart that only the system may write.

        Who decides at the head office does not work in the branch; the decision was
        checked, and goes on in the name of who took it.

        :return: a list of `sale.order` records, none of them empty
        """
        orders = self.sudo().order_id.with_env(self.env)
        own = orders._filtered_access("write")
        others = [
            order.sudo().with_company(order.sudo().company_id) for order in orders - own
        ]
        return [own, *others] if own else others

    def _confirm_order(self, order, shown):
        """Confirm one order in the name of who decided; for sudo.

        What another app objects does not undo the release: the order says what it is.
        """
        try:
            with self.env.cr.savepoint():
                question = self._try_to_confirm(order, shown)
        except (AccessError, OrderChangedError):
            raise
        except UserError as error:
            if self._is_refused_here(order):
                raise
            self.stopped_by = error.args[0]
            return
        if order.state != "sale":
            self.stopped_by = self._get_question(order, question)
        elif self.is_from_customer:
            order.sudo().transaction_ids._resume_invoicing()

    def _try_to_confirm(self, order, shown):
        """Return what confirming an order answers.

        :raises OrderChangedError: if it is refused since it is another order by then
        """
        lines = _take_line_totals(order)
        try:
            _bring_rewards_up_to_date(order)
            return order.with_context(send_email=self.is_from_customer).action_confirm()
        except UserError as error:
            self._check_still_same_order(order, shown, lines, error)
            raise

    def _is_refused_here(self, order):
        """Say whether it is Odoo or this addon that does not let an order be sold."""
        return bool(
            order._get_core_confirmation_errors()
            or order._find_open_reasons(running=True)
        )

    def _check_still_same_order(self, order, shown, lines, error):
        """Raise OrderChangedError if an order changed while it was confirmed.

        :param dict shown: the order as it was shown
        :param dict lines: its lines then, see `_take_line_totals`
        :param error: what was objected to the changed order
        """
        order = order.sudo()
        now = order._take_fingerprint()
        if order._is_decided_on(shown["order"], now):
            return
        found = order._find_hold_reasons().get(order, ())
        changed = {
            "order": now,
            "reasons": {finding.code: finding.data for finding in found},
            "before": shown.get("before") or shown,
        }
        text = self._get_changed_text(order, lines, changed["reasons"])
        raise OrderChangedError(text, {str(self.id): changed}) from error

    # === TEXTS === #

    def _get_changed_text(self, order, lines, reasons):
        """Return what became of an order while it was confirmed, with its new total.

        :param dict lines: see `_check_still_same_order`
        :param dict reasons: data of what holds it now, by code
        """
        now = _take_line_totals(order)
        changes = [
            f"{name}: {amount}"
            for name, amount in _compare_line_totals(order, lines, now)
        ]
        text = self.env._(
            "%(order)s has changed while it was confirmed, as it does on its own form:"
            " its total is %(total)s now. It waits still. Release it again to release"
            " that.",
            order=order.name,
            total=format_amount(self.env, order.amount_total, order.currency_id),
        )
        details = [
            order._get_hold_reason(code).get_detail(self.env, data)
            for code, data in reasons.items()
        ]
        return "\n".join([text, *changes, *details])

    def _get_question(self, order, question):
        """Return what another app asks instead of confirming; empty if it says none."""
        names = []
        if "exception_ids" in order._fields:  # of OCA's exceptions
            names = order.sudo().exception_ids.mapped("display_name")
        if isinstance(question, dict) and question.get("name"):
            names.insert(0, question["name"])
        return ", ".join(names)


def _bring_rewards_up_to_date(order):
    """Do first what Odoo's promotions do on confirming: they end, and are used up.

    They refuse a reward that is used up before they take it away.
    """
    if hasattr(order, "_update_programs_and_rewards"):
        order._update_programs_and_rewards()


def _take_line_totals(order):
    """Return a dict from line id to pairs of its name and total, for comparing."""
    return {
        line.id: (line.name.split("\n")[0], line.price_total)
        for line in order.sudo().order_line
        if not line.display_type
    }


def _compare_line_totals(order, before, now):
    """Yield pairs of the name and the totals, then and now, of what has changed."""
    currency = order.currency_id
    gone = ("", 0.0)
    for line_id in {**before, **now}:
        old, new = before.get(line_id, gone), now.get(line_id, gone)
        if currency.compare_amounts(old[1], new[1]):
            amounts = (format_amount(order.env, a, currency) for a in (old[1], new[1]))
            yield new[0] or old[0], " → ".join(amounts)
