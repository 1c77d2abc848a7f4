import base64

from odoo import models
from odoo.tools import float_compare, formatLang

from ...parsers import cbi_writer
from ...parsers.iban import split_italian_iban


class AccountPaymentPresentation(models.Model):
    """The file of Ri.Ba. for the bank: what it says of us, and what is missing."""

    _inherit = "account.payment.presentation"  # pylint: disable=consider-merging-classes-inherited

    def _get_bank_problems(self):
        """Say what is missing of the bank and of the company, and where to enter it."""
        self.ensure_one()
        journal = self.journal_id
        if not journal:
            return [self.env._("Choose the bank that is to collect.")]
        if self.payment_method_line_id not in journal._get_presented_methods():
            return [
                self.env._(
                    "%s collects neither Ri.Ba. nor debits: add the method in its"
                    " journal, tab Incoming Payments.",
                    journal.display_name,
                )
            ]
        return self._get_riba_problems() if self.is_riba else []

    def _get_riba_problems(self):
        """Say what the file of Ri.Ba. lacks, and where to enter it."""
        # The bank of the head office, with the name and the codes of that.
        journal, company = self.journal_id, self.journal_id.company_id.sudo()
        problems = []
        if self.currency_id.name != "EUR":
            problems.append(self.env._("Ri.Ba. are in euro only."))
        if not journal.cbi_sia_code:
            problems.append(
                self.env._(
                    "The SIA code of the company is missing: enter it in the journal of"
                    " %s.",
                    journal.display_name,
                )
            )
        if not split_italian_iban(journal.bank_account_id.acc_number):
            problems.append(
                self.env._(
                    "%s has no Italian IBAN: enter it as the account number in its"
                    " journal.",
                    journal.display_name,
                )
            )
        if not company.partner_id._get_cbi_tax_code():
            problems.append(
                self.env._(
                    "%s has no valid Italian tax code: enter it with the company.",
                    company.display_name,
                )
            )
        if _exceeds(self.amount_total, cbi_writer.LARGEST_TOTAL):
            problems.append(
                self.env._(
                    "A file of Ri.Ba. tells of %s at most: present it in parts.",
                    formatLang(self.env, float(cbi_writer.LARGEST_TOTAL)),
                )
            )
        return problems

    def _find_too_large(self):
        """Return the lines in receipts of more than the digits of the file tell."""
        return self.env["account.payment.presentation.line"].concat(
            *(
                lines
                for presentation in self.filtered("is_riba")
                for lines in presentation._group_receipts()
                if _exceeds(sum(lines.mapped("amount")), cbi_writer.LARGEST_AMOUNT)
            )
        )

    def _make_file(self, groups, payments):
        """Make the file of the receipts, if the method has one.

        :return: values of the presentation
        """
        if not self.is_riba:
            return {}
        content = cbi_writer.write_riba(
            self._prepare_creditor(),
            [
                lines._prepare_cbi_receipt(payment)
                for lines, payment in zip(groups, payments, strict=True)
            ],
            created=self.date,
            support=self.name,
        )
        name = cbi_writer.clean_text(self.name).replace("/", "-")
        return {"file": base64.b64encode(content), "file_name": f"{name}.cbi"}

    def _prepare_creditor(self):
        """Who presents, as the writer asks."""
        journal, partner = self.journal_id, self.journal_id.company_id.sudo().partner_id
        abi, cab, account = split_italian_iban(journal.bank_account_id.acc_number)
        return cbi_writer.Creditor(
            name=partner.name,
            street=partner.street or "",
            town=" ".join(filter(None, (partner.zip, partner.city))),
            tax_code=partner._get_cbi_tax_code(),
            sia=journal.cbi_sia_code,
            abi=abi,
            cab=cab,
            account=account,
        )


def _exceeds(amount, largest):
    """Whether an amount of money is more than the digits of the file tell."""
    return float_compare(amount, float(largest), precision_digits=2) > 0
