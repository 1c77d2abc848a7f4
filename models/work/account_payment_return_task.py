from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from .. import acting, labels, read_fields
from ..collections.account_move_line import READ_FIELDS as PRESENTED_FIELDS
from ..returns.account_payment_return_reason import NEXT_STEPS

# What the statement reads, to be written to the database before it.
READ_FIELDS = {
    "account.move.line": ["parent_state", "reconciled"],
    "account.payment.return.line": ["invoice_line_ids", "state"],
    "account.payment.return.task": ["done_on", "return_line_id"],
}
TODO = "todo"


class AccountPaymentReturnTask(models.Model):
    """What is to be done about one collection that came back.

    It is done when somebody says so. It ends by itself when nothing of what the
    collection had paid is open any more: that is looked up and not kept, so that it is
    to be done again where a payment is undone.
    """

    _name = "account.payment.return.task"
    _description = "Return to Work"
    _inherit = [
        "credit.entered",
        "credit.entry.guard",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _order = "date_deadline, id"

    return_line_id = fields.Many2one(
        "account.payment.return.line",
        string="Returned Collection",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )
    return_id = fields.Many2one(related="return_line_id.return_id")
    company_id = fields.Many2one(
        related="return_line_id.company_id", store=True, precompute=True, index=True
    )
    commercial_partner_id = fields.Many2one(
        related="return_line_id.commercial_partner_id",
        store=True,
        precompute=True,
        index=True,
        string="Customer",
    )
    phone = fields.Char(related="commercial_partner_id.phone")
    reason_id = fields.Many2one(
        related="return_line_id.reason_id", store=True, precompute=True
    )
    amount = fields.Monetary(related="return_line_id.amount")
    currency_id = fields.Many2one(related="return_line_id.currency_id")
    return_date = fields.Date(related="return_line_id.return_date")
    journal_id = fields.Many2one(related="return_line_id.journal_id")
    invoice_ids = fields.Many2many(
        "account.move", string="Invoices", compute="_compute_invoice_ids"
    )
    step = fields.Selection(
        selection=NEXT_STEPS,
        string="Next Step",
        compute="_compute_step",
        store=True,
        precompute=True,
        readonly=False,
        required=True,
        tracking=True,
        help="As the reason of the return says, until somebody chooses another one.",
    )
    responsible_id = fields.Many2one(
        "res.users",
        index="btree_not_null",
        tracking=True,
        domain=lambda self: self._get_responsible_domain(),
    )
    date_deadline = fields.Date(
        string="To Do By",
        required=True,
        default=lambda self: self.env.company._get_credit_today(),
        tracking=True,
    )
    done_on = fields.Datetime(readonly=True, copy=False)
    done_by_id = fields.Many2one("res.users", readonly=True, copy=False, tracking=True)
    state = fields.Selection(
        selection=[(TODO, "To Do"), ("done", "Done")],
        string="Status",
        compute="_compute_state",
        search="_search_state",
    )
    ending = fields.Selection(
        selection=[
            ("by_hand", "Marked as done"),
            ("settled", "Paid or credited"),
            ("presented", "Presented again"),
            ("again", "Came back again"),
            ("cancelled", "Return cancelled"),
        ],
        string="Ended",
        compute="_compute_state",
        search="_search_ending",
    )

    _return_line_uniq = models.UniqueIndex(
        "(return_line_id)", "What came back is worked once."
    )

    # === COMPUTES === #

    @api.depends("return_line_id.invoice_ids")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_invoice_ids(self):
        """The invoices that are open again, which the user may see."""
        invoices = self.sudo().return_line_id.invoice_ids
        seen = invoices.sudo(self.env.su)._filtered_access("read")
        for task in self:
            task.invoice_ids = task.sudo().return_line_id.invoice_ids & seen

    @api.depends("return_line_id")
    def _compute_step(self):
        """As the reason says when it comes back; the reason may say otherwise later."""
        for task in self:
            reason = task.return_line_id.reason_id
            task.step = task.step or reason.next_step or "contact"

    @api.depends(
        "done_on",
        "return_line_id.state",
        "return_line_id.invoice_line_ids.is_to_present",
        "return_line_id.invoice_line_ids.reconciled",
    )
    def _compute_state(self):
        """Look up what has ended by itself, in one query for all of them."""
        read_fields.flush(self.env, READ_FIELDS, PRESENTED_FIELDS)
        query = SQL(
            "SELECT task.id, %s FROM %s WHERE task.id = ANY(%s)",
            self._get_ending_sql(),
            self._get_from_sql(),
            self.ids,
        )
        endings = dict(self.env.execute_query(query))
        for task in self:
            task.ending = endings.get(task._origin.id)
            task.state = "done" if task.ending else TODO

    def _search_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        todo = self._search_ending("in", [False])
        wanted = {TODO: todo, "done": ~todo}
        return Domain.OR(wanted[each] for each in wanted if each in value)

    def _search_ending(self, operator, value):
        if operator != "in":
            return NotImplemented
        read_fields.flush(self.env, READ_FIELDS, PRESENTED_FIELDS)
        query = SQL(
            "(SELECT task.id FROM %s WHERE COALESCE(%s, '') = ANY(%s))",
            self._get_from_sql(),
            self._get_ending_sql(),
            [str(each or "") for each in value],
        )
        return Domain("id", "in", query)

    def _get_from_sql(self):
        return SQL(
            "account_payment_return_task task"
            " JOIN account_payment_return_line line ON line.id = task.return_line_id"
        )

    def _get_ending_sql(self):
        """How each task has ended, NULL for what is to be done.

        Of a collection of no invoice a person says it.
        """
        presented = self.env["account.move.line"]._select_presented(SQL("1"))
        return SQL(
            """
            CASE WHEN task.done_on IS NOT NULL THEN 'by_hand'
                 WHEN line.state = 'cancelled' THEN 'cancelled'
                 ELSE (
                    SELECT CASE
                           WHEN bool_and(item.reconciled
                                         OR item.parent_state <> 'posted')
                                AND NOT bool_or(at_bank.is_true) THEN 'settled'
                           WHEN bool_and(item.reconciled
                                         OR item.parent_state <> 'posted'
                                         OR at_bank.is_true) THEN 'presented'
                           WHEN bool_or(again.is_true) THEN 'again'
                           END
                      FROM account_payment_return_line_invoice_rel rel
                      JOIN account_move_line item ON item.id = rel.move_line_id
                     CROSS JOIN LATERAL (
                        SELECT EXISTS (%(presented)s
                                       AND told.move_line_id = item.id) AS is_true
                     ) at_bank
                     CROSS JOIN LATERAL (
                        SELECT EXISTS (
                            SELECT
                              FROM account_payment_return_line_invoice_rel other
                              JOIN account_payment_return_line later_line
                                ON later_line.id = other.return_line_id
                               AND later_line.state <> 'cancelled'
                              JOIN account_payment_return_task later
                                ON later.return_line_id = later_line.id
                             WHERE other.move_line_id = item.id
                               AND later.id > task.id) AS is_true
                     ) again
                     WHERE rel.return_line_id = task.return_line_id
                 ) END
            """,
            presented=presented,
        )

    @api.depends("commercial_partner_id", "return_line_id")
    def _compute_display_name(self):
        """Override of `base`: whose it is, and what it is called."""
        for task in self:
            line = task.sudo().return_line_id
            names = (task.commercial_partner_id.name, line.reference)
            task.display_name = " · ".join(filter(None, names)) or line.return_id.name

    # === WRITTEN === #

    @api.model
    def _open(self, lines):
        """Let what was booked be worked.

        :param lines: return lines that were just booked
        :return: a task each
        """
        tasks = self.sudo().with_context(tracking_disable=True)
        tasks = tasks.create([self._prepare_task(line) for line in lines])
        tasks = tasks.with_env(self.env(su=True))
        tasks._mark_accounts()
        return tasks

    @api.model
    def _prepare_task(self, line):
        today = line.company_id._get_credit_today()
        return {"return_line_id": line.id, "date_deadline": today}

    def _mark_accounts(self):
        """Mark the accounts that are to be fixed as unfit for collection."""
        to_fix = self.filtered(lambda task: task.step == "fix")
        self.env["res.partner.bank"]._mark_unfit(to_fix.return_line_id)

    @api.model_create_multi
    def create(self, vals_list):
        """Override of `mail`.

        :raises UserError: to who enters what the system fills in
        :raises AccessError: to who names what he may not see
        """
        self._check_not_entered(set().union(*vals_list))
        return super().create(vals_list)

    def write(self, vals):
        """Override of `mail`: a step of fixing bank data marks the account.

        :raises UserError: to who enters what the buttons fill in
        :raises AccessError: to who names what he may not see
        """
        self._check_not_entered(vals)
        before = self.filtered(lambda task: task.step == "fix")
        res = super().write(vals)
        if "step" in vals:
            (self - before).sudo()._mark_accounts()
        return res

    def _get_entered_refusal(self, names):
        """Override of `credit.entered`: its buttons say that it is done."""
        return self.env._("What is done about a return is said by its buttons.")

    def _get_responsible_domain(self):
        """Return the domain of who may be chosen; `_check_responsible` checks it."""
        group = self.env.ref("account_credit_block.group_credit_user")
        return (
            f"[('all_group_ids', 'in', {group.ids}), ('company_ids', 'in', company_id)]"
        )

    @api.constrains("responsible_id")
    def _check_responsible(self):
        """Raise ValidationError for who could not see what is to be done."""
        for task in self:
            user, company = task.responsible_id, task.company_id
            if not user:
                continue
            is_there = user.active and company in user.company_ids
            if not (is_there and user.has_group(acting.CREDIT_USER)):
                raise ValidationError(
                    self.env._(
                        "%(user)s is no credit user of %(company)s: choose somebody who"
                        " is.",
                        user=user.name,
                        company=company.display_name,
                    )
                )

    # === ACTIONS === #

    def action_done(self):
        """Say that all of these are done, and what was planned for them.

        :return: True
        :raises AccessError: to who does not work returns
        """
        self.check_access("write")
        todo = self.filtered(lambda task: task.state == TODO)
        now = fields.Datetime.now()
        todo.sudo().write({"done_on": now, "done_by_id": self.env.uid})
        todo.activity_ids.action_feedback()
        return True

    def action_reopen(self):
        """Let what somebody called done be done again.

        :return: True
        :raises AccessError: to who does not work returns
        :raises UserError: for what has ended by itself
        """
        self.check_access("write")
        ended = self.filtered(lambda task: task.ending not in (False, "by_hand"))
        if ended:
            raise UserError(
                self.env._(
                    "%(name)s has ended by itself (%(ending)s): it is to be done again"
                    " when that is undone.",
                    name=ended[0].display_name,
                    ending=labels.get_label(ended[0], "ending"),
                )
            )
        self.sudo().write({"done_on": False, "done_by_id": False})
        return True

    def action_take(self):
        """Make who clicks responsible for all of these.

        :return: True
        :raises AccessError: to who does not work returns
        """
        self.check_access("write")
        self.responsible_id = self.env.user
        return True

    def action_open_return(self):
        """Open the payment returns.

        :return: a window action
        :raises AccessError: to who may not see them
        """
        self.check_access("read")
        return self.return_id._get_records_action(name=self.env._("Payment Returns"))

    @api.model
    def _open_list(self, returns):
        """Open what is to be done about returns.

        :param returns: ``account.payment.return``
        """
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account_credit_block.account_payment_return_task_action"
        )
        return {
            **action,
            "domain": [("return_line_id.return_id", "in", returns.ids)],
            "context": {},
        }
