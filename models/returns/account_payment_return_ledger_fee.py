from collections import defaultdict
from dataclasses import dataclass

from odoo import models
from odoo.fields import Command

from ..ir_default import without_habits


@dataclass(frozen=True, slots=True)
class Purse:
    """The ``item`` of a return entry that credits fees, and of how much each is."""

    item: object
    fees: tuple


class AccountPaymentReturnLedger(models.AbstractModel):
    """The items of a return entry that book the bank's fees, and their invoices."""

    _inherit = "account.payment.return.ledger"  # pylint: disable=consider-merging-classes-inherited

    def _prepare_fee_items(self, lines):
        """Values of the items that book the fees, balanced.

        The fee is taken where the collection was: the outstanding account.

        :param lines: lines of one entry
        :return: (list of values of the debits, list of values of the credits)
        """
        debits, credits = {}, {}
        for line in lines.filtered(lambda line: line._has_fee()):
            credit = line._get_collection()[0], line.partner_id.browse()
            self._add_fee(debits, line, *line._get_fee_debit(), 1)
            self._add_fee(credits, line, *credit, -1)
        return list(debits.values()), list(credits.values())

    def _add_fee(self, items, line, account, partner, sign):
        """Add the fee of a line to the items of an account and a customer.

        :param items: dict from (account, customer, currency) to values; extended
        """
        values = items.setdefault(
            (account, partner, line.currency_id),
            {
                "name": self.env._("Bank fees on returned collections"),
                "account_id": account.id,
                "partner_id": partner.id,
                "currency_id": line.currency_id.id,
                "amount_currency": 0.0,
                "balance": 0.0,
                "date_maturity": line.return_date,
                "analytic_distribution": False,
            },
        )
        values["amount_currency"] += sign * line.fee_amount
        values["balance"] += sign * line._get_fee_balance()

    def _find_fees(self, entries):
        """Say which items of return entries credit the bank's fees.

        Of an account and currency it is the first that is of no line, see
        `_prepare_items`.

        :return: dict from (entry, account, currency) to `Purse`
        """
        found = {}
        for entry in entries:
            lines = entry.line_ids.payment_return_line_id
            # Of collections without an entry the fees are all that is booked.
            lines |= entry.payment_return_id.line_ids.filtered(
                lambda line, company=entry.company_id: (
                    not line.move_line_id and line.company_id == company
                )
            )
            fees = tuple(line.fee_amount for line in lines if line._has_fee())
            credits = entry.line_ids.filtered(
                lambda item: item.balance < 0 and not item.payment_return_line_id
            )
            for item in credits.sorted("id") if fees else ():
                key = entry, item.account_id, item.currency_id
                found.setdefault(key, Purse(item, fees))
        return found

    def _create_fee_invoices(self, lines):
        """Draft the invoices that charge the fees again, and what the law gives.

        :return: the draft invoices, one a customer, return and currency
        :raises UserError: when the company has no product, or no account, for them
        """
        wanted = self._prepare_fee_invoice_lines(lines)
        return self._create_charges(lines, wanted)[0]

    def _create_charges(self, lines, wanted):
        """Draft what is charged again, and with it what the law gives.

        :param wanted: as `_prepare_fee_invoice_lines`
        :return: (the drafts, dict from return to what is not known: see `_propose` of
            ``account.payment.return.late``)
        :raises UserError: when the company has no account for what the law gives
        """
        unknown = self._add_late_charges(lines, wanted)
        self.env["account.payment.return.late"]._log_unknown(unknown)
        return self._draft(wanted), unknown

    def _add_late_charges(self, lines, wanted):
        """Add what the law gives to the values of what is charged again.

        :param wanted: as `_prepare_fee_invoice_lines`; extended
        :return: as the second one of `_create_charges`
        :raises UserError: when the company has no account for it
        """
        proposed, unknown = self.env["account.payment.return.late"]._propose(lines)
        for key, values in proposed.items():
            wanted[key] += values
        return unknown

    def _foresee_charges(self, lines):
        """Return what the drafts will ask, of which `_create_fee_invoices` makes one.

        :return: dict from (return, company, customer, currency) to amount before tax
        :raises UserError: as `_create_fee_invoices`
        """
        wanted = self._prepare_fee_invoice_lines(lines)
        self._add_late_charges(lines, wanted)
        return {
            key: sum(values["price_unit"] for values in charges)
            for key, charges in wanted.items()
        }

    def _read_charges(self, lines):
        """Return the same of the drafts that are there.

        :return: as `_foresee_charges`
        """
        drafts = self._get_draft_charges(lines.return_id)
        return {
            (
                draft.fee_return_id,
                draft.company_id,
                draft.commercial_partner_id,
                draft.currency_id,
            ): sum(item.quantity * item.price_unit for item in draft.invoice_line_ids)
            for draft in drafts
        }

    def _prepare_fee_invoice_lines(self, lines):
        """Values of the lines that charge fees again.

        :return: dict from (return, company, customer, currency) to list of values
        """
        wanted = defaultdict(list)
        for line in lines:
            debtor = line._get_debtor()
            if debtor and line._has_fee() and line._get_fee_policy() == "invoice":
                key = line.return_id, line.company_id, debtor, line.currency_id
                product = line.company_id._get_credit_return_fee_product()
                wanted[key].append(self._prepare_fee_invoice_line(line, product))
        return wanted

    def _draft(self, wanted):
        """Draft invoices, or add to those that wait in draft.

        :param wanted: as `_prepare_fee_invoice_lines`
        :return: the drafts
        """
        returns = self.env["account.payment.return"].union(*(key[0] for key in wanted))
        drafts = {
            (m.fee_return_id, m.company_id, m.commercial_partner_id, m.currency_id): m
            for m in self._get_draft_charges(returns)
        }
        added = self.env["account.move"]
        values_list = []
        for key, lines in wanted.items():
            commands = [Command.create(values) for values in lines]
            if key in drafts:
                drafts[key].invoice_line_ids = commands
                added |= drafts[key]
            else:
                values_list.append(self._prepare_fee_invoice_values(*key, commands))
        with without_habits(added) as (moves,):
            return added | moves.create(values_list)

    def _prepare_fee_invoice_values(
        self, payment_return, company, partner, currency, commands
    ):
        """Values of the draft invoice that charges what came of a return."""
        return {
            "move_type": "out_invoice",
            "company_id": company.id,
            "partner_id": partner.id,
            "currency_id": currency.id,
            "invoice_date": company._get_credit_today(),
            "fee_return_id": payment_return.id,
            "invoice_origin": payment_return.name,
            "invoice_line_ids": commands,
        }

    def _prepare_fee_invoice_line(self, line, product):
        """Values of the line that charges a fee again, in the customer's language."""
        spoken = self.with_context(lang=line._get_debtor().lang or self.env.lang)
        return {
            "product_id": product.id,
            "name": spoken.env._(
                "Bank fee on the return of %(invoices)s",
                invoices=", ".join(line.invoice_ids.mapped("name"))
                or line.payment_id.name
                or line.reference,
            ),
            "quantity": 1,
            "price_unit": line.fee_amount,
        }

    def _drop_fee_invoices(self, returns):
        """Delete the fee invoices still in draft."""
        self._get_draft_charges(returns).unlink()

    def _say_dropped_fees(self, returns, said):
        """Say which fee invoices are deleted, as they are still in draft.

        :param said: dict from return to list of sentences; extended
        """
        drafts = self._get_draft_charges(returns)
        outcomes = self.env["account.payment.return.outcome"]
        for payment_return, of_return in drafts.grouped("fee_return_id").items():
            said[payment_return].append(outcomes._tell_dropped(of_return))

    def _get_draft_charges(self, returns):
        return returns.fee_invoice_ids.filtered(lambda m: m.state == "draft")

    def _say_kept_fees(self, returns, said):
        """Say which fee invoices are not in draft any more."""
        for invoice in returns.fee_invoice_ids.filtered(lambda m: m.state == "posted"):
            said[invoice.fee_return_id].append(
                self.env._(
                    "The fee invoice %(invoice)s is posted: credit it if not due.",
                    invoice=invoice.name,
                )
            )

    def _say_paid_fees(self, entries, said):
        """A re-charged fee that was paid meanwhile leaves a credit: say so."""
        for item in entries.line_ids:
            if (
                item.account_type == "asset_receivable"
                and not item.payment_return_line_id
                and item.matched_credit_ids
            ):
                said[item.move_id.payment_return_id].append(
                    self.env._(
                        "%(partner)s had already paid the fee charged again: what was "
                        "paid stays as a credit.",
                        partner=item.partner_id.display_name,
                    )
                )
