import hashlib
import json
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import RedirectWarning, UserError
from odoo.fields import Command

from .. import parsers
from ..models import acting, said
from ..models.returns.account_payment_return_match_wanted import FAMILIES
from ..parsers.iban import get_abi

# The summary names so many different reasons; the lines say all of them.
MAX_REASONS = 10
# Where the currency is looked up of an amount that names none.
NOT_TOLD = None
# What is asked about the banks that a file may be of.
BANK_NAMES = [
    "bank_account_id",
    "company_id",
    "credit_return_fee",
    "currency_id",
    "name",
    "type",
]
ITALIAN_IBAN = "ITkkCAAAAABBBBBnnnnnnnnnnnn"
# A line of which nobody has looked for the payment.
NOT_LOOKED_FOR = {
    "partner_id": False,
    "commercial_partner_id": False,
    "payment_id": False,
    "state": "draft",
    "match_state": "unmatched",
    "match_said": False,
}
# What Odoo need not compute of the lines that are prepared here.
COMPLETED = (
    "commercial_partner_id",
    "company_id",
    "journal_id",
    "reason_category",
    "return_date",
    "state",
)
# What is given with a line though it is empty, see `_leave_out_empty`.
SAID = {"amount", *NOT_LOOKED_FOR, *COMPLETED}


def get_account_key(number, document):
    """What tells an account from any other, in the words of a document of the bank.

    CBI's fixed-width files tell bank, branch and number of an Italian account; its
    check characters in part, or not at all.
    """
    number = "".join((number or "").split()).upper()
    is_italian = number.startswith("IT") and len(number) == len(ITALIAN_IBAN)
    return number[5:] if is_italian and document.format.startswith("cbi.") else number


class BankUnknown(UserError):
    """The bank of a document cannot be found out; it is caught in this file."""


class NothingUnpaid(UserError):
    """Files without a return.

    :ivar is_open: whether a person has to look: receipts came back that no file lists
    """

    def __init__(self, message, is_open=False):
        """Override of `UserError`: keep it beside the message."""
        super().__init__(message)
        self.is_open = is_open


class ImportedBefore(RedirectWarning):
    """Files that were imported already.

    :ivar returns: ``account.payment.return`` that they are in
    """

    returns = ()


class FilesRefused(Exception):
    """Files of which nothing is imported; who lets them in says it to the user.

    :ivar problems: dict from file name to what is wrong with it
    :ivar asks_bank: whether nothing is missing but that a person chooses the bank
    """

    def __init__(self, message, problems, asks_bank=False):
        """Override of `Exception`: keep each file's problem beside the message.

        :param problems: pairs of file name and problem
        """
        super().__init__(message)
        self.problems = dict(problems)
        self.asks_bank = asks_bank


@dataclass(frozen=True, slots=True)
class BankFile:
    """A file as it was given, and the documents read from it."""

    name: str
    data: bytes
    digest: str
    documents: tuple = ()


