from collections import defaultdict
from dataclasses import dataclass, field

from odoo import api, models
from odoo.tools import format_amount, format_list

from ..call_marks import BOOKING, REHEARSING
from ..rehearsal import rehearse
from .return_states import WAITING

# So many are named, more are counted.
FEW = 3
# What is in the queue gets written.
WRITTEN = {"pending": "mailed"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What confirming returns does, or has done: told before and afterwards alike.

    Ids and texts, as what was rehearsed is not there any more. Of customers the ids.
    ``amounts`` are by id of the currency, ``mailed`` are the addresses by customer,
    ``unmailed`` the customers by state of the notice. ``fees`` are what customers owe
    of fees with what came back, by id of the currency; ``charges`` the drafts that
    charge fees and late payment: of each the customer, the currency and the amount
    before tax. Other rooms add what is theirs.
    """

    line_ids: tuple = ()
    waiting: int = 0
    amounts: dict = field(default_factory=dict)
    invoice_ids: tuple = ()
    mailed: dict = field(default_factory=dict)
    unmailed: dict = field(default_factory=dict)
    fees: dict = field(default_factory=dict)
    charges: tuple = ()


class AccountPaymentReturnOutcome(models.AbstractModel):
    """What comes of confirming or cancelling returns: the one place that tells it.

    Before, it is rehearsed: the lines are set aside, planned and noted for the mails by
    the very methods that do so for good, whoever decides on what is owed says what he
    would do, and all of it is taken back. Only what core writes is left out, see the
    `_rehearse_post` of the ledger.
    """

    _name = "account.payment.return.outcome"
    _description = "Outcome of Payment Returns"

    # === CONFIRM === #

    @api.model
    def _foresee(self, returns, reason=None):
        """Say what confirming returns would do, and do nothing.

        :param returns: drafts that the user may confirm
        :param reason: of the lines that have none
        :return: `Outcome`
        :raises UserError: as `action_confirm`, but for a lock that another one holds
        """
        with rehearse(self.env) as env:
            drafts = returns.with_env(env)
            lines = self.with_env(env)._rehearse(drafts, reason)
            return self.with_env(env)._read(lines)

    @api.model
    def _foresee_new(self, vals_list):
        """Say the same of returns that are not there yet, by their values.

        :param vals_list: of `account.payment.return`
        """
        with rehearse(self.env) as env:
            # With a name: none is taken from the sequence.
            drafts = env["account.payment.return"]._create_from_file(
                [{"name": "…", **vals} for vals in vals_list]
            )
            lines = self.with_env(env)._rehearse(drafts)
            return self.with_env(env)._read(lines)

    def _rehearse(self, returns, reason=None):
        """Do what `action_confirm` does, as far as anybody asks for it.

        :return: the lines that are booked
        """
        returns._check_sees_all()
        returns._give_reason(reason or returns.line_ids.reason_id.browse())
        lines, left = returns._get_lines_to_post()
        with BOOKING.set(self.env):
            self.env["account.payment.return.ledger"]._rehearse_post(lines, left)
            self._set_state(returns, "confirmed")
        return lines

    def _set_state(self, returns, state):
        returns.sudo().with_context(tracking_disable=True).write({"state": state})

    @api.model
    def _read(self, lines):
        """Return the `Outcome` of lines that are in the books now."""
        return self._sum(lines.sudo(), self._get_facts(lines.sudo()))

    @api.model
    def _log(self, lines):
        """Say in the chatter of each return what has come of its lines."""
        lines = lines.sudo()
        facts = self._get_facts(lines)
        bodies = {
            payment_return.id: " · ".join(self._tell(self._sum(booked, facts)))
            for payment_return, booked in lines.grouped("return_id").items()
        }
        lines.return_id._message_log_batch(bodies)

    def _get_facts(self, lines):
        """Read at once what is told of lines, or of each return; as it is, or will be.

        Hook for the rooms that add to `Outcome`.

        :return: dict; ``fates`` are the state and the recipients of each notice,
            ``charges`` are as the ledger foresees them
        """
        ledger = self.env["account.payment.return.ledger"]
        is_ahead = REHEARSING.get(self.env)
        find = ledger._foresee_charges if is_ahead else ledger._read_charges
        return {
            "fates": lines.return_id.notice_ids._decide(),
            "charges": find(lines),
        }

    def _sum(self, lines, facts):
        """Return the `Outcome` of some lines, out of what was read for them all.

        :param facts: see `_get_facts`
        """
        pieces, returns = lines.undone_ids, lines.return_id
        drafts = facts.get("charges", {})
        mails = defaultdict(dict)
        for notice, (state, recipients) in facts.get("fates", {}).items():
            if notice.return_id in returns:
                addresses = tuple(recipients.mapped("email"))
                mails[WRITTEN.get(state, state)][notice.partner_id.id] = addresses
        waiting = (returns | returns.rest_ids).line_ids
        return Outcome(
            line_ids=lines._ids,
            waiting=len(waiting.filtered(lambda line: line.match_state in WAITING)),
            amounts=self._sum_amounts(lines),
            invoice_ids=pieces.debit_move_id.move_id._ids,
            mailed=mails.pop("mailed", {}),
            unmailed={state: tuple(found) for state, found in mails.items()},
            fees=self._sum_amounts(
                lines.filtered(lambda line: line._has_fee() and line._owes_fee()),
                "fee_amount",
            ),
            charges=tuple(
                sorted(
                    (partner.id, currency.id, currency.round(amount))
                    for (source, _company, partner, currency), amount in drafts.items()
                    if source in returns
                )
            ),
        )

    def _sum_amounts(self, lines, field_name="amount"):
        return {
            currency.id: sum(group.mapped(field_name))
            for currency, group in lines.grouped("currency_id").items()
        }

    # === WORDS === #

    @api.model
    def _tell(self, outcome):
        """Say an outcome in sentences, each of which fits on a line."""
        sentences = [self._tell_books(outcome), *self._tell_consequences(outcome)]
        return sentences + self._tell_waiting(outcome.waiting)

    def _tell_waiting(self, count):
        """Say how many lines still wait for their payment, as a list of sentences."""
        if count == 1:
            return [self.env._("1 line stays in draft")]
        told = self.env._("%(count)s lines stay in draft", count=count)
        return [told] if count else []

    @api.model
    def _tell_shortly(self, outcome):
        """Say the outcome of few returns in one sentence, which names all."""
        if len(outcome.line_ids) > FEW:
            return " · ".join(self._tell(outcome))
        values = {
            "amount": self._format_amounts(outcome),
            "invoices": self._format_invoices(outcome),
        }
        books = (
            self.env._("Books %(amount)s back on %(invoices)s", **values)
            if outcome.invoice_ids
            else self.env._("Books %(amount)s back", **values)
        )
        return " · ".join([books, *self._tell_consequences_shortly(outcome)])

    def _tell_consequences(self, outcome):
        """Say what comes of it for customers, as sentences; hook for other rooms."""
        return [
            *self._tell_fees(outcome),
            *self._tell_charges(outcome),
            self._tell_mails(outcome),
        ]

    def _tell_consequences_shortly(self, outcome):
        """Say the same of few returns, naming all; hook for other rooms."""
        charges = [*self._tell_fees(outcome), *self._tell_charges(outcome)]
        if not outcome.mailed:
            return [*charges, self._tell_mails(outcome)]
        emails = ", ".join(_get_all(outcome.mailed))
        return [*charges, self.env._("writes to %(emails)s", emails=emails)]

    def _tell_fees(self, outcome):
        """Say which fees are owed with what came back, as a list of sentences."""
        if not outcome.fees:
            return []
        amount = self._format_amounts(Outcome(amounts=outcome.fees))
        return [self.env._("bank fees charged to customers: %(amount)s", amount=amount)]

    def _tell_charges(self, outcome):
        """Say which invoices are drafted of fees and late payment, as sentences."""
        if not outcome.charges:
            return []
        sums = defaultdict(float)
        for _partner_id, currency_id, amount in outcome.charges:
            sums[currency_id] += amount
        partners = {partner_id for partner_id, *_others in outcome.charges}
        values = {
            "count": len(outcome.charges),
            "amount": self._format_amounts(Outcome(amounts=sums)),
            "names": self._format_partners(partners),
        }
        if len(partners) > FEW:
            told = self.env._(
                "%(count)s invoices of charges drafted, %(amount)s before tax", **values
            )
        elif len(outcome.charges) == 1:
            told = self.env._(
                "1 invoice of charges drafted for %(names)s, %(amount)s before tax",
                **values,
            )
        else:
            told = self.env._(
                "%(count)s invoices of charges drafted for %(names)s, %(amount)s before"
                " tax",
                **values,
            )
        return [told]

    def _format_partners(self, ids):
        """The names of some customers, who may be of any company."""
        partners = self.env["res.partner"].sudo().browse(sorted(ids))
        return ", ".join(partners.mapped("display_name"))

    def _tell_books(self, outcome):
        """Say what is booked, which invoices are open again, and the amount."""
        count = len(outcome.line_ids)
        booked = pick(
            count, self.env._("1 booked"), self.env._("%(count)s booked", count=count)
        )
        amount = self._format_amounts(outcome)
        return ", ".join([booked, self._tell_reopened(outcome), amount])

    def _tell_reopened(self, outcome):
        values = {
            "number": len(outcome.invoice_ids),
            "names": self._format_invoices(outcome),
        }
        if not outcome.invoice_ids:
            return self.env._("no invoice reopened")
        if len(outcome.invoice_ids) == 1:
            return self.env._("1 invoice reopened (%(names)s)", **values)
        if len(outcome.invoice_ids) <= FEW:
            return self.env._("%(number)s invoices reopened (%(names)s)", **values)
        return self.env._("%(number)s invoices reopened", **values)

    def _tell_mails(self, outcome):
        if not outcome.mailed and not outcome.unmailed:
            return self.env._("no customer gets a mail")
        notes = [
            self.env._(
                "%(count)s without address",
                count=len(outcome.unmailed.get("no_address", ())),
            )
        ]
        labels = {
            "opted_out": self.env._("opted out"),
            "settled": self.env._("without a debt on balance"),
        }
        notes += [
            f"{len(outcome.unmailed[state])} {label}"
            for state, label in labels.items()
            if outcome.unmailed.get(state)
        ]
        values = {
            "count": len(outcome.mailed),
            "emails": ", ".join(_get_all(outcome.mailed)),
            "notes": ", ".join(notes),
        }
        if not outcome.mailed:
            return self.env._("no customer gets a mail (%(notes)s)", **values)
        if len(outcome.mailed) == 1:
            return self.env._(
                "1 customer gets a mail: %(emails)s (%(notes)s)", **values
            )
        return self.env._("%(count)s customers get a mail (%(notes)s)", **values)

    def _format_amounts(self, outcome):
        currencies = self.env["res.currency"].browse(outcome.amounts)
        return format_list(
            self.env,
            [format_amount(self.env, outcome.amounts[c.id], c) for c in currencies],
        )

    def _format_lines(self, lines):
        """What some lines of drafts amount to when they are booked, as a text."""
        omitted = lines._find_omitted_amounts()
        sums = self._sum_amounts(lines)
        for line, amount in omitted.items():
            sums[line.currency_id.id] += amount
        return self._format_amounts(Outcome(amounts=sums))

    def _format_invoices(self, outcome):
        invoices = self.env["account.move"].sudo().browse(outcome.invoice_ids[:FEW])
        return ", ".join(invoices.mapped("name"))

    # === CANCEL === #

    @api.model
    def _foresee_cancel(self, returns):
        """Say what cancelling returns would do, and do nothing.

        :param returns: that the user may cancel
        :return: list of sentences
        """
        confirmed = returns.filtered(lambda r: r.state == "confirmed")
        if not confirmed:
            return [self._tell_cancelled(confirmed.line_ids)]
        with rehearse(self.env) as env:
            return self.with_env(env)._rehearse_cancel(confirmed.with_env(env))

    def _rehearse_cancel(self, returns):
        returns._check_sees_all()
        lines = returns.line_ids._filter_came_back()
        with BOOKING.set(self.env):
            said = self.env["account.payment.return.ledger"]._rehearse_cancel(returns)
            self._set_state(returns, "cancelled")
        return [
            self._tell_cancelled(lines),
            *self._tell_freed(lines),
            *self._tell_left_mails(returns.sudo().notice_ids),
            *(sentence for sentences in said.values() for sentence in sentences),
        ]

    def _tell_freed(self, lines):
        """Say what else customers are free of, as sentences; hook for other rooms."""
        return []

    def _tell_cancelled(self, lines):
        """Say what is taken out of the books, and where it all goes back to.

        :param lines: those that were in the books, of which `undone_ids` know what
            could be put back
        """
        if not lines:
            return self.env._("Nothing was booked: the return is only set aside.")
        values = {"count": len(lines), "amount": self._format_lines(lines)}
        reversed_ = pick(
            len(lines),
            self.env._("1 reversed, %(amount)s", **values),
            self.env._("%(count)s reversed, %(amount)s", **values),
        )
        applied = lines.sudo().undone_ids.filtered(
            lambda piece: piece.debit_move_id and piece._get_restored()
        )
        return ", ".join([reversed_, *self._tell_applied(applied)])

    def _tell_applied(self, pieces):
        """Say on which invoices payments apply again, and for how much.

        :param pieces: `account.payment.return.partial`
        :return: list of a text, or of none
        """
        by_invoice = pieces.grouped(lambda piece: piece.debit_move_id.move_id)
        if not by_invoice:
            return []
        if len(by_invoice) <= FEW:
            named = [
                f"{invoice.name} ({self._format_restored(restored)})"
                for invoice, restored in by_invoice.items()
            ]
            invoices = ", ".join(named)
            return [self.env._("applied again to %(invoices)s", invoices=invoices)]
        told = self.env._(
            "%(amount)s applied again to %(number)s invoices",
            amount=self._format_restored(pieces),
            number=len(by_invoice),
        )
        return [told]

    def _format_restored(self, pieces):
        """What of some pieces is put back, as a text."""
        sums = {
            currency.id: sum(piece._get_restored() for piece in group)
            for currency, group in pieces.grouped("currency_id").items()
        }
        return self._format_amounts(Outcome(amounts=sums))

    def _tell_dropped(self, drafts):
        """Say which drafts of charges go when their return is cancelled.

        :param drafts: ``account.move``
        """
        partners = drafts.commercial_partner_id
        values = {
            "count": len(drafts),
            "names": self._format_partners(partners.ids),
            "amount": self._format_amounts(Outcome(amounts=_sum_untaxed(drafts))),
        }
        if len(partners) > FEW:
            return self.env._(
                "%(count)s draft invoices of charges deleted, %(amount)s before tax",
                **values,
            )
        if len(drafts) == 1:
            return self.env._(
                "1 draft invoice of charges deleted: %(names)s, %(amount)s before tax",
                **values,
            )
        return self.env._(
            "%(count)s draft invoices of charges deleted: %(names)s, %(amount)s before"
            " tax",
            **values,
        )

    def _tell_left_mails(self, notices):
        """Say which mails to the customers are not to be taken back any more."""
        waiting = notices._filter_waiting()
        left = (notices - waiting).filtered(lambda n: n.state == "mailed")
        sentences = []
        if left:
            sentences.append(
                self.env._(
                    "%(count)s mails have left and cannot be taken back: write to these"
                    " customers",
                    count=len(left),
                )
                if len(left) > 1
                else self.env._(
                    "1 mail has left and cannot be taken back: write to %(name)s",
                    name=left.partner_id.display_name,
                )
            )
        unsent = waiting.filtered(lambda n: n.state in ("pending", "mailed"))
        if unsent:
            sentences.append(
                self.env._(
                    "%(count)s mails not sent yet are dropped", count=len(unsent)
                )
                if len(unsent) > 1
                else self.env._("1 mail not sent yet is dropped")
            )
        return sentences


def _sum_untaxed(drafts):
    """What invoices amount to before tax, by id of the currency."""
    return {
        currency.id: sum(group.mapped("amount_untaxed"))
        for currency, group in drafts.grouped("currency_id").items()
    }


def pick(count, one, several):
    """Return of two texts the one that a number asks for."""
    return one if count == 1 else several


def _get_all(mailed):
    """The addresses of all who get a mail, each once."""
    return dict.fromkeys(email for emails in mailed.values() for email in emails)
