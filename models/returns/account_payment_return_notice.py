from datetime import timedelta
from uuid import uuid4

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain
from odoo.tools import format_amount
from odoo.tools.translate import LazyTranslate

from odoo.addons.base.models.ir_qweb import QWebError

from .. import said

_lt = LazyTranslate(__name__)

said.add({"mail.no_template": _lt("The mail template of payment returns was deleted.")})
CRON_BATCH = 50
# A mail server that is down is asked again so long.
RETRIED_FOR = timedelta(days=3)
# Of two notices that become one: what is still to be told comes first.
UNTOLD_FIRST = (
    "pending",
    "failed",
    "no_address",
    "mailed",
    "opted_out",
    "settled",
    "withdrawn",
)
# Of two mails: the one that somebody may still have to send again or to take back.
UNSENT_FIRST = ("exception", "outgoing")


class AccountPaymentReturnNotice(models.Model):
    """What one customer is told about one return: a mail, or why there is none.

    One row a return and customer, so that nobody is written to twice. It is what
    the mail template is rendered on; the mail itself hangs in the return's chatter,
    where the answers of the customer arrive too.
    """

    _name = "account.payment.return.notice"
    _description = "Payment Notice"
    _order = "return_id desc, id"

    name = fields.Char(related="return_id.name")
    return_id = fields.Many2one(
        "account.payment.return",
        string="Payment Return",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )
    company_id = fields.Many2one(
        related="return_id.company_id", store=True, precompute=True, index=True
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )
    line_ids = fields.Many2many(
        "account.payment.return.line",
        "account_payment_return_notice_line_rel",
        "notice_id",
        "line_id",
        string="Returned Collections",
        readonly=True,
    )
    state = fields.Selection(
        selection=[
            ("pending", "To write"),
            ("mailed", "Written"),
            ("settled", "Owes nothing"),
            ("opted_out", "No mail wanted"),
            ("no_address", "No e-mail address"),
            ("failed", "Failed"),
            ("withdrawn", "Withdrawn"),
        ],
        required=True,
        default="pending",
        readonly=True,
        index=True,
    )
    recipient_ids = fields.Many2many(
        "res.partner",
        "account_payment_return_notice_recipient_rel",
        "notice_id",
        "partner_id",
        string="Recipients",
        readonly=True,
    )
    mailed_on = fields.Datetime(readonly=True)
    mail_id = fields.Many2one("mail.mail", readonly=True, copy=False)
    mail_state = fields.Selection(related="mail_id.state", string="Delivery")
    note_said = fields.Json(string="Note (technical)", readonly=True)
    note = fields.Char(
        compute="_compute_note",
        search="_search_note",
        help="Why the mail could not be written.",
    )

    # What the mail says
    invoice_line_ids = fields.Many2many(
        "account.move.line", compute="_compute_invoice_line_ids"
    )
    bank_account_id = fields.Many2one(
        "res.partner.bank", compute="_compute_bank_account_id"
    )
    return_date = fields.Date(compute="_compute_return_date")
    amount_text = fields.Char(compute="_compute_texts", string="Amount Returned")
    fee_text = fields.Char(compute="_compute_texts", string="Fee Charged Again")
    reason_text = fields.Char(compute="_compute_texts", string="Return Reasons")
    balance_text = fields.Char(
        compute="_compute_balance_text",
        string="Left to Pay",
        help="What the customer owes on balance, where that is less than what is open.",
    )

    _customer_uniq = models.UniqueIndex(
        "(return_id, partner_id)",
        "This customer was already written to about this payment return.",
    )

    # === COMPUTE === #

    @api.depends("note_said")
    @api.depends_context("lang")
    def _compute_note(self):
        for notice in self:
            notice.note = said.tell(self.env, notice.note_said)

    def _search_note(self, operator, value):
        return said.search(self, "note_said", operator, value)

    def _get_owed(self):
        """Return what came back of this return that the customer owes again."""
        return self.line_ids.undone_ids.filtered(
            lambda piece: piece.partner_id == self.partner_id
        )

    @api.depends("line_ids.undone_ids.partner_id")
    def _compute_invoice_line_ids(self):
        """The instalments to pay, the oldest first; not those of other customers."""
        for notice in self:
            notice.invoice_line_ids = notice._get_owed().debit_move_id.sorted(
                lambda item: (item.date_maturity or item.date, item.id)
            )

    @api.depends("line_ids.undone_ids.partner_id", "return_id.journal_id")
    def _compute_bank_account_id(self):
        """Where to pay: what the invoices say, or else a bank of the company."""
        for notice in self:
            notice.bank_account_id = (
                notice.invoice_line_ids.move_id.partner_bank_id[:1]
                or notice.return_id.journal_id.bank_account_id
                or notice.company_id.partner_id.bank_ids[:1]
            )

    @api.depends("line_ids.return_date")
    def _compute_return_date(self):
        """The day of the bank; of several days in a file, the customer's last one."""
        for notice in self:
            days = notice.line_ids.mapped("return_date")
            notice.return_date = max(filter(None, days), default=notice.return_id.date)

    @api.depends("line_ids.amount", "line_ids.fee_amount", "line_ids.reason_id")
    @api.depends_context("lang")
    def _compute_texts(self):
        """Amounts and reasons in the language of the customer.

        Never the bank's own words alone: they are codes, or about other things.
        """
        for notice in self:
            lines = notice.line_ids
            charged = notice._get_charged().filtered(
                lambda line: line._get_fee_policy() != "company"
            )
            notice.amount_text = notice._format_sum(
                notice._get_owed(), "returned_amount"
            )
            notice.fee_text = notice._format_sum(charged, "fee_amount")
            notice.reason_text = ", ".join(
                dict.fromkeys(notice._get_reason(line.reason_id) for line in lines)
            )

    @api.depends("line_ids.undone_ids.partner_id")
    @api.depends_context("lang")
    def _compute_balance_text(self):
        """What the mail asks for where credits cover some of what it tells."""
        balances = self._get_balances()
        for notice in self:
            currency, balance = notice.company_id.currency_id, balances[notice]
            is_less = currency.compare_amounts(balance, notice._get_open_amount()) < 0
            notice.balance_text = is_less and format_amount(self.env, balance, currency)

    def _get_open_amount(self):
        """What the mail tells as open, in the company's currency.

        A fee charged by invoice is asked by that invoice.
        """
        charged = self._get_charged().filtered(
            lambda line: line._get_fee_policy() == "receivable"
        )
        on_account = self._get_owed().filtered(lambda piece: not piece.debit_move_id)
        return (
            sum(self.invoice_line_ids.mapped("amount_residual"))
            + sum(on_account.mapped("amount"))
            + sum(line._get_fee_balance() for line in charged)
        )

    def _get_charged(self):
        """The lines whose fee is this customer's, if it is charged again."""
        return self.line_ids.filtered(
            lambda line: line._get_debtor() == self.partner_id
        )

    def _format_sum(self, records, field_name):
        """Sums of an amount, one a currency, without the zeros."""
        return ", ".join(
            format_amount(self.env, total, currency)
            for currency, rows in records.grouped("currency_id").items()
            if not currency.is_zero(total := sum(rows.mapped(field_name)))
        )

    def _get_reason(self, reason):
        """Plain words for a reason; a code nobody has described yet says nothing."""
        if not reason or reason.name == reason.code:
            return self.env._("not stated")
        return reason.name

    # === BUSINESS === #

    @api.model
    def _create_for(self, returns):
        """One notice for each customer who owes again, and has none yet.

        That is the debtor of an invoice, whoever paid it; who paid is told only of
        money that had paid nothing. What we or our bank took back ourselves (recalls,
        reversals) is no news. A company that does not write has none.

        :param returns: `account.payment.return` records
        :return: the new notices, with the rights of the system
        """
        writing = returns.sudo().filtered("company_id.credit_return_mail")
        came_back = writing.line_ids._filter_came_back()
        lines = came_back.filtered(
            lambda line: (
                line.kind not in ("reversal", "recall")
                and line.reason_category != "recall"
            )
        )
        known = self.sudo().search([("return_id", "in", writing.ids)])
        done = {(notice.return_id, notice.partner_id) for notice in known}
        groups = lines.undone_ids.filtered("partner_id").grouped(
            lambda piece: (piece.return_line_id.return_id, piece.partner_id)
        )
        return self.sudo().create(
            [
                {
                    "return_id": payment_return.id,
                    "partner_id": partner.id,
                    "line_ids": [Command.set(group.return_line_id.ids)],
                }
                for (payment_return, partner), group in groups.items()
                if (payment_return, partner) not in done
            ]
        )

    def _send(self):
        """Queue the mails of these notices, or note why there is none.

        Nothing here may undo a return: what cannot be rendered is said in the
        chatter of the return.
        """
        to_write = self.filtered(
            lambda notice: (
                notice.state != "mailed" and notice.return_id.state == "confirmed"
            )
        )
        to_write._set_recipients()
        for payment_return, notices in to_write.grouped("return_id").items():
            notices.filtered(lambda n: n.state == "pending")._queue()
            payment_return._log_notices(notices)
        to_write._log_on_invoices()
        if any(notice.state == "mailed" for notice in to_write):
            self._wake_queue()

    @api.model
    def _wake_queue(self):
        """Let the queue of mails be worked off at once, not within the hour."""
        queue = self.env.ref(
            "mail.ir_cron_mail_scheduler_action", raise_if_not_found=False
        )
        if queue:
            queue.sudo()._trigger()

    def _set_recipients(self):
        """Find whom to write to, and who gets no mail."""
        for notice, (state, recipients) in self._find_fates().items():
            notice.write(
                {
                    "state": state,
                    "recipient_ids": [Command.set(recipients.ids)],
                    "note_said": False,
                }
            )

    def _find_fates(self):
        """Say whether each customer gets a mail, or why not, and where.

        :return: dict from notice to (state, contacts)
        """
        owing = self._filter_owing()
        return {
            notice: (notice._find_state(recipients, notice in owing), recipients)
            for notice in self
            for recipients in [notice._get_recipients()]
        }

    def _find_state(self, recipients, is_owing):
        if not is_owing:
            return "settled"
        if self.partner_id.credit_return_mail_opt_out:
            return "opted_out"
        return "pending" if recipients else "no_address"

    def _decide(self):
        """Say the same of those that are still in the queue; what became of the others.

        :return: dict from notice to (state, contacts)
        """
        waiting = self.filtered(lambda notice: notice.state == "pending")
        done = {n: (n.state, n.recipient_ids) for n in self - waiting}
        return waiting._find_fates() | done

    def _filter_owing(self):
        """Return the notices of customers who owe something on balance.

        Who has paid meanwhile, or had paid in advance, is not asked to pay.
        """
        balances = self._get_balances()
        return self.filtered(lambda notice: balances[notice] > 0)

    def _get_balances(self):
        """Return what each customer owes of it: here all that the mail tells as open.

        Hook for who knows of credits that pay it.

        :return: dict from notice to amount in the currency of the company, from 0 on
        """
        return {notice: notice._get_open_amount() for notice in self}

    def _get_recipients(self):
        """The addresses of the invoices, or else the customer's invoice address."""
        partners = self.invoice_line_ids.move_id.partner_id
        contacts = self.line_ids.partner_id - partners.commercial_partner_id
        partners |= contacts.filtered(
            lambda contact: contact.commercial_partner_id == self.partner_id
        )
        found = partners.filtered("email")
        if not found:
            customer = self.partner_id
            address = customer.browse(customer.address_get(["invoice"])["invoice"])
            found = address.filtered("email") or customer.filtered("email")
        return found

    def _queue(self):
        """Render these notices of one return in one pass, into the mail queue.

        One that cannot be rendered is set aside and does not stop the others.
        """
        template = self.env.ref(
            "account_credit_block.mail_template_payment_return",
            raise_if_not_found=False,
        )
        if not (self and template):
            self._fail(said.say("mail.no_template"))
            return
        try:
            with self.env.cr.savepoint():
                mails = self._create_mails(template)
        except (UserError, QWebError, ValueError) as error:
            for notice in self if len(self) > 1 else ():
                notice._queue()
            if len(self) == 1:
                self._fail(said.keep(str(error)))
            return
        for notice, mail in zip(self, mails, strict=True):
            notice.mail_id = mail
        self.write({"state": "mailed", "mailed_on": fields.Datetime.now()})

    def _fail(self, note):
        self.write({"state": "failed", "note_said": note})

    def _create_mails(self, template):
        """Render the template on these notices.

        The mails hang on the return, which has a chatter for the answers.

        :return: `mail.mail` records, in the order of the notices
        :raises UserError: when the template cannot be rendered
        """
        self._ensure_portal_tokens()
        return template.sudo().send_mail_batch(
            self.ids,
            email_values={
                "model": "account.payment.return",
                "res_id": self.return_id.id,
            },
        )

    def _ensure_portal_tokens(self):
        """Give the invoices that have none the token of their portal link, at once.

        The columns are written directly: core's `_portal_ensure_token` goes through
        every check of an accounting entry, one invoice after the other.
        """
        invoices = self.invoice_line_ids.move_id.sudo()
        missing = invoices.filtered(lambda move: not move.access_token)
        if not missing:
            return
        missing.flush_recordset(["access_token"])
        self.env.cr.execute_values(
            """UPDATE account_move SET access_token = data.token
                 FROM (VALUES %s) AS data (id, token)
                WHERE account_move.id = data.id""",
            [(move.id, str(uuid4())) for move in missing],
        )
        missing.invalidate_recordset(["access_token"])

    def _log_on_invoices(self):
        """Say on each invoice that the customer was told, in one batch."""
        bodies = {}
        for notice in self.filtered(lambda n: n.state == "mailed"):
            body = self.env._(
                "The customer is told about payment return %(name)s by mail to "
                "%(recipients)s.",
                name=notice.return_id._get_html_link(),
                recipients=", ".join(notice.recipient_ids.mapped("email")),
            )
            bodies.update(dict.fromkeys(notice.invoice_line_ids.move_id.ids, body))
        self.env["account.move"].browse(bodies)._message_log_batch(bodies)

    def _withdraw(self):
        """The return was cancelled: take back what has not left yet."""
        waiting = self._filter_waiting()
        waiting.mail_id.filtered(lambda mail: mail.state == "outgoing").cancel()
        waiting.write({"state": "withdrawn"})

    def _filter_waiting(self):
        """Return the notices of which nothing has left yet."""
        return self.filtered(
            lambda n: n.state != "mailed" or n.mail_state == "outgoing"
        )

    def _merge(self):
        """Become one notice, of customers of one return who become one.

        The mails stay in the chatter of the return.
        """
        kept = self.sorted(lambda notice: UNTOLD_FIRST.index(notice.state))[0]
        mailed = self.filtered("mail_id").sorted(
            lambda notice: (notice.mail_state not in UNSENT_FIRST, notice.id)
        )[:1]
        values = {
            "line_ids": [Command.set(self.line_ids.ids)],
            "recipient_ids": [Command.set(self.recipient_ids.ids)],
            "mail_id": mailed.mail_id.id,
            "mailed_on": max(filter(None, self.mapped("mailed_on")), default=False),
        }
        (self - kept).unlink()
        kept.write(values)

    def action_send(self):
        """Write to these customers now, after correcting what was missing.

        :return: True
        :raises UserError: when they were written to, or the return is cancelled
        :raises AccessError: to who may not register returns
        """
        self.check_access("read")
        self.return_id.check_access("write")
        notices = self.sudo()
        undelivered = notices.filtered(lambda n: n.mail_state == "exception")
        to_write = notices - undelivered
        if any(n.state in ("mailed", "withdrawn") for n in to_write):
            raise UserError(
                self.env._("Only customers who got no mail yet can be written to.")
            )
        undelivered.mail_id.mark_outgoing()
        to_write._send()
        return True

    @api.model
    def _cron_send(self):
        """Write what big returns left to write, a batch a transaction."""
        self._retry_undelivered()
        domain = Domain("state", "=", "pending") & Domain(
            "return_id.state", "=", "confirmed"
        )
        # Rows that somebody else is writing to are left to them.
        while notices := self.search(domain).try_lock_for_update(limit=CRON_BATCH):
            notices._send()
            left = self.env["ir.cron"]._commit_progress(
                len(notices), remaining=self.search_count(domain)
            )
            self.env.invalidate_all(flush=False)
            if not left:
                break

    @api.model
    def _retry_undelivered(self):
        """Let the mails try again that no mail server has taken, and tell of them once.

        Odoo gives up a mail whose server cannot be reached: nothing of it has left.
        What a server has refused is for a person to look at.
        """
        lost = self.search(
            Domain("mail_id.state", "=", "exception")
            & Domain("mail_id.failure_type", "=", False)
            & Domain("mailed_on", ">", fields.Datetime.now() - RETRIED_FOR)
            & Domain("return_id.state", "=", "confirmed")
        )
        if not lost:
            return
        for payment_return, notices in lost.grouped("return_id").items():
            payment_return._tell_undelivered(notices)
        lost.mail_id.mark_outgoing()
        self._wake_queue()
        self.env["ir.cron"]._commit_progress(len(lost))
