from datetime import timedelta

from odoo import api, fields, models, tools
from odoo.exceptions import LockError, UserError
from odoo.fields import Domain
from odoo.tools import html2plaintext
from odoo.tools.sql import column_exists, create_column

from .. import acting
from ..returns import return_books

# A statement is imported within weeks of the return that came before it.
EARLY = timedelta(days=120)


class AccountBankStatementLine(models.Model):
    """A debit that waits on the bank's statement: what came back, or what tells it."""

    _name = "account.bank.statement.line"
    _inherit = ["credit.entry.guard", "account.bank.statement.line"]

    return_rule_id = fields.Many2one(
        "account.payment.return.debit.rule",
        string="Known By",
        compute="_compute_return_rule_id",
        store=True,
        index="btree_not_null",
        ondelete="set null",
        help="The rule that knows this debit as a collection that came back.",
    )
    is_no_return = fields.Boolean(
        string="Not a Return",
        readonly=True,
        copy=False,
        help="A person said that nothing came back by it.",
    )
    is_debit_to_check = fields.Boolean(
        string="To Check",
        compute="_compute_return_proposal",
        search="_search_is_debit_to_check",
    )
    return_proposal = fields.Char(
        string="Proposal", compute="_compute_return_proposal", compute_sudo=False
    )
    return_proposal_kind = fields.Selection(
        selection=[
            ("meets", "Booked"),
            ("matched", "Found"),
            ("choose", "To choose"),
            ("asked", "In a draft"),
            ("known", "Known"),
            ("unknown", "Not found"),
            ("early", "Came back"),
            ("none", "Explained"),
        ],
        string="Kind of Proposal",
        compute="_compute_return_proposal",
        compute_sudo=False,
    )

    def _auto_init(self):
        """Override of `base`: the rules look at what waits, not at years of lines.

        See `_look_again`, which the first rules ask for.
        """
        if not column_exists(self.env.cr, self._table, "return_rule_id"):
            create_column(self.env.cr, self._table, "return_rule_id", "int4")
        return super()._auto_init()

    @api.model
    @tools.ormcache("self._name")
    def _get_closed_names(self):
        """Override of `credit.entry.guard`: ours only; the rest is Odoo's business."""
        return frozenset({"return_rule_id", "is_no_return"})

    # === WHAT IS KNOWN OF IT === #

    @api.depends(
        "amount",
        "journal_id",
        "narration",
        "partner_name",
        "payment_ref",
        "ref",
        "transaction_details",
        "transaction_type",
    )
    def _compute_return_rule_id(self):
        """The first rule that knows a debit of a bank."""
        debits = self.filtered(
            lambda line: line.amount < 0 and line.journal_id.type == "bank"
        )
        found = self.env["account.payment.return.debit.rule"]._find(debits)
        for line in self:
            line.return_rule_id = found.get(line, False)

    def _get_spoken_currency(self):
        """The currency in which the bank tells what came back."""
        return self.foreign_currency_id or self.currency_id

    def _get_waiting_amount(self):
        """What of it nobody has explained yet, in that currency, without the sign."""
        return abs(self.amount_residual)

    def _get_return_text(self):
        """All that the bank says of a transaction, in one text."""
        self.ensure_one()
        narration = html2plaintext(self.narration) if self.narration else ""
        texts = (
            self.payment_ref,
            self.ref,
            narration,
            self.partner_name,
            *_flatten(self.transaction_details),
        )
        return "\n".join(dict.fromkeys(text for text in texts if text))

    @api.depends(
        "amount",
        "amount_residual",
        "is_no_return",
        "is_reconciled",
        "partner_id",
        "return_rule_id",
    )
    @api.depends_context("uid", "lang", "allowed_company_ids")
    def _compute_return_proposal(self):
        """What each debit that waits is, as far as the books and the rules say."""
        home = self.env["account.payment.return.debit"]
        debits = self._origin.filtered_domain(self._get_open_debits_domain())
        credits = self._origin.filtered(lambda line: line.amount > 0)
        proposals = {**home._propose(debits), **home._propose_early(credits)}
        booked = {
            line: ", ".join(line._origin._get_booked_returns().mapped("name")) or False
            for line in self
            if line._origin not in proposals
        }
        for line in self:
            proposal = proposals.get(line._origin)
            line.return_proposal = (
                line._origin._get_proposal_text(proposal)
                if proposal
                else booked.get(line)
            )
            line.return_proposal_kind = proposal.kind if proposal else "none"
            line.is_debit_to_check = bool(
                proposal
                and not line.is_no_return
                and (line.return_rule_id or proposal.kind in ("meets", "early"))
            )

    def _get_proposal_text(self, proposal):
        """What people read; of what somebody has explained in part it is of the rest.

        :param proposal: ``Proposal``
        """
        currency, left = self._get_spoken_currency(), self._get_waiting_amount()
        told = self.amount_currency if self.foreign_currency_id else self.amount
        if self.is_reconciled or not currency.compare_amounts(abs(told), left):
            return proposal.text
        return self.env._(
            "Rest of %(amount)s: %(text)s",
            amount=currency.format(left),
            text=proposal.text,
        )

    @api.model
    def _get_open_debits_domain(self):
        """What a bank took and nobody has explained yet."""
        return (
            Domain("amount", "<", 0)
            & Domain("is_reconciled", "=", False)
            & Domain("journal_id.type", "=", "bank")
            & Domain("state", "=", "posted")
        )

    @api.model
    def _get_to_check_domain(self):
        """Of these what a rule knows, or what a return in the books waits for.

        And credits of late that pay with money which has come back.
        """
        meetings = self.env["account.payment.return.debit"]._select_meetings()
        since = self.env.company._get_credit_today() - EARLY
        early = self.env["credit.real.money"]._find_early_since(since)
        early = self.env["account.payment.return.ledger"]._filter_very(early)
        credits = [item.sudo().statement_line_id.id for item in early]
        is_known = Domain("return_rule_id", "!=", False) | Domain("id", "in", meetings)
        return Domain("is_no_return", "=", False) & (
            (self._get_open_debits_domain() & is_known) | Domain("id", "in", credits)
        )

    @api.model
    def _search_is_debit_to_check(self, operator, value):
        if operator != "in":
            return NotImplemented
        domain = self._get_to_check_domain()
        return domain if True in value else ~domain

    # === WHAT IS DONE WITH IT === #

    def action_came_back(self):
        """Book these debits as what came back, or let them meet what is booked.

        Where nobody can say which payment it was, the draft opens in which it is
        chosen; until then nothing is booked of it.

        :return: an action: what has come of it, or the drafts
        :raises AccessError: to who may not write on bank transactions or returns
        :raises UserError: for what is no debit that waits
        """
        self.check_access("write")
        self._check_keeps_books()
        debits = self._lock_open_debits()
        debits.filtered("is_no_return")._note_no_return(False)
        return self.env["account.payment.return.debit"]._book(debits)

    def action_put_right(self):
        """Let these credits be the collections that came back, and pay nothing else.

        The invoices that they paid are open again.

        :return: True
        :raises AccessError: to who may not write on bank transactions
        :raises UserError: where none is a collection that came back, or its period is
            closed
        """
        self.check_access("write")
        self._check_keeps_books()
        self._lock()
        early = self.env["credit.real.money"]._find_early(self)
        if not self.env["account.payment.return.ledger"]._put_right(early):
            raise UserError(
                self.env._(
                    "Nothing to put right: none of these is, in an open period, the"
                    " very amount of a collection that came back and still waits for"
                    " its money. Undo its reconciliation to book it otherwise."
                )
            )
        return True

    def action_is_no_return(self):
        """Take these debits off the list: nothing came back by them.

        :return: True
        :raises AccessError: to who may not write on bank transactions
        :raises UserError: where none of them waits, or one does in a draft return
        """
        self._set_aside(True)
        return True

    def action_may_be_return(self):
        """Put these debits on the list again.

        :return: True
        :raises AccessError: to who may not write on bank transactions
        """
        self._set_aside(False)
        return True

    def _set_aside(self, is_no_return):
        """Say that transactions are no returns, or may be, after the usual checks."""
        self.check_access("write")
        self._check_keeps_books()
        self._lock()
        known = self if not is_no_return else self._filter_waiting()
        if not known:
            self._refuse_explained()
        if is_no_return:
            known._check_in_no_draft()
        known._note_no_return(is_no_return)

    def _note_no_return(self, is_no_return):
        """Write what a person has just said of these; only the buttons do."""
        with self._filling_in_by_odoo():
            self.write({"is_no_return": is_no_return})

    def _check_in_no_draft(self):
        """Raise UserError for those that a draft asks back: it would go on to."""
        drafts = self.env["account.payment.return.debit"]._find_drafts(self)
        if not drafts:
            return
        lines = self.env["account.payment.return.line"].union(*drafts.values())
        raise UserError(
            self.env._(
                "Still in a draft return (%(returns)s): %(debits)s. Delete the line"
                " there, or set it aside; then say that it is not a return.",
                debits=", ".join(debit.display_name for debit in drafts),
                returns=", ".join(lines.return_id.mapped("name")),
            )
        )

    def _filter_waiting(self):
        """Return those that wait: debits, and credits of what came back."""
        early = self.env["account.payment.return.debit"]._propose_early(self)
        debits = self.filtered_domain(self._get_open_debits_domain())
        return debits.union(*early)

    def _get_kept_sentence(self, others):
        """Say why a debit does not wait again when a return that it met is cancelled.

        :param others: returns that it met too, and that stay
        :return: a sentence, or nothing where it is free
        """
        self.ensure_one()
        if others:
            return self.env._(
                "The bank's debit %(debit)s has met %(others)s too and stays as it is:"
                " undo its reconciliation to book it anew.",
                debit=self.move_id.name,
                others=", ".join(others.mapped("name")),
            )
        if return_books.is_closed(self.move_id):
            return self.env._(
                "The bank's debit %s is in a closed period and stays as it is.",
                self.move_id.name,
            )
        return ""

    def action_open_return(self):
        """Open the return, or returns, that a debit is or has met.

        :return: a window action
        :raises AccessError: to who may not see the transaction
        """
        self.check_access("read")
        return self._get_returns()._get_records_action(
            name=self.env._("Payment Returns")
        )

    @api.ondelete(at_uninstall=False)
    def _unlink_drafts_made_of_them(self):
        """Drafts that a debit has become go with it: nothing else tells of them."""
        drafts = self.env["account.payment.return.debit"]._find_drafts(self)
        lines = self.env["account.payment.return.line"].union(*drafts.values())
        lines._drop_made_of_debits()

    def _get_returns(self):
        """The returns that these transactions book, or have met, or wait in."""
        drafts = self.env["account.payment.return.debit"]._find_drafts(self)
        returns = self._get_booked_returns()
        return returns.union(*(lines.return_id for lines in drafts.values()))

    def _get_booked_returns(self):
        """The returns that these transactions book, or have met."""
        items = self.move_id.line_ids
        met = items.matched_credit_ids.credit_move_id.move_id
        # Of collections without an entry the debit itself says which return it is.
        returns = items.payment_return_line_id.return_id
        return (self.move_id | met).payment_return_id | returns

    def _check_keeps_books(self):
        """Raise UserError for who may write on transactions, but enters no returns."""
        if not acting.is_accounting(self.env):
            raise UserError(
                self.env._("Only who keeps the books says what the bank took back.")
            )

    def _lock(self):
        """Lock these transactions before it is asked how they stand.

        :raises UserError: when somebody else works on one
        """
        try:
            self.move_id.sudo().lock_for_update()
        except LockError as error:
            raise UserError(
                self.env._(
                    "Somebody is working on these bank transactions right now. Reload"
                    " the page in a moment to see what has become of them."
                )
            ) from error
        self.invalidate_recordset(["amount_residual", "is_reconciled"])

    def _lock_open_debits(self):
        """Lock these transactions.

        :return: those that wait; the others are done already
        :raises UserError: when none waits, or somebody else works on one
        """
        self._lock()
        debits = self.filtered_domain(self._get_open_debits_domain())
        if not debits:
            self._refuse_explained()
        return debits

    def _refuse_explained(self):
        """Raise UserError for transactions of which nothing waits."""
        if not self:
            raise UserError(self.env._("Choose the debits of the bank first."))
        raise UserError(
            self.env._(
                "No debit of a bank that waits to be explained: %s. What is reconciled"
                " has to be undone first.",
                ", ".join(self.mapped("display_name")),
            )
        )


def _flatten(value):
    """The texts in a JSON value."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return [text for each in value for text in _flatten(each)]
    return [value] if isinstance(value, str) else []
