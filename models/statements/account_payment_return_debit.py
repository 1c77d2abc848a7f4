from dataclasses import dataclass, field

from odoo import api, models
from odoo.fields import Domain

from ..returns import match_rules
from ..returns.return_states import WAITING
from .account_payment_return_line import MADE


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a debit of the bank is, as far as anybody can say.

    ``kind`` is as of the transaction's field; ``text`` is for people. One that meets a
    return says what it ``takes``: dict from the open credits of its entry to amount,
    which ``unbooked`` return lines it is that have no entry, and how much of the debit
    is a ``fee`` of the bank that is not among them, all in the currency of the
    transaction.
    """

    kind: str
    text: str = ""
    takes: dict = field(default_factory=dict)
    unbooked: object = ()
    fee: float = 0.0


class AccountPaymentReturnDebit(models.AbstractModel):
    """What the bank's debits are: a return that is booked already, or a new one.

    A return in the books leaves a credit on the outstanding account, which waits for
    the debit of the bank: the two meet. Any other debit becomes the entry of a return
    of its own, whose payment the rules of matching find, or a person.
    """

    _name = "account.payment.return.debit"
    _description = "Debits of the Bank that Came Back"

    @api.model
    def _propose(self, transactions):
        """Say what some debits that wait are; nothing is written.

        :param transactions: ``account.bank.statement.line``
        :return: dict from transaction to `Proposal`
        """
        if not transactions:
            return {}
        drafts = self._find_drafts(transactions)
        # What waits in a draft without a payment may meet a return that came since.
        sure = {debit for debit, found in drafts.items() if _is_settled(found)}
        waiting = transactions.filtered(lambda debit: debit not in sure)
        lines = self._make_lines(waiting)
        match = self.env["account.payment.return.match"]
        wanted, outcomes, index = match._foresee(lines)
        by_debit = {ln.statement_line_id._origin: outcomes[ln] for ln in lines}
        meant = {
            line.statement_line_id._origin: match_rules.find_meant(wanted[line], index)
            for line in lines
        }
        meetings = self._find_meetings(waiting, by_debit, meant)
        lost = lines.filtered(
            lambda ln: ln.statement_line_id._origin not in {**meetings, **drafts}
        )
        outcomes.update(match._propose_nearest(lost, outcomes, wanted))
        proposals = {
            debit: self._describe_meeting(debit, *meeting)
            for debit, meeting in meetings.items()
        }
        for debit, found in drafts.items():
            if debit in meetings:
                continue
            names = ", ".join(found.return_id.mapped("name"))
            proposals[debit] = Proposal("asked", names)
        proposals.update(
            self._describe_outcomes(
                {line.statement_line_id._origin: outcomes[line] for line in lost}
            )
        )
        return proposals

    @api.model
    def _propose_early(self, transactions):
        """Say which credits pay an invoice with money that came back since.

        :param transactions: ``account.bank.statement.line``
        :return: dict from transaction to `Proposal`
        """
        if not transactions:
            return {}
        found = self.env["credit.real.money"]._find_early(transactions)
        found = self.env["account.payment.return.ledger"]._filter_very(found)
        items = self.env["account.move.line"].union(*found)
        lines = self.env["account.payment.return.line"]
        return {
            transaction: self._describe_early(
                group, lines.union(*(found[item] for item in group))
            )
            for transaction, group in items.grouped("statement_line_id").items()
        }

    def _describe_early(self, items, lines):
        """What people read of a credit that is what came back.

        :param items: what it put on customers' accounts
        :param lines: the return lines of these collections
        """
        paid = items.matched_debit_ids.debit_move_id.move_id
        text = self.env._(
            "Pays %(invoices)s with the money of %(payment)s, which came back:"
            " %(return)s",
            **{
                "invoices": ", ".join((paid or items.move_id).mapped("name")),
                "payment": ", ".join(lines.payment_id.mapped("name")),
                "return": ", ".join(lines.return_id.mapped("name")),
            },
        )
        return Proposal("early", text)

    @api.model
    def _find_drafts(self, transactions):
        """The lines of draft returns that these transactions are said to be.

        :return: dict from transaction to lines; one query
        """
        lines = self.env["account.payment.return.line"].search(
            Domain("state", "=", "draft")
            & Domain("match_state", "in", ("matched", *WAITING))
            & (
                Domain("statement_line_id", "in", transactions.ids)
                | Domain("return_id.statement_line_id", "in", transactions.ids)
            ),
            order="id",
        )
        return {
            transaction: found
            for transaction, found in lines.grouped(
                lambda line: line._get_transaction()
            ).items()
            if transaction in transactions
        }

    # === A RETURN OF ITS OWN === #

    def _make_lines(self, transactions):
        """New lines of returns for some debits, which are not saved."""
        lines = self.env["account.payment.return.line"]
        for bank, debits in transactions.grouped("journal_id").items():
            values = {"journal_id": bank.id, "company_id": debits[0].company_id.id}
            payment_return = self.env["account.payment.return"].new(values)
            for debit, line_values in zip(
                debits, self._prepare_lines(debits), strict=True
            ):
                line = lines.new({**line_values, "return_id": payment_return})
                line.statement_line_id = debit
                lines |= line
        return lines

    def _prepare_lines(self, transactions):
        """Values of the lines of returns for some debits, in their order."""
        texts = {debit: debit._get_return_text() for debit in transactions}
        reasons = self._find_reasons(texts)
        named = transactions._find_named()
        return [
            self._prepare_line(debit, texts[debit], reasons[debit], named[debit])
            for debit in transactions
        ]

    def _prepare_line(self, transaction, text, reason, named):
        """Values of the line of a return for a debit, for other addons to extend.

        :param transaction: ``account.bank.statement.line``
        :param text: all that the bank says of it
        :param reason: `account.payment.return.reason`, or empty
        :param named: ``Named``, whom the bank names
        """
        end_to_end_id = transaction._get_end_to_end_id()
        reference = transaction._get_reference()
        return {
            "statement_line_id": transaction.id,
            # What the bank told, and not a person: see `_forget_payments_amount`.
            "unique_key": f"{MADE}{transaction.id}",
            "date": transaction.date,
            "amount": transaction._get_waiting_amount(),
            "currency_id": transaction._get_spoken_currency().id,
            "texts": text,
            "end_to_end_id": end_to_end_id,
            "reference": reference if reference != end_to_end_id else False,
            "partner_name": named.name,
            "partner_iban": named.iban,
            "partner_id": named.partner.commercial_partner_id.id,
            "reason_id": reason.id,
        }

    def _find_reasons(self, texts):
        """Why the debits came back: a code in the bank's text, or the rule's reason.

        :param texts: dict from transaction to text
        :return: dict from transaction to `account.payment.return.reason`; one query
        """
        words = {
            debit: set(text.replace(":", " ").replace("/", " ").split())
            for debit, text in texts.items()
        }
        reasons = self.env["account.payment.return.reason"]
        known = reasons.search(
            Domain("code", "in", list(set().union(*words.values())))
            & Domain("scheme", "in", ("iso", "riba", "rid", "mav"))
            & Domain("outcome", "=", "unpaid"),
            order="id",
        )
        return {
            debit: known.filtered(lambda reason, told=told: reason.code in told)[:1]
            or debit.return_rule_id.sudo().reason_id.sudo(False)
            for debit, told in words.items()
        }

    # === WHAT PEOPLE READ === #

    def _describe_meeting(self, transaction, takes, unbooked, fee):
        """What people read of a debit that meets a return.

        Of fees beside collections it does not matter to them who told them.
        """
        items = self.env["account.move.line"].union(*takes)
        collected = items.filtered("payment_return_line_id")
        lines = collected.payment_return_line_id | unbooked
        returns = items.move_id.payment_return_id | unbooked.return_id
        names = ", ".join(returns.mapped("name"))
        customer = lines.partner_id.commercial_partner_id
        text = " · ".join((names, *customer._filtered_access("read").mapped("name")))
        count = len(collected) + len(unbooked) or len(items)
        if count > 1:
            text = self.env._(
                "%(returns)s: %(count)s credits", returns=names, count=count
            )
        told = sum(takes[item] for item in items - collected) if lines else 0.0
        if fee or told:
            amount = transaction._get_spoken_currency().format(fee + told)
            text = self.env._(
                "%(text)s, and %(fee)s for the bank", text=text, fee=amount
            )
        return Proposal("meets", text, takes, unbooked, fee)

    def _describe_outcomes(self, outcomes):
        """What people read of the answers of the rules.

        :param outcomes: dict from transaction to ``Outcome``
        :return: dict from transaction to `Proposal`
        """
        match = self.env["account.payment.return.match"]
        home = self.env["account.payment.return.candidate"]
        targets = {
            debit: match._get_target(outcome.collection)
            for debit, outcome in outcomes.items()
            if outcome.state == "matched"
        }
        faces = home._describe(targets.values())
        return {
            debit: Proposal("matched", home._say(faces[targets[debit]]))
            if debit in targets
            else self._describe_open(outcome)
            for debit, outcome in outcomes.items()
        }

    def _describe_open(self, outcome):
        """What people read where the rules have no certain answer."""
        if outcome.state == "duplicate":
            return Proposal("known", outcome.repeats.source)
        count = len(outcome.candidates)
        if not count:
            return Proposal("unknown", self.env._("No payment found"))
        if count == 1:
            return Proposal("choose", self.env._("1 payment to choose"))
        return Proposal("choose", self.env._("%s payments to choose from", count))


def _is_settled(lines):
    """Whether a person, or the matching, has given lines of drafts a payment."""
    return any(line.match_state == "matched" for line in lines)
