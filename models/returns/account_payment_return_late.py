from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from html import unescape

from odoo import models
from odoo.fields import Command, Domain
from odoo.tools import format_amount, format_date, formatLang

from .late_interest import find_stretches, get_half_year_end

# Euro an invoice, by D.Lgs. 231/2002, art. 6 c. 2.
FLAT_SUM = 40.0


@dataclass(frozen=True, slots=True)
class Terms:
    """On which terms a company charges, read once for all that it charges.

    ``rates`` are percent a year by the first day of a half-year, ``accounts`` by kind.
    """

    company: object
    today: date
    rates: dict
    least: float
    accounts: dict
    tax: object
    euro: object


class AccountPaymentReturnLate(models.AbstractModel):
    """What the law gives a creditor who is paid late, as lines of draft invoices.

    D.Lgs. 231/2002, of commercial transactions, so never of consumers (art. 1, 2):

    - interest on each instalment, see `late_interest`;
    - 40 euro an invoice for the costs of recovery (art. 6 c. 2; Court of Justice of the
      EU, C-585/20: of each invoice, also where several are asked together), once.

    Both are no part of the taxable base of VAT (DPR 633/72, art. 15 c. 1 n. 1). The
    interest is worked out from the start each time, and what drafts and invoices ask
    already is taken off: so days, payments and rates that are known only later are
    made up for, and nothing is asked twice. It is taken off by instalment, and what was
    asked for more than is due of one, or for one that is no more, by invoice.
    """

    _name = "account.payment.return.late"
    _description = "Charges for Late Payment"

    # === PROPOSE === #

    def _propose(self, lines):
        """Return what to charge of returns, in the language of each customer.

        :param lines: return lines in the books
        :return: (dict from (return, company, customer, currency) to list of values of
            invoice lines, dict from return to the half-years without a rate)
        :raises UserError: when there is something, and the company has no account
        """
        debts = self._find_debts(lines)
        proposed, unknown = defaultdict(list), defaultdict(set)
        companies = {line.company_id for line in debts.values()}
        terms = {company: self._get_terms(company) for company in companies}
        asked = self._find_asked(debts, terms)
        for debt, line in debts.items():
            partner = debt.partner_id.commercial_partner_id
            key = line.return_id, line.company_id, partner
            spoken = self.with_context(lang=partner.lang or self.env.lang)
            charges, missing = spoken._charge(debt, terms[line.company_id], asked)
            unknown[line.return_id].update(missing)
            for currency, values in charges:
                proposed[(*key, currency)].append(values)
        return proposed, unknown

    def _charge(self, debt, terms, asked):
        """Return what to charge for a late instalment.

        :param dict asked: see `_find_asked`; what is charged now is added
        :return: (list of pairs of currency and values, last days of the half-years
            without a rate)
        """
        stretches = self._find_stretches(debt, terms)
        unknown = {get_half_year_end(each.first) for each in stretches if each.is_blank}
        charges = []
        interest = self._prepare_interest(debt, terms, stretches, asked)
        if interest:
            charges.append((debt.currency_id, interest))
        if stretches and not asked["flat", debt.move_id]:
            asked["flat", debt.move_id] = FLAT_SUM
            charges.append((terms.euro, self._prepare_flat_sum(debt, terms)))
        return charges, unknown

    def _get_terms(self, company):
        """Return the `Terms` of a company."""
        return Terms(
            company=company,
            today=company._get_credit_today(),
            rates=self.env["account.late.interest.rate"]._get_total_rates(company),
            least=company.sudo().credit_late_minimum,
            accounts=company._find_credit_late_accounts(),
            tax=company._find_credit_late("credit_late_tax_id"),
            euro=self.env.ref("base.EUR"),
        )

    def _find_debts(self, lines):
        """Return the late instalments that returns opened again, of who is charged.

        :return: dict from receivable item to the return line, the oldest debts first
        """
        debts = {}
        for line in lines.filtered(lambda line: line._may_charge_late()):
            for item in line.invoice_line_ids:
                if self._is_charged(item, line.company_id):
                    debts.setdefault(item, line)
        return {
            item: debts[item]
            for item in sorted(debts, key=lambda item: (item.date_maturity, item.id))
        }

    def _is_charged(self, item, company):
        """Whether the law, and nobody's choice, lets a late instalment be charged.

        It speaks of the price of goods and services (art. 1 c. 1). What charges fees
        and late payment is none; interest bears no interest (Civil Code, art. 1283). An
        invoice that was set back to draft, or cancelled, asks nothing itself.
        """
        partner = item.partner_id.commercial_partner_id
        return (
            item.parent_state == "posted"
            and item.move_id.is_sale_document(include_receipts=True)
            and not item.move_id.fee_return_id
            and item.amount_currency > 0
            and bool(item.date_maturity)
            and item.date_maturity < company._get_credit_today()
            and not partner._is_credit_consumer()
            and not partner.sudo().credit_late_opt_out
        )

    def _find_asked(self, debts, terms):
        """Return what drafts and invoices charge already, in whichever company.

        :param debts: see `_find_debts`
        :param terms: dict from company to `Terms`
        :return: dict from ("interest", item) or ("flat", invoice) to amount; by
            ("interest", invoice) what is not due of its instalments any more
        """
        companies = {debt.move_id: line.company_id for debt, line in debts.items()}
        invoices = self.env["account.move"].union(*companies)
        asked = defaultdict(float)
        for (kind, invoice, debt), amount in self._sum_asked(invoices).items():
            if kind == "flat":
                asked[kind, invoice] += amount
                continue
            due = min(self._get_due(debt, terms[companies[invoice]]), amount)
            asked[kind, debt] += due
            asked[kind, invoice] += amount - due
        return asked

    def _sum_asked(self, invoices):
        """Return what is asked of invoices, by kind, invoice and instalment."""
        groups = (
            self.env["account.move.line"]
            .sudo()
            ._read_group(
                self._get_asking_domain(invoices),
                ["late_charge", "late_invoice_id", "late_debt_id"],
                ["late_amount:sum"],
            )
        )
        return {tuple(key): amount for *key, amount in groups}

    def _get_asking_domain(self, invoices):
        """Of what asks: a document that was taken back, or cancelled, asks nothing."""
        return (
            Domain("late_invoice_id", "in", invoices.ids)
            & Domain("parent_state", "in", ("draft", "posted"))
            & Domain("move_id.payment_state", "!=", "reversed")
        )

    # === ASKED TWICE === #

    def _get_refusals(self, moves):
        """Say of which documents others ask too, so that it is more than the law gives.

        A document that was cancelled may be set to draft again, when another one has
        taken its place. By the prices: one that was lowered asks for less.

        :param moves: ``account.move`` that are to be posted
        :return: dict from document to why it is not posted
        """
        moves = moves.sudo().filtered("fee_return_id")
        refusals = self._get_refusals_of_gone(moves)
        invoices = (moves - moves.browse().union(*refusals)).invoice_line_ids
        invoices = invoices.late_invoice_id
        if not invoices:
            return refusals
        lines = self.env["account.move.line"].sudo()
        lines = lines.search(self._get_asking_domain(invoices), order="id")
        groups = lines.grouped(lambda line: (line.late_charge, line.late_invoice_id))
        for (kind, invoice), asking in groups.items():
            if len(asking.move_id) > 1:
                for move in asking.move_id & moves:
                    text = self._get_refusal(kind, invoice, asking, move)
                    refusals.update({move: text} if text else {})
        return refusals

    def _get_refusals_of_gone(self, moves):
        """Say of which documents the invoices are not owed any more.

        :return: as `_get_refusals`
        """
        found = {
            move: move.invoice_line_ids.filtered("price_subtotal").late_invoice_id
            for move in moves
        }
        gone = {move: invoices.filtered(_is_gone) for move, invoices in found.items()}
        return {
            move: self.env._(
                "%(document)s charges late payment of %(invoices)s, which was"
                " cancelled, credited or set to draft, so that nothing of it is late."
                " Delete these lines, or the whole document.",
                document=self._name_document(move),
                invoices=", ".join(invoices.mapped("display_name")),
            )
            for move, invoices in gone.items()
            if invoices
        }

    def _get_refusal(self, kind, invoice, asking, move):
        """Say that other documents ask the same of an invoice, or return None.

        :param asking: all items that ask it
        :param move: the one of their documents that is to be posted
        """
        currency, until = move.currency_id, max(asking.mapped("late_until"))
        given, tolerance = self._get_given(kind, invoice, move.company_id, until)
        asked = sum(asking.mapped("price_subtotal"))
        if currency.compare_amounts(asked, given + tolerance) <= 0:
            return None
        return self.env._(
            "%(document)s asks for late payment of %(invoice)s what %(others)s asks"
            " already: together %(asked)s, where the law gives %(given)s until %(day)s."
            " Cancel or delete the one that is too much, or lower its price.",
            document=self._name_document(move),
            others=", ".join(map(self._name_document, asking.move_id - move)),
            invoice=invoice.display_name,
            asked=format_amount(self.env, asked, currency),
            given=format_amount(self.env, given, currency),
            day=format_date(self.env, until),
        )

    def _name_document(self, move):
        """Return the name of a document; of a draft without one what tells it apart."""
        if move.name and move.name != "/":
            return move.display_name
        amount = format_amount(self.env, move.amount_total, move.currency_id)
        return f"{move.display_name} ({move.fee_return_id.name}, {amount})"

    def _get_given(self, kind, invoice, company, until):
        """What the law gives of an invoice until a day, on the terms of a company.

        :return: (amount, what rounding may make of it: a cent a stretch of days)
        """
        if kind == "flat":
            return FLAT_SUM, 0.0
        terms = replace(self._get_terms(company), today=until)
        currency = invoice.currency_id
        debts = invoice.line_ids.filtered(
            lambda item: item.account_type == "asset_receivable" and item.date_maturity
        )
        stretches = [
            each for debt in debts for each in self._find_stretches(debt, terms)
        ]
        return self._sum_up(stretches, currency), currency.rounding * len(stretches)

    # === INTEREST === #

    def _find_stretches(self, debt, terms):
        """Return the days of an instalment until today, see `late_interest`.

        What a credit note takes off was never due; what else was paid, or set off,
        counts until its day.
        """
        currency, credits = debt.currency_id, []
        for partial in debt.matched_credit_ids.filtered("debit_amount_currency"):
            credit = partial.credit_move_id
            is_note = credit.move_id.move_type == "out_refund"
            day = debt.date_maturity if is_note else credit.date
            amount = self._to_decimal(partial.debit_amount_currency, currency)
            credits.append((day, amount))
        return find_stretches(
            debt.date_maturity,
            terms.today,
            self._to_decimal(debt.amount_currency, currency),
            credits,
            terms.rates,
        )

    def _get_due(self, debt, terms):
        """The interest of an instalment until today; of one that is no more, none."""
        if not debt.date_maturity:
            return 0.0
        return self._sum_up(self._find_stretches(debt, terms), debt.currency_id)

    def _sum_up(self, stretches, currency):
        """The interest of stretches whose rate is known, each one rounded."""
        return sum(
            currency.round(float(each.interest))
            for each in stretches
            if not each.is_blank
        )

    def _to_decimal(self, amount, currency):
        return Decimal(f"{amount:.{currency.decimal_places}f}")

    def _prepare_interest(self, debt, terms, stretches, asked):
        """Values of the line that charges the interest of an instalment.

        :return: None where there is none, or less than the company asks
        """
        currency, invoice = debt.currency_id, debt.move_id
        due = self._sum_up(stretches, currency)
        own = asked["interest", debt]
        others = min(due - own, asked["interest", invoice])
        amount = currency.round(due - own - others)
        asked["interest", invoice] -= others
        least = terms.company.currency_id._convert(
            terms.least, currency, terms.company, terms.today
        )
        if amount <= 0 or currency.compare_amounts(amount, least) < 0:
            return None
        return {
            **self._prepare_charge(debt, terms, "interest", amount),
            "name": self._get_interest_text(debt, stretches, own + others),
        }

    def _get_interest_text(self, debt, stretches, before):
        """Say of what, for which days and at which rate interest is asked."""
        text = [
            self.env._(
                "Interest for late payment of %(invoice)s, due on %(due)s (D.Lgs."
                " 231/2002, art. 4 and 5)",
                invoice=debt.move_id.name,
                due=format_date(self.env, debt.date_maturity),
            )
        ]
        text += [
            self._get_stretch_text(each, debt.currency_id)
            for each in stretches
            if not each.is_blank
        ]
        if before:
            text.append(
                self.env._(
                    "Less what was charged already: %s",
                    format_amount(self.env, before, debt.currency_id),
                )
            )
        return "\n".join(text)

    def _get_stretch_text(self, stretch, currency):
        interest = currency.round(float(stretch.interest))
        return self.env._(
            "%(first)s – %(last)s: %(days)s days on %(amount)s at %(rate)s %%,"
            " %(interest)s",
            first=format_date(self.env, stretch.first),
            last=format_date(self.env, stretch.last),
            days=stretch.days,
            amount=format_amount(self.env, float(stretch.amount), currency),
            rate=formatLang(self.env, float(stretch.rate), digits=2),
            interest=format_amount(self.env, interest, currency),
        )

    # === 40 EURO === #

    def _prepare_flat_sum(self, debt, terms):
        """Values of the line that charges the costs of recovery of an invoice."""
        return {
            **self._prepare_charge(debt, terms, "flat", FLAT_SUM),
            "name": self.env._(
                "Flat compensation for recovery costs, %(invoice)s due on %(due)s"
                " (D.Lgs. 231/2002, art. 6 c. 2)",
                invoice=debt.move_id.name,
                due=format_date(self.env, debt.date_maturity),
            ),
        }

    def _prepare_charge(self, debt, terms, kind, amount):
        """Values that both kinds of lines have."""
        account = terms.accounts[kind]
        terms.company._check_credit_late_account(account)
        return {
            "quantity": 1,
            "price_unit": amount,
            "account_id": account.id,
            "tax_ids": [Command.set(terms.tax.ids)],
            "late_invoice_id": debt.move_id.id,
            "late_debt_id": debt.id,
            "late_charge": kind,
            "late_amount": amount,
            "late_until": terms.today,
        }

    # === WHAT IS NOT KNOWN === #

    def _log_unknown(self, unknown):
        """Say on returns for which days no interest is proposed, and what to do.

        Once, however many pieces a large return is booked in.

        :param unknown: dict from return to the last days of half-years
        """
        for payment_return in filter(unknown.get, unknown):
            text = self._get_unknown_text(unknown[payment_return])
            told = payment_return.sudo().message_ids.mapped("body")
            if not any(text in unescape(body) for body in told):
                payment_return._message_log(body=text)

    def _get_unknown_text(self, ends):
        """Say that the rates of half-years are missing, and who enters them where."""
        periods = (
            self.env._(
                "%(first)s – %(last)s",
                first=format_date(self.env, date(end.year, end.month - 5, 1)),
                last=format_date(self.env, end),
            )
            for end in sorted(ends)
        )
        return self.env._(
            "No interest is proposed for the days of %(periods)s, whose reference rate"
            " is not entered. A credit manager who works in every company enters it, as"
            " the Gazzetta Ufficiale says, in Invoicing > Credit > Configuration > Late"
            " Interest Rates: ask yours, then click Late Charges.",
            periods=", ".join(periods),
        )


def _is_gone(invoice):
    """Whether nothing is owed of an invoice: not in the books, or credited."""
    return invoice.state != "posted" or invoice.payment_state == "reversed"
