from dataclasses import dataclass

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain

from .. import said
from ..call_marks import FLAGGING, TAKING_OVER

SOURCE = "payment.return"
# What became of a row of the source.
TAKEN, THERE, LEFT = "taken over", "there already", "left out"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the report: what it is, what became of it, and why."""

    kind: str
    name: str
    outcome: str
    why: str = ""
    date: object = None
    lines: int = 0
    amount: float = 0.0


class AccountPaymentReturnTakeover(models.AbstractModel):
    """Goes on with the payment returns of OCA's ``account_payment_return``.

    What is in the books stays in the books: our return points at the very entry that
    was made then. Nothing of OCA's is changed or deleted, and a second run finds
    nothing to do.
    """

    _name = "account.payment.return.takeover"
    _description = "Take-over of OCA's Payment Returns"

    @api.model
    def _take_over(self, dry_run=True, block=False, companies=None):
        """Take over reasons and returns. For administrators, from a script.

        :param dry_run: do it, tell of it and roll it back
        :param block: apply the block rules at once, not only when they run at night
        :param companies: `res.company` records, all of them by default
        :return: list of `Row`
        :raises UserError: where OCA's addon is not installed
        """
        if SOURCE not in self.env:
            raise UserError(
                self.env._(
                    "The addon account_payment_return of OCA is not installed in this "
                    "database: install it beside this one, take over its data, and "
                    "uninstall it then."
                )
            )
        quiet = self.sudo().with_context(tracking_disable=True, mail_create_nolog=True)
        with self.env.cr.savepoint() as savepoint:
            rows = quiet._take_over_all(block, companies)
            self.env.flush_all()
            if dry_run:
                savepoint.rollback()
        return rows

    def _take_over_all(self, block, companies):
        domain = [("company_id", "in", companies.ids)] if companies else []
        sources = self.env[SOURCE].search(domain, order="date, id")
        reasons, rows = self._take_reasons()
        known = self._find_known(sources)
        problems = self._find_problems(sources.filtered(lambda s: s not in known))
        new = sources.filtered(lambda s: s not in known and s not in problems)
        returns = self._create_returns(new, reasons)
        booked = {s: r for s, r in returns.items() if s.state == "done"}
        self._link_entries(booked)
        confirmed = self.env["account.payment.return"].union(*booked.values())
        self._confirm(confirmed)
        rows += [self._tell(s, known, problems) for s in sources]
        if block:
            rows += self._block(confirmed)
        return rows

    # === REASONS === #

    def _take_reasons(self):
        """Find OCA's reasons among ours by their code, and create those missing.

        :return: (dict from OCA's reason to ours, list of `Row`)
        """
        sources = self.env["payment.return.reason"]
        sources = sources.search([])  # pylint: disable=no-search-all  # hundreds
        codes = {s: (s.code or s.name or "").strip() for s in sources}
        names = {code: source.name for source, code in codes.items() if code}
        ours = self.env["account.payment.return.reason"]
        by_code, created = ours._take_over(names)
        missing = {codes[s]: s for s in sources if by_code.get(codes[s]) in created}
        self._name_reasons(missing, by_code)
        why = self.env._("does not count as default: decide in the reason")
        rows = [
            Row("reason", code, TAKEN, f"{source.name.strip()} ({why})")
            for code, source in missing.items()
        ]
        return {s: by_code.get(codes[s], ours.browse()) for s in sources}, rows

    def _name_reasons(self, missing, by_code):
        """Call new reasons as OCA's are called, in each language of the database."""
        languages = [code for code, _name in self.env["res.lang"].get_installed()]
        for lang in languages:
            for code, source in missing.items():
                name = source.with_context(lang=lang).name
                by_code[code].with_context(lang=lang).name = name or code

    # === WHAT CAN BE TAKEN OVER === #

    def _get_key(self, source):
        return f"{SOURCE},{source.id}"

    def _find_known(self, sources):
        """Return a dict from OCA's return to ours, for those taken over before."""
        keys = {self._get_key(source): source for source in sources}
        found = self.env["account.payment.return"].search(
            [("taken_over_from", "in", list(keys))]
        )
        return {keys[ours.taken_over_from]: ours for ours in found}

    def _find_problems(self, sources):
        """Return a dict from OCA's return to why it is left out."""
        items = sources.line_ids.move_line_ids
        lines = self.env["account.payment.return.line"]
        returned = lines.search(
            lines._get_came_back_domain() & Domain("move_line_id", "in", items.ids)
        )
        by_item = returned.grouped("move_line_id")
        problems = {}
        for source in sources:
            problem = self._get_problem(source) or self._get_returned(source, by_item)
            if problem:
                problems[source] = problem
        return problems

    def _get_problem(self, source):
        """Say why a return cannot be taken over; False if nothing is wrong."""
        if source.state == "cancelled":
            return self.env._("Cancelled: its entry was deleted.")
        if not source.line_ids:
            return self.env._("It has no lines.")
        if source.journal_id.company_id != source.company_id:
            return self.env._("Its bank belongs to another company.")
        items = source.line_ids.move_line_ids
        if any(item.currency_id != item.company_currency_id for item in items):
            return self.env._("A payment is in another currency.")
        if any(self._get_shares(line) is None for line in source.line_ids):
            return self.env._(
                "A line has several payments, and its amount is not their sum."
            )
        return source.state == "done" and self._get_entry_problem(source)

    def _get_entry_problem(self, source):
        """The same for what is in the books."""
        entry = source.move_id
        if entry.state != "posted":
            return self.env._("Its journal entry is missing or not posted.")
        if entry.payment_return_id:
            return self.env._(
                "Its entry belongs to %(name)s.", name=entry.payment_return_id.name
            )
        for line in source.line_ids:
            if not line.move_line_ids:
                return self.env._("A line has no payment.")
            if any(not self._get_partials(source, i) for i in line.move_line_ids):
                return self.env._(
                    "A payment is not matched with the entry of the return any more."
                )
        return False

    def _get_returned(self, source, by_item):
        """Say that a payment came back in a return of ours, which comes first."""
        for item in source.line_ids.move_line_ids:
            if source.state == "done" and item in by_item:
                return self.env._(
                    "The return of %(payment)s is in %(name)s already.",
                    payment=item.move_name,
                    name=by_item[item].return_id[:1].name,
                )
        return False

    def _get_partials(self, source, item):
        """What matches a payment with the entry of its return, if it has one."""
        return item.matched_debit_ids.filtered(
            lambda partial: partial.debit_move_id.move_id == source.move_id
        )

    def _get_shares(self, line):
        """Share the amount of a line among its payments.

        :return: list of (payment item or empty, amount); None if nobody can know
        """
        items, currency = line.move_line_ids, line.return_id.company_id.currency_id
        if len(items) < 2:
            return [(items, currency.round(line.amount))]
        shares = [(item, currency.round(abs(item.balance))) for item in items]
        total = sum(amount for _item, amount in shares)
        return None if currency.compare_amounts(total, line.amount) else shares

    # === OUR RETURNS === #

    def _create_returns(self, sources, reasons):
        """Create drafts of ours.

        :return: dict from OCA's return to ours
        """
        vals_list = [self._prepare_return(source, reasons) for source in sources]
        # What came back in the books is not asked for again.
        with FLAGGING.set(self.env), TAKING_OVER.set(self.env):
            returns = self.env["account.payment.return"].create(vals_list)
        returns._message_log_batch(
            {
                ours.id: self.env._(
                    "Taken over from payment return %(name)s of OCA's addon.",
                    name=source.name,
                )
                for ours, source in zip(returns, sources, strict=True)
            }
        )
        return dict(zip(sources, returns, strict=True))

    def _prepare_return(self, source, reasons):
        """Values of our return, which keeps the number it is known by."""
        return {
            "name": source.name,
            "date": source.date or source.create_date.date(),
            "journal_id": source.journal_id.id,
            "taken_over_from": self._get_key(source),
            "booked_elsewhere": source.state == "done",
            "line_ids": [
                Command.create(values)
                for line in source.line_ids
                for values in self._prepare_lines(source, line, reasons)
            ],
        }

    def _prepare_lines(self, source, line, reasons):
        """Values of our lines: one a payment."""
        known = {
            "reference": line.reference,
            "texts": line.concept,
            "date": line.date,
            "partner_name": line.partner_name,
            "partner_id": line.partner_id.id,
            "reason_id": reasons.get(line.reason_id, line.reason_id.browse()).id,
            "reason_code": line.reason_id.code,
            "reason_text": line.reason_additional_information,
        }
        prepared = [
            {
                **known,
                "amount": amount,
                "match_said": said.say("match.taken_over"),
                "move_line_id": item.id,
                "payment_id": item.move_id.origin_payment_id.id,
                "is_chosen": False,
                "invoice_line_ids": [Command.set(self._get_reopened(source, item).ids)],
            }
            for item, amount in self._get_shares(line)
        ]
        # The charges are of the line, however many its payments are.
        prepared[0]["fee_amount"] = line.expense_amount
        return prepared

    def _get_reopened(self, source, item):
        """The instalments that the return opened again; of a draft none yet."""
        return self._get_partials(source, item).origin_returned_move_ids

    # === ENTRIES === #

    def _link_entries(self, booked):
        """Make the entries of OCA's returns those of ours; no entry is made.

        :param booked: dict from OCA's return to ours
        """
        traces, lines = [], self.env["account.payment.return.line"]
        for source, ours in booked.items():
            source.move_id.payment_return_id = ours
            for line in ours.line_ids:
                partials = self._get_partials(source, line.move_line_id)
                debts = partials.debit_move_id.filtered(
                    lambda item: not item.payment_return_line_id
                )
                debts.payment_return_line_id = line
                traces += self._prepare_traces(line)
                lines += line
        pieces = self.env["account.payment.return.partial"]
        pieces._add_on_account(lines, traces)
        pieces.create(traces)

    def _prepare_traces(self, line):
        """Values of what the return undid, for cancelling to restore it.

        OCA undoes the whole payment and keeps no amounts: the oldest instalments were
        paid first.
        """
        item, left, traces = line.move_line_id, abs(line.move_line_id.balance), []
        currency = item.company_currency_id
        for debt in line.invoice_line_ids.sorted(
            lambda i: (i.date_maturity or i.date, i.id)
        ):
            amount = currency.round(min(left, debt.balance))
            if currency.compare_amounts(amount, 0) <= 0:
                continue
            left -= amount
            in_currency = amount / debt.balance * debt.amount_currency
            traces.append(
                {
                    "return_line_id": line.id,
                    "debit_move_id": debt.id,
                    "credit_move_id": item.id,
                    "amount": amount,
                    "debit_amount_currency": debt.currency_id.round(in_currency),
                    "credit_amount_currency": amount,
                }
            )
        return traces

    def _confirm(self, returns):
        """Confirm what is in the books, and call the payments what they are."""
        lines = returns.line_ids
        ledger = self.env["account.payment.return.ledger"]
        ledger._close_payments(lines, lines._find_left())
        returns.write({"state": "confirmed"})

    # === REPORT === #

    def _tell(self, source, known, problems):
        """The row of a return in the report."""
        outcome = TAKEN
        why = self.env._("draft") if source.state in ("draft", "imported") else ""
        if source in known:
            outcome, why = THERE, known[source].name
        elif source in problems:
            outcome, why = LEFT, problems[source]
        return Row(
            "return",
            source.name,
            outcome,
            why,
            source.date,
            len(source.line_ids),
            sum(source.line_ids.mapped("amount")),
        )

    def _block(self, returns):
        """Apply the block rules to the customers, as new returns would.

        Hook for the room of blocks.

        :param returns: ours that are in the books
        :return: list of `Row`
        """
        return []
