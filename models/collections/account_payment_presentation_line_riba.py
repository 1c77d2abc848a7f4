from decimal import Decimal

from odoo import models
from odoo.tools import formatLang

from ...parsers import cbi_writer
from ...parsers.iban import split_italian_iban


class AccountPaymentPresentationLine(models.Model):
    """What a file of Ri.Ba. says of a customer, and what of it is missing."""

    _inherit = "account.payment.presentation.line"  # pylint: disable=consider-merging-classes-inherited

    def _get_debtor_problems(self):
        """Say what of the customer the standard asks for, and where to enter it."""
        self.ensure_one()
        if not self.presentation_id.is_riba:
            return []
        partner, bank = self.partner_id, self.partner_bank_id
        is_own = bank.partner_id.commercial_partner_id == partner.commercial_partner_id
        problems = []
        if not (is_own and split_italian_iban(bank.acc_number)):
            problems.append(
                self.env._("Enter an Italian IBAN among the customer's bank accounts.")
            )
        if not partner._get_cbi_tax_code():
            problems.append(
                self.env._("Enter the customer's Italian VAT number or tax code.")
            )
        zip_code = (partner.zip or "").strip()
        if not (partner.street and partner.city and _is_zip(zip_code)):
            problems.append(
                self.env._("Enter the customer's street, city and zip of five digits.")
            )
        return problems

    def _get_amount_problems(self):
        """Say that a receipt is of more than the digits of the file tell."""
        return [
            self.env._(
                "Its receipt is of more than %s, the most that a file of Ri.Ba. tells.",
                formatLang(self.env, float(cbi_writer.LARGEST_AMOUNT)),
            )
        ]

    def _prepare_cbi_receipt(self, payment):
        """One receipt for these instalments, as the writer asks.

        :param payment: the receipt
        """
        first, partner = self[0], self.partner_id[:1]
        abi, cab, _account = split_italian_iban(first.partner_bank_id.acc_number)
        return cbi_writer.Receipt(
            number=payment.end_to_end_id,
            amount=Decimal(f"{payment.amount:.2f}"),
            due_date=payment.collection_due_date,
            abi=abi,
            cab=cab,
            name=partner.commercial_partner_id.name,
            tax_code=partner._get_cbi_tax_code(),
            street=partner.street or "",
            zip=(partner.zip or "").strip(),
            city=partner.city or "",
            province=partner.state_id.code or "",
            bank=first.partner_bank_id.bank_id.name or "",
            text=cbi_writer.join_documents(
                [(move.name, move.invoice_date) for move in self.move_id]
            ),
            customer_code=partner.ref or "",
        )


def _is_zip(text):
    return len(text) == 5 and text.isascii() and text.isdigit()
