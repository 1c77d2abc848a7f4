from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Command


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
        lost = by_kind.get("choose", none) | by_kind.get("unknown", none)
        drafts = self._create_returns(lost)
        drafts.line_ids._match()
        drafts |= (booked - sure) | sure.rest_ids
        for lines in self._find_drafts(by_kind.get("asked", none)).values():
            drafts |= lines.return_id
        return self._tell(met, sure, drafts)

    def _create_returns(self, transactions):
        """Create a draft return of each bank, whose lines name its debits.

        :return: the returns
        """
        groups = transactions.grouped(
            lambda debit: (debit.journal_id, debit.company_id)
        )
        return self.env["account.payment.return"].create(
            [
                {
                    "journal_id": bank.id,
                    "company_id": company.id,
                    "date": max(debits.mapped("date")),
                    "line_ids": list(map(Command.create, self._prepare_lines(debits))),
                }
                for (bank, company), debits in groups.items()
            ]
        )

    def _refuse_known(self, proposals):
        """Raise UserError for debits that something else in the books has told."""
        names = dict.fromkeys(proposal.text for proposal in proposals.values())
        raise UserError(
            self.env._(
                "This is in the books already, by %(names)s: reconcile the transaction"
                " with that, or say that it is not a return.",
                names=", ".join(names),
            )
        )

    def _tell(self, met, booked, drafts):
        """Say what has come of debits, or open what is left to choose.

        :param met: the return lines that debits have met
        :param booked: returns that were confirmed
        :param drafts: returns in which something is to be chosen
        :return: an action
        """
        if drafts:
            return drafts._get_records_action(name=self.env._("Say what came back"))
        if booked:
            return booked._notify_outcome()
        return met.return_id._notify_met()

    # === MEETING === #

    def _meet(self, transactions, proposals):
        """Let debits meet the open credits of returns.

        :param proposals: dict from transaction to `Proposal`
        :return: the return lines that they meet
        """
        ledger = self.env["account.payment.return.ledger"]
        lines = self.env["account.payment.return.line"]
        for debit in transactions:
            proposal = proposals[debit]
            ledger._meet(debit, proposal.items, proposal.fee)
            entries = proposal.items.move_id
            lines |= proposal.items.payment_return_line_id or (
                entries.line_ids.payment_return_line_id
            )
        ledger._put_right(self.env["credit.real.money"]._find_returned(lines))
        return lines
