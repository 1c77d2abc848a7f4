import base64
from datetime import timedelta

from odoo.fields import Command

from ..models.collections.account_payment_method import RIBA
from ..parsers.iban import make_italian_iban
from .common_returns import PaymentReturnCommon

SIA = "A1B2C"
OUR_BANK, HIS_BANK = "05034", "03069"
OUR_TAX_CODE, HIS_TAX_CODE = "12345670017", "01533020671"
WIDTH = 120


class PresentationCommon(PaymentReturnCommon):
    """A company that collects by Ri.Ba., with a bills account, and its customers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = cls.company._get_credit_today()
        cls.bills = (
            cls.env["account.account"]
            .sudo()
            .create(
                {
                    "name": "Bills at the Bank",
                    "code": "150777",
                    "account_type": "asset_current",
                    "reconcile": True,
                    "company_ids": [Command.set(cls.company.ids)],
                }
            )
        )
        cls.company.sudo().vat = f"IT{OUR_TAX_CODE}"
        cls._set_up_bank()
        cls._set_up_debtor(cls.customer)
        cls._set_up_debtor(cls.other_customer, cab="01601")

    @classmethod
    def _set_up_bank(cls):
        account = (
            cls.env["res.partner.bank"]
            .sudo()
            .create(
                {
                    "acc_number": make_italian_iban(OUR_BANK, "11702", "123456"),
                    "partner_id": cls.company.partner_id.id,
                }
            )
        )
        cls.bank.sudo().write(
            {"bank_account_id": account.id, "cbi_sia_code": SIA, "currency_id": False}
        )
        methods = cls.bank.sudo()._get_presented_methods()
        cls.method = methods or cls.env["account.payment.method.line"].sudo().create(
            {
                "payment_method_id": cls.env.ref(
                    "account_credit_block.account_payment_method_riba"
                ).id,
                "journal_id": cls.bank.id,
            }
        )
        cls.method.payment_account_id = cls.bills
        assert cls.method.code == RIBA

    @classmethod
    def _set_up_debtor(cls, partner, abi=HIS_BANK, cab="09400"):
        partner.sudo().write(
            {
                "street": "Via Roma 10",
                "zip": "20100",
                "city": "Milano",
                "vat": f"IT{HIS_TAX_CODE}",
                "bank_ids": [
                    Command.create(
                        {"acc_number": make_italian_iban(abi, cab, f"9{partner.id}")}
                    )
                ],
            }
        )

    @classmethod
    def day(cls, days):
        """A day before or after today."""
        return cls.today + timedelta(days=days)

    @classmethod
    def bill(cls, amount=100.0, due=30, partner=None, **values):
        """Post an invoice that is due in some days."""
        return cls.invoice(
            amount,
            partner,
            **{
                "invoice_date": min(cls.today, cls.day(due)),
                "invoice_date_due": cls.day(due),
                **values,
            },
        )

    @classmethod
    def bill_in_parts(cls, amount=300.0, days=(30, 60, 90), partner=None, **values):
        """Post an invoice of as many equal instalments."""
        share = round(100.0 / len(days), 6)
        shares = [share] * (len(days) - 1)
        shares.append(100.0 - sum(shares))
        term = cls.env["account.payment.term"].create(
            {
                "name": "Instalments",
                "line_ids": [
                    Command.create(
                        {"value": "percent", "value_amount": part, "nb_days": day}
                    )
                    for part, day in zip(shares, days, strict=True)
                ],
            }
        )
        return cls.invoice(
            amount,
            partner,
            invoice_date=cls.today,
            invoice_payment_term_id=term.id,
            **values,
        )

    @classmethod
    def choose(cls, *documents, **values):
        """A draft presentation of invoices, or items of them."""
        items = cls.env["account.move.line"]
        for document in documents:
            found = document
            if document._name == "account.move":
                found = document.line_ids.filtered(
                    lambda item: item.account_type == "asset_receivable"
                )
            items |= found.sorted("date_maturity")
        return cls.env["account.payment.presentation"].create(
            {
                "journal_id": cls.bank.id,
                "line_ids": [
                    Command.create({"move_line_id": item.id}) for item in items
                ],
                **values,
            }
        )

    @classmethod
    def present(cls, *documents, **values):
        """Present invoices, or items of them."""
        presentation = cls.choose(*documents, **values)
        presentation.action_present()
        return presentation

    @classmethod
    def without_entry(cls):
        """Let receipts have no entry until the bank credits them."""
        cls.method.payment_account_id = False

    @classmethod
    def credit(cls, amount, *items, account=None):
        """A bank transaction, which meets these items."""
        line = (
            cls.env["account.bank.statement.line"]
            .sudo()
            .create(
                {
                    "journal_id": cls.bank.id,
                    "date": cls.today,
                    "payment_ref": "Accredito",
                    "amount": amount,
                    "partner_id": items[0].partner_id.id if items else False,
                }
            )
        )
        if items:
            items = cls.env["account.move.line"].union(*items).sudo()
            _bank, suspense, _other = line._seek_for_lines()
            suspense.account_id = items.account_id
            (suspense | items).reconcile()
        return line

    @classmethod
    def read_file(cls, presentation):
        """The records of the file of a presentation."""
        content = presentation.file and presentation.with_context(bin_size=False).file
        return base64.b64decode(content).decode("ascii").split("\r\n")[:-1]

    @classmethod
    def answer(cls, presentation, causale="42010", numbers=None, name="esiti"):
        """The bank's file of outcomes for receipts of a presentation.

        :param numbers: of the receipts that it tells of; all if not said
        :return: (name, bytes), as the import takes it
        """
        header, *body, trailer = cls.read_file(presentation)
        told, kept, cents = [], 0, 0
        for at in range(0, len(body), 7):
            receipt = body[at : at + 7]
            if numbers is not None and receipt[5][10:20] not in numbers:
                continue
            kept += 1
            cents += int(receipt[0][33:46])
            first = cls._answer_first(receipt[0], causale)
            told += [
                f"{record[:3]}{kept:07}{record[10:]}"
                for record in (first, *receipt[1:])
            ]
        ends = [
            f"{end[:3]}{OUR_BANK}{SIA}{end[13:19]}{name.upper():20}{end[39:]}"
            for end in (header, trailer)
        ]
        ends[1] = (
            f"{ends[1][:45]}{kept:07}{cents:015}{0:015}{len(told) + 2:07}{ends[1][89:]}"
        )
        text = "\r\n".join([ends[0], *told, ends[1], ""])
        return f"{name}.txt", text.encode()

    @classmethod
    def _answer_first(cls, record, causale):
        """The record 14 of an outcome: the two banks change places."""
        ours, his = record[47:69], record[69:79]
        return f"{record[:28]}{causale}{record[33:47]}{his}{'':12}{ours}{record[91:]}"

    @classmethod
    def read_answer(cls, *answers):
        """Import outcomes, as drafts."""
        importer = cls.env["account.payment.return.import"]
        return importer._import_files(list(answers), company=cls.company)

    def assertPresented(self, presentation, count):
        """It is presented, with as many receipts, each with a number of its own."""
        self.assertEqual(presentation.state, "presented")
        numbers = presentation.payment_ids.mapped("end_to_end_id")
        self.assertEqual(len(set(numbers)), count)
        self.assertEqual({len(number) for number in numbers}, {10})
