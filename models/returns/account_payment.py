from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from .. import acting, orm_internals
from ..call_marks import BOOKING
from ..reference_form import normal_sql
from . import return_books

# States in which a payment pays nothing.
UNDOING = ("draft", "canceled", "rejected")
# What a collection is called in the file sent to the bank.
PRESENTED_BY = ("end_to_end_id", "collection_batch_id", "collection_message_id")


class AccountPayment(models.Model):
    _name = "account.payment"
    _inherit = ["credit.entry.guard", "account.payment"]

    end_to_end_id = fields.Char(
        string="End-to-End ID",
        copy=False,
        help="What identifies this collection in the bank's files: the end-to-end "
        "identification of a direct debit, or the receipt number of a RiBa.",
    )
    collection_due_date = fields.Date(
        copy=False,
        help="When the bank is to collect it: the due date of the receipt or debit.",
    )
    mandate_reference = fields.Char(
        copy=False,
        help="Unique reference of the direct debit mandate used for the collection.",
    )
    collection_batch_id = fields.Char(
        copy=False,
        help="Identification of the batch in the file sent to the bank (payment "
        "information id): the bank may reject a whole batch.",
    )
    collection_message_id = fields.Char(
        string="Collection File",
        copy=False,
        help="Identification of the file sent to the bank (message id): the bank may "
        "reject a whole file.",
    )
    payment_return_line_ids = fields.One2many(
        "account.payment.return.line", "payment_id", string="Payment Returns"
    )
    payment_return_count = fields.Integer(compute="_compute_payment_return_count")
    can_come_back = fields.Boolean(
        compute="_compute_can_come_back",
        groups="account.group_account_invoice",
        help="It was collected from a customer, and is in no return in whole.",
    )

    # What a bank tells is looked for in the normal form of references. The indexes are
    # of all rows: of partial ones PostgreSQL uses no statistics on an expression.
    _end_to_end_form_idx = models.Index(f"({normal_sql('end_to_end_id')})")
    _mandate_form_idx = models.Index(f"({normal_sql('mandate_reference')})")
    _batch_form_idx = models.Index(f"({normal_sql('collection_batch_id')})")
    _message_form_idx = models.Index(f"({normal_sql('collection_message_id')})")
    _name_form_idx = models.Index(f"({normal_sql('name')})")
    _memo_form_idx = models.Index(f"({normal_sql('memo')})")

    @api.depends("payment_return_line_ids.state", "payment_return_line_ids.match_state")
    def _compute_payment_return_count(self):
        """Count the confirmed returns of each payment, in one query."""
        counts = self.env["account.payment.return.line"]._count_by("payment_id", self)
        for payment in self:
            payment.payment_return_count = counts.get(payment.id, 0)

    # === LOOKED UP FOR A RETURN === #

    @api.depends_context("payment_return_label")
    def _compute_display_name(self):
        """Override of `account`: where a returned payment is picked, say all of it.

        Its number alone tells nobody whose payment it is.
        """
        res = super()._compute_display_name()
        saved = self.filtered("id")
        if saved and self.env.context.get("payment_return_label"):
            home = self.env["account.payment.return.candidate"]
            none = self.env["account.move.line"]
            faces = home._describe((none, payment) for payment in saved)
            for payment in saved:
                payment.display_name = home._say(faces[none, payment])
        return res

    @api.model
    def _search_display_name(self, operator, value):
        """Override of `base`: and there it is found by all that is said."""
        wanted = operator == "ilike" and isinstance(value, str) and value.strip()
        if not (wanted and self.env.context.get("payment_return_label")):
            return super()._search_display_name(operator, value)
        return self.env["account.payment.return.candidate"]._get_domain(value)

    @api.model
    def name_search(self, name="", domain=None, operator="ilike", limit=100):
        """Override of `base`: and those of the bank that sent the return back first.

        Only those, where there are any: others are collected for it on a journal of
        their own.
        """
        bank = self.env.context.get("payment_return_bank")
        if type(bank) is int:
            of_bank = Domain(domain or []) & Domain("journal_id", "=", bank)
            found = super().name_search(name, of_bank, operator, limit)
            if found:
                return found
        return super().name_search(name, domain, operator, limit)

    @api.depends("state", "amount", "payment_return_line_ids.state")
    def _compute_can_come_back(self):
        """Whether a return of each payment can be registered."""
        left = self.env["account.payment.return.left"]
        targets = left._find_targets(self._origin)
        free = {
            payment: amount
            for (_item, payment), amount in left._find_free(targets).items()
        }
        for payment in self:
            payment.can_come_back = free.get(payment._origin, 0.0) > 0

    def _is_presented(self):
        """Whether a file presented it to the bank: by what it is called there."""
        return any(self[name] for name in PRESENTED_BY)

    @api.model
    def _get_presented_sql(self, alias):
        """The same as a condition of SQL, on an alias of the payments' table."""
        names = (SQL.identifier(alias, name) for name in PRESENTED_BY)
        return SQL("(CONCAT(%s) != '')", SQL(", ").join(names))

    def _may_pay(self, item):
        """Whether a payment without an entry is meant for an item: of its invoices.

        For a room that knows which of their instalments it is.
        """
        self.ensure_one()
        return item.move_id in self.invoice_ids

    def _get_receivable_item(self):
        """Return the receivable item of the payment's entry, if it has one."""
        return self.move_id.line_ids.filtered(
            lambda item: item.account_type == "asset_receivable"
        )[:1]

    def _get_waiting(self):
        """Return the items of a payment's entry that wait for the bank."""
        return self.move_id.line_ids.filtered(
            lambda item: (
                item.account_id == self.outstanding_account_id and item.balance > 0
            )
        )

    # === GUARDS === #

    def write(self, vals):
        """Override of `account`: a payment that came back stays as it is.

        :raises UserError: to who changes one, but its return
        """
        is_code = acting.is_system(self.env) or orm_internals.is_assigned_by_name()
        living = self.env["credit.entered"]._get_living_fields()
        living |= {"is_sent", "memo", "state"}
        # By its references and its account later files are known.
        is_entered = not (is_code or vals.keys() <= living)
        changed = self if is_entered else self._filter_changed(vals)
        changed._check_not_fixed()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_fixed(self):
        self._check_not_fixed()

    def _filter_changed(self, vals):
        """Return the payments of which these values change what a return stands on.

        A payment without an entry pays its invoices by its mere state.
        """
        entered = not acting.is_system(self.env)
        if entered and not self._get_kept_fields().isdisjoint(vals):
            return self
        state = vals.get("state")
        if not state:
            return self.browse()
        return self.filtered(
            lambda payment: (
                payment.state != state
                and (state in UNDOING or payment.state == "rejected")
            )
        )

    def _get_kept_fields(self):
        """Return what makes a payment what it is, as core says for its entry."""
        return {"move_id", *self._get_trigger_fields_to_synchronize()}

    def _check_not_fixed(self):
        """Raise UserError for payments that came back, but to their return.

        For a room in which something else stands on them, too.
        """
        if BOOKING.get(self.env):
            return
        line = return_books.find_came_back(self, "payment_id")
        if line:
            line.payment_id.sudo(self.env.su).check_access("write")
            raise UserError(return_books.get_refusal(line.payment_id, line))

    # === ACTIONS === #

    def action_open_payment_returned(self):
        """Open the dialog in which a return of these payments is registered.

        :return: a window action
        :raises AccessError: to who does not keep the books
        :raises UserError: when none can come back
        """
        self.check_access("read")
        targets = self.env["account.payment.return.left"]._find_targets(self)
        dialog = self.env["account.payment.return.register"]
        return dialog._open(
            [target for target in targets if target[1] in self], is_several=True
        )

    def action_open_payment_returns(self):
        """Open the returns of these payments (smart button).

        :return: a window action
        :raises AccessError: to who may not see the payments
        """
        self.check_access("read")
        return self.payment_return_line_ids.return_id._get_records_action(
            name=self.env._("Payment Returns")
        )
