from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Command

from .. import notification


class AccountPaymentReturnDebit(models.AbstractModel):
    """How debits of the bank come into the books as what they are."""

    _inherit = "account.payment.return.debit"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _book(self, transactions):
        """Let debits meet what is booked, and make returns of the others.

        Those of which a payment is known are confirmed; the others wait in a draft for
        who chooses it.

        :param transactions: ``account.bank.statement.line`` that wait, locked
        :return: an action: what has come of it, or the drafts
        :raises UserError: when all of them are known already
        """
        proposals = self._propose(transactions)
        by_kind = transactions.grouped(lambda debit: proposals[debit].kind)
        none = transactions.browse()
        if by_kind.keys() == {"known"}:
            self._refuse_known(proposals)
        met = self._meet(by_kind.get("meets", none), proposals)
        booked = self._create_returns(by_kind.get("matched", none))
        booked.line_ids._match()
        sure = booked.filtered("matched_count")
        sure.action_confirm()
        self._put_right(sure.line_ids)
        lost = by_kind.get("choose", none) | by_kind.get("unknown", none)
        drafts = self._create_returns(lost)
        drafts.line_ids._match()
        drafts |= (booked - sure) | sure.rest_ids
        for lines in self._find_drafts(by_kind.get("asked", none)).values():
            drafts |= lines.return_id
        known = by_kind.get("known", none)
        return self._tell(met, sure, drafts, [proposals[each].text for each in known])

    def _create_returns(self, transactions):
        """Create a draft return of each bank, whose lines name its debits.

        :return: the returns
        """
        groups = transactions.grouped(
            lambda debit: (debit.journal_id, debit.company_id)
        )
        vals_list = [
            {
                "journal_id": bank.id,
                "company_id": company.id,
                "date": max(debits.mapped("date")),
                "line_ids": list(map(Command.create, self._prepare_lines(debits))),
            }
            for (bank, company), debits in groups.items()
        ]
        returns = self.env["account.payment.return"]
        with returns._filling_in_by_odoo():
            return returns.create(vals_list)

    def _refuse_known(self, proposals):
        """Raise UserError for debits that something else in the books has told."""
        names = dict.fromkeys(proposal.text for proposal in proposals.values())
        raise UserError(
            self.env._(
                "This is in the books already, by %(names)s: reconcile the transaction"
                " with that, or say that it is not a return. If another part of the"
                " payment came back, register a return and choose this transaction on"
                " its line.",
                names=", ".join(names),
            )
        )

    def _tell(self, met, booked, drafts, known):
        """Say what has come of debits, and open what is left to choose.

        :param met: the return lines that debits have met
        :param booked: returns that were confirmed
        :param drafts: returns in which something is to be chosen
        :param known: names of what tells of debits that are left
        :return: an action
        """
        texts = [booked._get_outcome_text()] if booked else []
        texts += [met.return_id._get_met_text()] if met else []
        if known:
            names = ", ".join(dict.fromkeys(known))
            texts.append(self.env._("In the books already, and left: %s.", names))
        title = self.env._("Say what came back")
        action = drafts._get_records_action(name=title) if drafts else None
        if not texts:
            return action
        return notification.tell(" ".join(texts), "success", then=action)

    # === MEETING === #

    def _meet(self, transactions, proposals):
        """Let debits meet the open credits of returns.

        :param proposals: dict from transaction to `Proposal`
        :return: the return lines that they meet
        """
        ledger = self.env["account.payment.return.ledger"]
        lines = self.env["account.payment.return.line"]
        drafts = lines.union(*self._find_drafts(transactions).values())
        met = {debit: self._get_met_lines(proposals[debit]) for debit in transactions}
        ledger._meet({debit: proposals[debit] for debit in transactions})
        lines = lines.union(*met.values())
        lines.return_id._log_met(met)
        drafts._drop_made_of_debits()
        self._put_right(lines)
        return lines

    def _get_met_lines(self, proposal):
        """The return lines whose open credits a debit meets; of a fee all of its entry.

        :param proposal: `Proposal`
        """
        items = self.env["account.move.line"].union(*proposal.takes)
        return (
            items.payment_return_line_id.union(*proposal.unbooked)
            or items.move_id.line_ids.payment_return_line_id
            or items.move_id.payment_return_id.line_ids
        )

    def _put_right(self, lines):
        """Let what the bank had credited of these collections pay nothing else.

        :param lines: return lines in the books
        """
        early = self.env["credit.real.money"]._find_returned(lines)
        self.env["account.payment.return.ledger"]._put_right(early)