class AccountPaymentReturnImport(models.TransientModel):
    """Turns files of the bank into draft payment returns, matched with payments.

    What is imported at once is all or nothing. People import each file on its own, see
    `action_import`.
    """

    _name = "account.payment.return.import"
    _inherit = ["credit.reach"]
    _description = "Import of Bank Files with Returns"
    _check_company_auto = True

    attachment_ids = fields.Many2many("ir.attachment", string="Files")
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    journal_id = fields.Many2one(
        "account.journal",
        string="Bank",
        check_company=True,
        domain="[('type', '=', 'bank')]",
        help="Needed only for files that do not name an account of the company.",
    )

    @api.model
    def _import_files(self, files, company=None, journal=None):
        """Make draft returns, matched, of bank files.

        :param files: list of pairs (name, bytes)
        :param company: ``res.company``; the current one when left out
        :param journal: bank journal for the documents that name no known account
        :return: ``account.payment.return``, one a document of the bank
        :raises UserError: when a file cannot be read, or nothing in it is unpaid
        :raises RedirectWarning: when all of it was imported before
        """
        try:
            return self._import_and_tell(files, company, journal)[0]
        except FilesRefused as refused:
            raise UserError(str(refused)) from refused

    @api.model
    def _import_and_tell(self, files, company=None, journal=None, confirm=True):
        """The same, and what is to be said of the files that gave no return.

        :param confirm: whether the company may want it to be confirmed by itself
        :return: pair of ``account.payment.return`` and list of sentences
        :raises FilesRefused: in the place of `UserError`, with each file's problem
        """
        company = company or self.env.company
        wizard = self.with_company(company)._see_companies()
        wizard.env["account.payment.return"].check_access("create")
        variants = wizard._get_variants(company, journal)
        bank_files = wizard._read_files(files, variants)
        wizard._check_not_imported(bank_files, company)
        documents = [
            (file, document)
            for file in bank_files
            for document in file.documents
            if document.payments
        ]
        if not documents:
            raise wizard._get_nothing_unpaid(bank_files)
        currencies = wizard._find_currencies(documents)
        journals = wizard._find_journals(documents, company, journal)
        documents, journals = wizard._drop_imported(documents, journals)
        vals_list = wizard._prepare_returns(documents, journals, currencies)
        returns = wizard.env["account.payment.return"]._create_from_file(
            vals_list, COMPLETED
        )
        if not confirm:
            returns.sudo().confirm_by_hand = True
        sources = dict(zip(returns, documents, strict=True))
        large = returns.filtered(lambda r: r._is_large_to_match())
        (returns - large).line_ids._match()
        small = wizard._drop_known(returns - large)
        wizard._note_matched(small)
        returns = small | large
        wizard._keep_files(returns, sources)
        unused = wizard._write_notes(returns, sources, bank_files)
        small._confirm_by_itself()
        large._match_later()
        return returns, unused

    @api.model
    def _finish_matched(self, returns):
        """What is done with large drafts when all of their lines are looked at.

        :param returns: ``account.payment.return`` of files
        """
        self._note_matched(returns)
        returns._confirm_by_itself()

    def _note_matched(self, returns):
        """Set aside what is no return, and say how many lines are matched."""
        returns.line_ids._set_aside_totals()
        returns._leave_out_known()
        for payment_return in returns:
            payment_return._add_import_sentences(
                self._get_match_sentences(payment_return.line_ids)
            )

    def _see_companies(self):
        """The same wizard in all companies of the user: a file may be of several.

        Where nobody acts, in the company that the file came to, and its branches.
        """
        company = self.env.company
        if acting.is_robot(self.env):
            others = company.search([("id", "child_of", company.ids)])
        else:
            others = self.env.user.company_ids
        return self.with_context(allowed_company_ids=(company | others).ids)

    # ---- reading ---------------------------------------------------------------

    def _get_variants(self, company, journal):
        """What is known of the formats of the company's banks, as the parsers want it.

        :param journal: the bank that a person chose, perhaps None
        """
        formats = self.env["account.payment.return.format"]
        return formats._get_variants(company, journal)

    def _read_files(self, files, variants=()):
        """Read every file, and say what is wrong with all the bad ones.

        :param variants: see `_get_variants`
        :return: list of ``BankFile``
        :raises UserError: when there is no file
        :raises FilesRefused: when one cannot be read
        """
        self._check_given(files)
        found, problems = [], []
        for name, data in files:
            file, problem = self._read_file(name, data, variants)
            if problem:
                problems.append((name, problem))
            else:
                found.append(file)
        if problems:
            text = self._get_problems(problems, bool(found))
            raise FilesRefused(text, problems)
        return found

    def _check_given(self, files):
        if not files:
            raise UserError(self.env._("Choose at least one file of the bank."))

    def _read_file(self, name, data, variants):
        """Read one file: a pair of ``BankFile`` and what is wrong, one of them None."""
        try:
            documents = parsers.parse(name, data, variants)
        except parsers.ParseError as error:
            return None, self._get_parse_message(error)
        return BankFile(name, data, hashlib.sha256(data).hexdigest(), documents), None

    def _get_problems(self, problems, others):
        lines = [f"{name}: {text}" for name, text in problems]
        if others:
            lines.append(
                self.env._(
                    "Nothing was imported. Remove these files and import the others."
                )
            )
        return "\n\n".join(lines)

    def _ask_of_each(self, sources, ask):
        """Ask something of each document, and say what is wrong with all the bad ones.

        :param sources: list of pairs (``BankFile``, ``ReturnDocument``)
        :param ask: function of such a pair, which raises UserError for a bad one
        :return: list of its answers
        :raises FilesRefused: with the names of the bad files
        """
        answers, problems = [], []
        for source in sources:
            answer, problem = self._ask(source, ask)
            answers.append(answer)
            if problem:
                problems.append((source[1].filename, problem))
        if problems:
            self._refuse_bad(sources, problems)
        return answers

    def _ask(self, source, ask):
        """Ask one: a pair of the answer and what is wrong, one of them None."""
        try:
            return ask(source), None
        except UserError as error:
            return None, error

    def _refuse_bad(self, sources, problems):
        """Refuse documents of which some are bad.

        :param problems: list of pairs (file name, ``UserError``)
        :raises FilesRefused: always
        """
        texts = [(name, error.args[0]) for name, error in problems]
        bad = dict(texts)
        others = any(document.filename not in bad for _file, document in sources)
        asks_bank = all(isinstance(error, BankUnknown) for _name, error in problems)
        raise FilesRefused(self._get_refusal(texts, others), texts, asks_bank)

    def _get_refusal(self, problems, others):
        """What is wrong with files that were read; nothing of them is imported."""
        text = self._get_problems(dict.fromkeys(problems), others)
        if others:
            return text
        return "\n\n".join([text, self.env._("Nothing was imported.")])

    # ---- imported before ---------------------------------------------------------

    def _check_not_imported(self, files, company):
        """Refuse files that a return of the company came from.

        Two imports at once cannot see each other: the unique index of the return on
        the file's hash then stops the second one.

        :raises RedirectWarning: with a link to the first import
        :raises UserError: when a file is given twice
        """
        digests = Counter(file.digest for file in files)
        twice = [file.name for file in files if digests[file.digest] > 1]
        if twice:
            raise UserError(
                self.env._(
                    "The same file is there twice: %(names)s. Remove one of them.",
                    names=", ".join(twice),
                )
            )
        known = self._search_imported(digests, company)
        if known:
            self._refuse(known)

    def _search_imported(self, digests, companies):
        """The returns of some companies that came from files, by the files' hashes."""
        returns = self.env["account.payment.return"].with_context(active_test=False)
        return returns.search(
            [
                ("file_hash", "in", list(digests)),
                ("state", "!=", "cancelled"),
                ("company_id", "in", companies.ids),
            ],
            order="id",
        )

    def _drop_imported(self, documents, journals):
        """Leave out what another company's return came from before.

        :return: documents and journals of what is new
        :raises RedirectWarning: when nothing is
        """
        returns = self.env["account.payment.return"]
        owners = [returns._get_company_of_bank(bank) for bank in journals]
        if all(company == self.env.company for company in owners):
            return documents, journals
        known = self._search_imported(
            [file.digest for file, _document in documents],
            self.env["res.company"].union(*owners),
        )
        done = {(r.company_id, r.file_hash) for r in known}
        new = [
            (source, bank)
            for source, bank, owner in zip(documents, journals, owners, strict=True)
            if (owner, source[0].digest) not in done
        ]
        if not new:
            self._refuse(known)
        return [source for source, _bank in new], [bank for _source, bank in new]

    def _refuse(self, known):
        """Refuse what is imported already.

        :param known: the returns it is in
        :raises RedirectWarning: always
        """
        # Perhaps of the head office, where the user does not work.
        known = known.sudo()
        names = {file.file_name for file in known if file.file_name}
        warning = ImportedBefore(
            self.env._(
                "%(files)s was already imported %(when)s. Cancel that return first if "
                "it has to be imported again.",
                files=", ".join(sorted(names)) or self.env._("This file"),
                when=known._get_import_label(),
            ),
            known._get_records_action(),
            self.env._("Open the Payment Return"),
        )
        warning.returns = known
        raise warning

    def _drop_known(self, returns):
        """Take out the documents that were imported from another file.

        :return: the returns that tell something new
        :raises RedirectWarning: when none does
        """
        known = returns.filtered(
            lambda r: all(
                line.match_state == "duplicate"
                and line.duplicate_line_id.unique_key == line.unique_key
                for line in r.line_ids
            )
        )
        first = known.line_ids.duplicate_line_id.return_id - returns
        if known and known == returns:
            self._refuse(first)
        known.unlink()
        return returns - known

    # ---- values ------------------------------------------------------------------

    def _prepare_returns(self, documents, journals, currencies):
        """Values of the returns with their lines.

        :param documents: list of pairs (``BankFile``, ``ReturnDocument``)
        :param journals: the bank of each document
        :param currencies: see `_find_currencies`
        :return: list of dicts
        :raises UserError: when an amount is not one of its currency
        """
        reasons = self._find_reasons(documents)
        banks = iter(journals)
        vals_list = self._ask_of_each(
            documents,
            lambda source: self._prepare_with_lines(
                source, next(banks), reasons, currencies
            ),
        )
        parts = Counter()
        for (file, _document), values in zip(documents, vals_list, strict=True):
            parts[file.digest] += 1
            values["file_part"] = parts[file.digest]
        return vals_list

    def _prepare_with_lines(self, source, journal, reasons, currencies):
        """Values of the return of one document, with its lines."""
        company = self.env["account.payment.return"]._get_company_of_bank(journal)
        # What names no currency is in that of the account.
        spoken = {**currencies, NOT_TOLD: journal.currency_id}
        lines = self._prepare_lines(source[1], reasons, spoken, company)
        self._complete_fees(lines, journal)
        values = {
            **self._prepare_return(*source),
            "journal_id": journal.id,
            "company_id": company.id,
        }
        self._complete_computed(lines, values)
        told = map(self._leave_out_empty, lines)
        return {**values, "line_ids": [Command.create(line) for line in told]}

    def _complete_computed(self, lines, values):
        """Fill in what is computed of new lines: else it is written a second time.

        :param lines: list of values, extended
        :param values: those of their return
        """
        for line in lines:
            line.update(
                NOT_LOOKED_FOR,
                company_id=values["company_id"],
                journal_id=values["journal_id"],
                return_date=line["date"] or values["date"],
            )

    def _leave_out_empty(self, line):
        """The values of a line without what the bank did not tell.

        To store nothing costs as much as something. What Odoo would compute instead
        stays, and so does an amount: it says that it is none.
        """
        return {name: line[name] for name in line if line[name] or name in SAID}

    def _complete_fees(self, lines, journal):
        """Fill in what the bank charges for a return where its file tells no fee.

        What names a whole batch is no return yet.

        :param lines: list of values, extended
        """
        for line in lines if journal.credit_return_fee else ():
            if not line["fee_amount"] and line["scope"] == "payment":
                currency = self.env["res.currency"].browse(line["currency_id"])
                fee = journal._get_return_fee(currency, line["date"])
                line["fee_amount"] = fee

    def _find_reasons(self, documents):
        """The reasons of all codes in some documents, by code."""
        codes = {
            code
            for _file, document in documents
            for payment in document.payments
            for code in payment.reason_codes
        }
        return self.env["account.payment.return.reason"]._get_or_create_by_code(codes)

    def _prepare_lines(self, document, reasons, currencies, company):
        return [
            self._prepare_line(document, payment, reasons, currencies, company)
            for payment in document.payments
        ]

    def _prepare_return(self, file, document):
        days = [payment.date for payment in document.payments if payment.date]
        return {
            "date": max(days, default=document.date)
            or self.company_id._get_credit_today(),
            "file_name": document.filename or file.name,
            "file_hash": file.digest,
            "file_format": document.format,
            "bank_message_id": document.message_id,
        }

    def _prepare_line(self, document, payment, reasons, currencies, company):
        """Values of the line of one returned payment."""
        currency = currencies[payment.currency or document.account_currency or NOT_TOLD]
        family = FAMILIES.get(document.format, document.format)
        # Message ids are unique for one bank only, so the account is in the key.
        key = f"{family}|{document.account_iban}|{payment.unique_key}"
        names = (
            "reference end_to_end_id instruction_id mandate_reference batch_id scope "
            "partner_name partner_iban partner_vat"
        )
        return {
            **{name: getattr(payment, name) for name in names.split()},
            **self._prepare_reason(payment, reasons),
            "original_message_id": payment.original_message_id,
            "currency_id": (currency or company.currency_id).id,
            "amount": self._get_amount(
                payment, payment.amount, currency or company.currency_id
            ),
            "fee_amount": self._get_fee(payment, currency, currencies, company),
            "due_date": payment.due_date,
            "date": payment.date or document.date,
            "value_date": payment.value_date,
            "texts": "\n".join(payment.texts),
            "raw_data": payment.raw,
            "doubt": payment.doubt,
            "unique_key": key,
        }

    def _prepare_reason(self, payment, reasons):
        """The reason of a line: the first code that says "unpaid", else any."""
        found = [reasons[code] for code in payment.reason_codes]
        reason = next((r for r in found if r.outcome == "unpaid"), None)
        reason = reason or next(iter(found), self.env["account.payment.return.reason"])
        recalled = reason.outcome == "recalled"
        return {
            "reason_id": reason.id,
            "reason_category": reason.category,
            "reason_code": ", ".join(payment.reason_codes),
            "reason_text": payment.reason_text,
            "kind": "recall" if recalled else payment.kind,
        }

    def _get_amount(self, payment, amount, currency):
        """The float of an amount of the bank, which must stay what the bank wrote.

        :param amount: Decimal or None
        :raises UserError: when the currency's rounding would make another one of it
        """
        if not amount:
            return 0.0
        kept = currency.round(float(amount))
        if round(Decimal(kept), currency.decimal_places) != amount:
            raise UserError(
                self.env._(
                    "The amount %(amount)s (%(place)s) has more decimals than "
                    "%(currency)s has. Ask the bank for a valid file, or check the "
                    "decimals of the currency in Invoicing > Configuration > "
                    "Currencies.",
                    amount=self._tell_number(amount),
                    place=self._tell_phrase(payment.place),
                    currency=currency.name,
                )
            )
        return kept

    def _get_fee(self, payment, currency, currencies, company):
        """The bank's fee in the currency of the line."""
        charged = currencies[payment.fee_currency]
        target = currency or company.currency_id
        fee = self._get_amount(payment, payment.fee_amount, charged or target)
        if not fee or not charged or charged == target:
            return fee
        day = payment.date or company._get_credit_today()
        return charged._convert(fee, target, company, day)

    # ---- lookups -----------------------------------------------------------------

    def _find_currencies(self, documents):
        """The currencies that the documents name.

        :return: dict from code to ``res.currency``; "" and `NOT_TOLD` give an empty one
        :raises UserError: when one is not active
        """
        codes = set().union(*(self._get_codes(source[1]) for source in documents))
        currencies = self.env["res.currency"].search_fetch(
            [("name", "in", list(codes))], ["decimal_places", "name", "rounding"]
        )
        found = {currency.name: currency for currency in currencies}
        self._ask_of_each(
            documents, lambda source: self._check_active(source[1], found)
        )
        return dict.fromkeys(("", NOT_TOLD), currencies.browse()) | found

    def _get_codes(self, document):
        """The codes of the currencies that a document names."""
        codes = {document.account_currency}
        for payment in document.payments:
            codes |= {payment.currency, payment.fee_currency}
        return codes - {""}

    def _check_active(self, document, currencies):
        """Raise UserError for a document in a currency that is not active.

        :param currencies: the active ones by code
        """
        missing = sorted(self._get_codes(document) - currencies.keys())
        if missing:
            raise UserError(
                self.env._(
                    "The bank's file is in %(currencies)s, which is not active. "
                    "Activate it in Invoicing > Configuration > Currencies and "
                    "import again.",
                    currencies=", ".join(missing),
                )
            )

    def _find_journals(self, documents, company, journal):
        """The bank journal of each document.

        :param documents: list of pairs (``BankFile``, ``ReturnDocument``)
        :param company: the company that asks
        :param journal: what a person chose for documents that name no known account
        :return: list of ``account.journal``
        :raises UserError: when one cannot be found out
        """
        journals = self.env["account.journal"]
        companies = journals._check_company_domain(self.env.companies)
        banks = journals.search_fetch([("type", "=", "bank"), *companies], BANK_NAMES)
        own = banks.filtered_domain(journals._check_company_domain(company))
        found = self._ask_of_each(
            documents,
            lambda source: (
                self._get_bank_of_account(source[1], own, banks)
                or self._get_other_bank(source, own, journal, company)
            ),
        )
        if all(bank.company_id.root_id != company.root_id for bank in found):
            self._refuse_company(documents, found)
        return found

    def _get_bank_of_account(self, document, own, banks):
        """The bank whose account the document names; of several, by the currency.

        The company's own first, then those of the user's other companies.
        """
        account = get_account_key(document.account_iban, document)
        for candidates in (own, banks - own):
            named = candidates.filtered(
                lambda bank: (
                    account
                    and get_account_key(bank.bank_acc_number, document) == account
                )
            )
            if len(named) > 1:
                named = self._get_of_currency(named, document) or named
            if len(named) == 1:
                return named
        return self.env["account.journal"]

    def _get_of_currency(self, banks, document):
        codes = {document.account_currency} - {""}
        codes = codes or {payment.currency for payment in document.payments} - {""}
        return banks.filtered(
            lambda bank: (
                {(bank.currency_id or bank.company_id.currency_id).name} == codes
            )
        )

    def _get_other_bank(self, source, own, journal, company):
        """The bank of a document that names none of the user's accounts.

        What a person chose; else the bank that collects, where the document names it;
        else the company's only bank; else that of the payments that came back.

        :raises UserError: when a person has to choose
        """
        document = source[1]
        self._check_account(document, company)
        if journal:
            return journal
        if document.account_iban:
            # It is of none of the journals that have an account number.
            bank = own if not own.bank_account_id else own.browse()
        else:
            bank = self._get_bank_of_agent(source, own, company)
        if len(bank) != 1:
            self._ask_for_bank(document, company)
        return bank

    def _get_bank_of_agent(self, source, own, company):
        """The bank that collects; in doubt that of the payments that came back.

        The only one in any case: groups of banks collect under each other's codes.
        """
        certain = own.filtered(lambda bank: self._is_agent(bank, source[1])) or own
        if len(certain) == 1:
            return certain
        return self._get_bank_of_payments(source, company) & certain

    def _is_agent(self, bank, document):
        """Whether a journal is at the bank that collects, as far as both are known."""
        account = bank.bank_account_id
        iban = account.sanitized_acc_number or ""
        abi = get_abi(iban)
        pairs = (
            (document.agent_bic[:8], (account.bank_bic or "").upper()[:8]),
            (document.agent_abi, abi),
        )
        return any(told and told == known for told, known in pairs)

    def _get_bank_of_payments(self, source, company):
        """The banks of the payments that the lines of a document lead to."""
        reasons = self._find_reasons([source])
        currencies = self._find_currencies([source])
        lines = self._prepare_lines(source[1], reasons, currencies, company)
        draft = self.env["account.payment.return"].new(
            {
                **self._prepare_return(*source),
                "journal_id": False,
                "company_id": company.id,
                "line_ids": [Command.create(line) for line in lines],
            }
        )
        return self.env["account.payment.return.match"]._find_banks(draft.line_ids)

    def _check_account(self, document, company):
        """Refuse what is of the account of a company that is none of the user's.

        :raises UserError: so that nobody books it into his own
        """
        iban = document.account_iban
        account = get_account_key(iban, document)
        journals = self.env["account.journal"].sudo()
        others = iban and journals.search(
            [
                ("type", "=", "bank"),
                ("bank_account_id.sanitized_acc_number", "=like", f"%{account}"),
                ("company_id", "not in", self.env.companies.ids),
            ]
        )
        if any(
            get_account_key(bank.bank_acc_number, document) == account
            for bank in others
        ):
            raise UserError(
                self.env._(
                    "The account %(iban)s is of another company, in which you do not "
                    "work. Ask somebody who works there to import its file.",
                    iban=iban,
                )
            )

    def _refuse_company(self, documents, banks):
        """Refuse files that are of other companies altogether.

        :raises FilesRefused: always
        """
        problems = [
            (
                document.filename,
                self.env._(
                    "The account %(iban)s is of %(company)s: switch to that company "
                    "and import the file there.",
                    iban=document.account_iban,
                    company=bank.company_id.name,
                ),
            )
            for (_file, document), bank in zip(documents, banks, strict=True)
        ]
        raise FilesRefused(self._get_refusal(problems, False), problems)

    def _ask_for_bank(self, document, company):
        """Say that a person has to choose.

        :raises BankUnknown: always
        """
        if document.account_iban:
            raise BankUnknown(
                self.env._(
                    "The file is of the account %(iban)s, which no bank journal of "
                    "%(company)s has. Set it as the journal's account number in "
                    "Invoicing > Configuration > Journals, or choose the bank in the "
                    "import dialog.",
                    iban=document.account_iban,
                    company=company.name,
                )
            )
        raise BankUnknown(
            self.env._(
                "The file does not say which account of %(company)s it is of. Choose "
                "the bank in the import dialog.",
                company=company.name,
            )
        )

    # ---- after the import ----------------------------------------------------------

    def _keep_files(self, returns, sources):
        """Attach to each return the file it came from.

        :raises UserError: when the file cannot be stored, so that nothing is imported
        """
        values = [
            {
                "name": sources[payment_return][0].name,
                "raw": sources[payment_return][0].data,
                "res_model": payment_return._name,
                "res_id": payment_return.id,
            }
            for payment_return in returns
        ]
        try:
            attachments = self.env["ir.attachment"].create(values)
        except OSError as error:
            raise UserError(
                self.env._(
                    "The server cannot store files now, so nothing was imported. Ask"
                    " your administrator to look at the disk of the server (%s), and"
                    " import the file again then.",
                    error.strerror,
                )
            ) from error
        for payment_return, attachment in zip(returns, attachments, strict=True):
            payment_return.message_main_attachment_id = attachment

    # ---- words ---------------------------------------------------------------------

    def _write_notes(self, returns, sources, files):
        """Say on each return what became of the rows of its file.

        :param sources: dict from return to (``BankFile``, ``ReturnDocument``)
        :return: list of sentences about the files of which no return was made
        """
        owners, totals = {}, self._find_totals(files)
        for payment_return in returns:
            file, document = sources[payment_return]
            owners.setdefault((file.digest, document.filename), payment_return)
            sentences = []
            if document.variant:
                sentences.append(said.say("import.variant", name=document.variant))
            sentences += self._get_ignored_sentences(document.ignored, totals)
            payment_return._add_import_sentences(sentences)
        unused = []
        told = [sources[payment_return][1] for payment_return in returns]
        for key, documents in self._get_rest(files, told).items():
            sentences = self._get_rest_sentences(key[1], documents, totals)
            if key in owners:
                owners[key]._add_import_sentences(sentences)
            else:
                unused += [said.tell(self.env, sentence) for sentence in sentences]
        return unused

    def _get_rest(self, files, told):
        """The documents of which no return was made, by the file that people know.

        :param told: list of the documents of which one was made
        :return: dict from (digest, name) to list of documents; in an archive, the name
            of the file inside
        """
        rest = {}
        for file in files:
            if not file.documents:
                rest[file.digest, file.name] = []
            for document in file.documents:
                if not any(document is other for other in told):
                    key = file.digest, document.filename
                    rest.setdefault(key, []).append(document)
        return rest

    def _get_rest_sentences(self, name, documents, totals):
        """What documents of one file held of which no return was made.

        :param totals: see `_find_totals`
        """
        unpaid = [document for document in documents if document.payments]
        rest = [document for document in documents if not document.payments]
        sentences = []
        if unpaid:
            sentences.append(said.say("import.before", file=name))
        if rest or not unpaid:
            ignored = [entry for document in rest for entry in document.ignored]
            rows = self._get_ignored_sentences(ignored, totals)
            sentences.append(said.say("import.nothing", file=name, rows=rows))
        return sentences

    def _get_match_sentences(self, lines):
        """How many lines are in each state, and the notes that most of them have."""
        counts = Counter(lines.mapped("match_state"))
        sentences = [
            said.say(f"import.{state}", count=counts[state])
            for state, _label in lines._fields["match_state"].selection
            if counts[state]
        ]
        open_lines = lines.filtered(lambda line: line.match_state != "matched")
        notes = Counter(json.dumps(line.match_said) for line in open_lines)
        return sentences + [
            said.say("import.note", note=json.loads(note), count=count)
            for note, count in notes.most_common(MAX_REASONS)
            if json.loads(note)
        ]

    def _get_ignored_sentences(self, ignored, totals):
        """One sentence for each kind of row that is not a return, as in `said`.

        :param totals: see `_find_totals`; each of them has its own
        """
        kinds = {}
        for entry in ignored:
            if entry not in totals:
                kinds.setdefault(entry.why, []).append(entry)
        return [
            *(self._get_row_sentence(why, rows) for why, rows in kinds.items()),
            *self._get_total_sentences(ignored, totals),
        ]

    def _get_row_sentence(self, why, entries):
        """How many rows of a kind there are, with what they amount to."""
        totals = Counter()
        for entry in entries:
            if entry.amount:
                totals[entry.currency] += entry.amount
        code = f"import.row.{why}"
        return said.say(
            code if code in said.SENTENCES else "import.row.not_return",
            count=len(entries),
            amounts=[said.told_amount(*told) for told in totals.items()],
        )

    def _get_nothing_unpaid(self, files):
        """The refusal of files that hold no return, which says what was read."""
        ignored = [
            entry
            for file in files
            for document in file.documents
            for entry in document.ignored
        ]
        totals = self._find_totals(files)
        lines = [
            self._get_nothing_headline(files, totals),
            *(
                said.tell(self.env, sentence)
                for sentence in self._get_ignored_sentences(ignored, totals)
            ),
            *([] if ignored else [self.env._("no movement at all")]),
        ]
        return NothingUnpaid("\n".join(lines), self._has_open(totals))

    def _get_nothing_headline(self, files, totals):
        names = ", ".join(file.name for file in files)
        if totals:
            return self.env._(
                "Receipts that came back are told in %(files)s as totals only, so no "
                "payment return was made. What was read:",
                files=names,
            )
        return self.env._(
            "There is nothing unpaid in %(files)s, so no payment return was made. "
            "What was read:",
            files=names,
        )
