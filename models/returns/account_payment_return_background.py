from odoo import api, fields, models
from odoo.exceptions import UserError

from .. import acting, notification, planned
from ..call_marks import WORKING
from .account_payment_return_work import PIECE
from .return_states import WAITING

# What a click does at once: to book so many takes as long as people wait.
LARGE = 500
# Ten thousand are matched in ten seconds.
LARGE_TO_MATCH = 5000


class AccountPaymentReturn(models.Model):
    """A large return, which Odoo matches and books in the background, bit by bit.

    Its lines come into the books a piece after the other; the return is confirmed, and
    its customers are written to, when all of them are through.
    """

    _inherit = "account.payment.return"  # pylint: disable=consider-merging-classes-inherited

    work_kind = fields.Selection(
        selection=[("match", "Matching"), ("confirm", "Confirming")],
        string="In the Background",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="What Odoo is doing with the lines, bit by bit.",
    )
    is_stopping = fields.Boolean(readonly=True, copy=False)
    work_ids = fields.One2many(
        "account.payment.return.work", "return_id", readonly=True
    )
    work_progress = fields.Float(compute="_compute_work", string="Progress")
    work_text = fields.Char(compute="_compute_work")

    @api.depends("work_kind", "is_stopping", "work_ids.done", "work_ids.total")
    def _compute_work(self):
        """How far it is, in per cent and in words."""
        for payment_return in self:
            work = payment_return.sudo().work_ids[:1]
            payment_return.work_progress = (
                min(100.0 * work.done / work.total, 100.0) if work.total else 0.0
            )
            payment_return.work_text = (
                payment_return._get_work_text(work) if work else False
            )

    def _get_work_text(self, work):
        values = {"done": work.done, "total": work.total}
        if self.is_stopping:
            return self.env._(
                "%(done)s of %(total)s lines: it is being stopped", **values
            )
        if work.kind == "match":
            return self.env._("%(done)s of %(total)s lines looked at", **values)
        return self.env._("%(done)s of %(total)s lines booked", **values)

    # === ASKING === #

    def _is_large(self):
        """Whether more is to be booked than anybody waits for."""
        self.ensure_one()
        return self.matched_count > LARGE

    def _is_large_to_match(self):
        """Whether more is to be matched than anybody waits for."""
        self.ensure_one()
        return len(self.line_ids) > LARGE_TO_MATCH

    def action_confirm_later(self):
        """Let Odoo book these returns in the background, whatever their size.

        `action_confirm` books at once, in the transaction of who calls it. The return
        is in draft, and `work_kind` is set, until all of its lines are through.

        :return: True
        :raises UserError: when one is cancelled, has no line to book, or somebody is
            working on it, or a setting is missing
        """
        self.check_access("write")
        drafts = self._lock_drafts()
        empty = drafts.filtered(lambda r: not r.matched_count)
        if empty:
            raise UserError(empty._get_nothing_to_book_text())
        # What concerns all lines is asked for at once.
        for company in drafts.line_ids.company_id:
            company._get_credit_return_journal()
        drafts._check_charges()
        self.env["account.payment.return.work"]._ask(drafts, "confirm")
        return True

    def _confirm_later(self):
        """The same for who has clicked, who is told of it.

        :return: a notification, which closes the dialog that it comes from
        """
        self.action_confirm_later()
        return self._tell_begun(self.env._("Odoo confirms it in the background"))

    def _match_later(self):
        """Let Odoo match these returns in the background.

        :return: a notification, after which the client reads the returns anew
        """
        if not self:
            return notification.close()
        self._lock()
        self.env["account.payment.return.work"]._ask(self, "match")
        return self._tell_begun(self.env._("Odoo matches it in the background"))

    def _foresee_later(self):
        """Say what confirming these in the background does; that is not rehearsed.

        :return: list of sentences
        """
        outcomes = self.env["account.payment.return.outcome"]
        sentences = [
            self.env._(
                "%(name)s: %(count)s lines, %(amount)s, are booked in the background,"
                " %(piece)s at a time",
                name=payment_return.name,
                count=payment_return.matched_count,
                amount=outcomes._format_lines(payment_return._get_matched_lines()),
                piece=PIECE,
            )
            for payment_return in self
        ]
        sentences += outcomes._tell_waiting(sum(self.mapped("pending_count")))
        if self:
            sentences += [
                *self._foresee_charges(),
                *self._foresee_blocks(),
                *self._foresee_mails(),
                self.env._(
                    "you can go on working: the return shows how far it is, and can be"
                    " stopped there"
                ),
            ]
        return sentences

    def _foresee_mails(self):
        """Say that customers get a mail, where a company of these writes to them."""
        if any(self.sudo().mapped("company_id.credit_return_mail")):
            return [self.env._("customers are written to when all is booked")]
        return []

    def _foresee_charges(self):
        """Say that invoices are drafted, where fees or late payment are charged again.

        :raises UserError: when a setting is missing
        """
        self._check_charges()
        lines = self._get_matched_lines()
        sentences = []
        if any(ln._has_fee() and ln._get_fee_policy() == "invoice" for ln in lines):
            sentences.append(
                self.env._("invoices of fees are drafted as their lines are booked")
            )
        if any(line._may_charge_late() for line in lines):
            sentences.append(
                self.env._(
                    "invoices of late payment are drafted as their lines are booked,"
                    " where the law gives any"
                )
            )
        return sentences

    def _foresee_blocks(self):
        """Say whether customers are blocked; for the room that blocks them."""
        return []

    def _get_matched_lines(self):
        return self.line_ids.filtered(lambda line: line.match_state == "matched")

    def _tell_begun(self, title):
        return notification.tell(
            self.env._(
                "You can go on working. The payment return shows how far it is, and you"
                " are told when all is done."
            ),
            title=title,
        )

    def action_stop(self):
        """Let Odoo stop what it does in the background, after the piece in hand.

        What is in the books stays there and is confirmed. What is left waits in a draft
        of its own.

        :return: True
        :raises UserError: when Odoo is not working on a return
        """
        self.check_access("write")
        if any(not r.work_kind for r in self):
            raise UserError(
                self.env._(
                    "Odoo has done all of it meanwhile: reload the page to see what has"
                    " become of the return."
                )
            )
        self.sudo().write({"is_stopping": True})
        self.env["account.payment.return.work"]._wake()
        return True

    def action_look_again(self):
        """Show how far it is: the client reads a return anew after any button.

        :return: True
        :raises AccessError: to who may not see these returns
        """
        self.check_access("read")
        return True

    def _check_no_work(self):
        """Raise UserError while Odoo works on one of these, but to the work itself."""
        busy = self.filtered("work_kind")
        if not busy or WORKING.get(self.env):
            return
        raise UserError(
            self.env._(
                "Odoo is working on %(names)s in the background. Wait until it is done,"
                " or open the payment return and press Stop first.",
                names=", ".join(busy.mapped("name")),
            )
        )

    # === A PIECE === #

    def _get_next_lines(self, size):
        """The lines of the next piece: those of a customer together, if they are few.

        What is one transaction of the bank is booked at once, whatever the size.

        :param size: how many lines, as a rule
        """
        lines = self.line_ids
        domain = [
            ("return_id", "=", self.id),
            ("match_state", "=", "matched"),
            ("is_ahead", "=", False),
        ]
        if self.statement_line_id:
            return lines.search(domain, order="id")
        found = lines.search(domain, order="id", limit=size)
        if size == PIECE:
            customers = found.commercial_partner_id.ids
            his = ("commercial_partner_id", "in", customers)
            found |= lines.search([*domain, his], order="id", limit=2 * size)
        if debits := found.statement_line_id:
            found |= lines.search([*domain, ("statement_line_id", "in", debits.ids)])
        return found.sorted("id")

    def _book_ahead(self, lines):
        """Book some lines of a draft, of which the others follow.

        What cannot be booked is set aside, each line with its why.
        """
        self._check_sees_all()
        good, left = lines._set_aside_unreturnable()
        totals = [self._fields[name] for name in ("amount_total", "fee_total")]
        # What is booked amounts to the same: for each piece all lines would be summed.
        with self.env.protecting(totals, self):
            if good:
                self._book(good, left, is_ahead=True)
                self.env.flush_all()

    def _settle(self, is_stopped=False):
        """Confirm the return of what is in the books of it; the rest is a draft again.

        :param is_stopped: what could have been booked goes to the rest, too
        """
        booked = self.line_ids.filtered("is_ahead")
        if not booked:
            return
        states = (*WAITING, "matched") if is_stopped else WAITING
        rest = self.line_ids.filtered(lambda line: line.match_state in states)
        self._split_off({self: rest - booked})
        self.sudo().write({"state": "confirmed"})
        self._log_date_notice()
        self.env["account.payment.return.outcome"]._log(booked)

    # === TELLING === #

    def _tell_matched(self):
        """All lines were looked at: tell who waits for it what was found."""
        if self.file_hash:
            self.env["account.payment.return.import"]._finish_matched(self)
        self._notify_user(
            self.env._(
                "Lines matched: %(matched)s. Still to match: %(pending)s.",
                matched=self.matched_count,
                pending=self.pending_count,
            )
        )

    def _tell_booked(self):
        """All lines are through: tell who waits for it."""
        if self.state == "confirmed":
            self._notify_user(self._get_outcome_text(), "success")
        else:
            self._tell_stopped(self._get_nothing_to_book_text())

    def _tell_stopped(self, reason):
        """It ended before its time: tell who waits for it, and if a person is needed.

        :param reason: why, if nobody has asked for it
        """
        if not reason:
            self._notify_user(
                self.env._("Stopped. What is not booked waits in draft."),
                then=self._get_rest(),
            )
            return
        self._ask_for_help(self.env._("Odoo has stopped working on it: %s", reason))

    def _ask_for_help(self, reason):
        """Say in the chatter what went wrong, and ask who wants it to see to it.

        Who may not confirm there any more is not asked: a credit manager is.
        """
        self._message_log(body=reason)
        self._notify_user(reason, "danger", then=self._get_rest())
        may = self.sudo(False)._may_be_worked_on()
        user = self.env.user if may else self.company_id._get_credit_managers(limit=1)
        if user:
            planned.schedule(
                self,
                "mail.mail_activity_data_warning",
                summary=self.env._("Not done in the background"),
                note=reason,
                user_id=user.id,
            )

    def _get_rest(self):
        """The draft in which waits what was not booked, if it is another one."""
        return self.rest_ids.filtered(lambda rest: rest.state == "draft").sorted()[:1]

    def _may_be_worked_on(self):
        """Whether who has asked still works in the company, and may confirm there."""
        company = self.sudo().company_id
        return acting.works_in(self.env, company) and self.has_access("write")

    def _get_no_right_text(self):
        return self.env._(
            "%(user)s may not confirm payment returns any more. Whoever may, goes on"
            " with what is left.",
            user=self.env.user.name,
        )

    def _notify_user(self, message, kind="info", then=None):
        """Tell who asked for it, if he is there to see it.

        :param then: a return to go on with, which a button opens
        """
        told = {"type": kind, "title": self.name, "message": message, "sticky": True}
        if then:
            told["label"] = self.env._("Open %s", then.name)
            told["action"] = then._get_records_action()
        self.env.user._bus_send("account_credit_block.told", told)
