from odoo import api, models
from odoo.fields import Domain

from ..reference_form import normal
from . import match_rules
from .match_rules import Claim, Outcome, Wanted

# Two lists of the same bank tell the same thing, whatever the program that saved it,
# and a periodic statement tells the days again.
FAMILIES = {"xlsx": "csv", "cbi.ec": "cbi.rh"}
# The files of which the reference is the number of our own receipt.
RECEIPTS = ("cbi.riba", "cbi.mav")


class AccountPaymentReturnMatch(models.AbstractModel):
    """What the bank told, as the rules read it, and what of it was told before."""

    _inherit = "account.payment.return.match"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _prepare_wanted(self, lines):
        """What the bank told about each line, as the rules read it.

        :return: dict from line to ``Wanted``
        """
        by_code = self._find_customers(lines)
        return {
            line: self._prepare_wanted_line(
                line,
                frozenset(
                    partner_id
                    for code in (line.partner_vat, line.partner_iban)
                    for partner_id in by_code.get(self._clean_code(code), ())
                ),
            )
            for line in lines
        }

    def _prepare_wanted_line(self, line, customers):
        texts = (line.reference, line.texts, line.reason_text)
        exact = (line.end_to_end_id, line.reference, line.instruction_id)
        ids = (line.end_to_end_id, line.reference)
        payment_return = line.return_id
        amount, currency = line._get_told()
        return Wanted(
            root_id=payment_return.company_id.root_id.id,
            company_id=payment_return.company_id.id,
            journal_id=payment_return.journal_id.id,
            ids=tuple(dict.fromkeys(text.strip() for text in ids if text)),
            instruction_id=line.instruction_id or "",
            mandate=line.mandate_reference or "",
            words=frozenset(text.strip() for text in exact if text),
            tokens=match_rules.tokens(texts),
            spaced=match_rules.spaced(texts),
            end_to_end_id=line.end_to_end_id or "",
            reference=line.reference or "",
            called=self._get_called(line),
            doubt=bool(line.doubt),
            code=self._clean_code(line.partner_vat),
            amount=amount,
            currency_id=currency.id,
            due=line.due_date or None,
            day=line.date or payment_return.date,
            kind=line.kind,
            family=self._get_family(payment_return),
            vat=line.partner_vat or "",
            iban=line.partner_iban or "",
            name=match_rules.clean_name(line.partner_name),
            scope=line.scope,
            batch_id=line.batch_id or "",
            message_id=line.original_message_id or "",
            customers=customers,
        )

    @api.model
    def _get_called(self, line):
        """What a bank's message calls the one collection; "" where it does not."""
        is_receipt = line.return_id.file_format in RECEIPTS
        return line.end_to_end_id or (is_receipt and line.reference) or ""

    @api.model
    def _get_family(self, payment_return):
        """The kind of file a return came from; "" when it was entered by hand."""
        name = payment_return.file_format or ""
        return FAMILIES.get(name, name)

    @api.model
    def _clean_code(self, code):
        """A tax code or IBAN without blanks and, for Italian VAT, without country."""
        code = "".join((code or "").split()).upper()
        return code[2:] if code[:2] == "IT" and len(code) == 13 else code

    def _find_customers(self, lines):
        """The customers that the tax codes and IBANs of the lines belong to.

        :return: dict from cleaned code to a set of commercial partner ids
        """
        vats = {self._clean_code(line.partner_vat) for line in lines} - {""}
        ibans = {self._clean_code(line.partner_iban) for line in lines} - {""}
        found = {}
        for code, partner in self._search_vats(vats) + self._search_ibans(ibans):
            found.setdefault(code, set()).add(partner.commercial_partner_id.id)
        return found

    def _search_vats(self, vats):
        """Pairs of tax code and partner; the Italian code where its field exists."""
        if not vats:
            return []
        partners = self.env["res.partner"].with_context(active_test=False)
        names = self._get_code_names()
        values = [*vats, *(f"IT{vat}" for vat in vats)]
        found = partners.search_fetch(
            Domain.OR(Domain(name, "in", values) for name in names),
            [*names, "commercial_partner_id"],
            order="id",
        )
        return [
            (self._clean_code(partner[name]), partner)
            for partner in found
            for name in names
            if partner[name]
        ]

    @api.model
    def _get_code_names(self):
        """The fields of a tax code; the Italian one where its addon is there."""
        names = ("vat", "l10n_it_codice_fiscale")
        return [name for name in names if name in self.env["res.partner"]._fields]

    def _search_ibans(self, ibans):
        if not ibans:
            return []
        banks = self.env["res.partner.bank"].with_context(active_test=False)
        found = banks.search_fetch(
            Domain("sanitized_acc_number", "in", list(ibans)),
            ["sanitized_acc_number", "partner_id"],
            order="id",
        )
        return [(bank.sanitized_acc_number, bank.partner_id) for bank in found]

    def _find_known(self, lines, wanted):
        """Lines that were told before, or that are no return at all.

        :return: two dicts from line to ``Outcome``: what is sure, and what is so when
            no payment is found
        """
        known = self._search_keys(lines)
        sure, unsure = {}, {}
        for line in lines:
            key = self._get_root_id(line), line.unique_key
            first = known.setdefault(key, line) if line.unique_key else line
            if line.reason_id.outcome == "paid":
                sure[line] = Outcome("skipped", "paid")
            elif first != line:
                found = sure if self._speaks_for(first, line) else unsure
                found[line] = self._repeat(first, "message")
        new = lines.filtered(lambda line: line not in sure and line not in unsure)
        for line, first in self._find_told(new, wanted).items():
            speaks = not first._has_collection() and self._speaks_for(first, line)
            found = sure if speaks else unsure
            found[line] = self._repeat(first, "told")
        return sure, unsure

    def _repeat(self, first, key):
        """The outcome of a line that tells again what an earlier one told.

        :param key: "message" for the very line of the bank, else "told"
        """
        claim = self._prepare_claim(first, ())
        return Outcome("duplicate", key, repeats=claim)

    def _search_keys(self, lines):
        """The first line, of other returns, that carries each bank key.

        Not what tells these lines again: they were there before.

        :return: dict from (id of the root company, bank key) to line
        """
        keys = [line.unique_key for line in lines if line.unique_key]
        if not keys:
            return {}
        found = lines.sudo().search_fetch(
            [
                ("unique_key", "in", keys),
                ("company_id", "child_of", lines.company_id.root_id.ids),
                ("state", "!=", "cancelled"),
                ("id", "not in", lines.ids),
                ("duplicate_line_id", "not in", lines.ids),
            ],
            ["unique_key", "company_id"],
            order="id desc",
        )
        return {(self._get_root_id(line), line.unique_key): line for line in found}

    def _get_root_id(self, line):
        """The company at the top, under which a bank's message is told once."""
        return line.company_id.root_id.id

    def _prepare_claim(self, line, instalments):
        payment_return = line.return_id
        return Claim(
            line_id=line.id,
            source=payment_return.name,
            family=self._get_family(payment_return),
            amount=line.amount,
            day=line.date or payment_return.date,
            instalments=frozenset(instalments),
            draft=line.state == "draft",
        )

    def _find_told(self, lines, wanted):
        """The earlier lines, of other returns, that tell the same.

        :return: dict from line to line
        """
        lines = lines.filtered(lambda line: line.scope == "payment")
        by_form = self._search_told(lines)
        found = {}
        for line in lines.sorted("id"):
            first = next(
                (
                    other
                    for form in self._get_told_forms(line)
                    for other in by_form.get((self._get_root_id(line), form), ())
                    if other not in found and self._tells_again(line, other, wanted)
                ),
                None,
            )
            if first:
                found[line] = first
        return found

    def _tells_again(self, line, first, wanted):
        """Whether a line tells again what an earlier one told, in another return."""
        returns = (each.return_id for each in (first, line))
        sources = {each.split_from_id or each for each in returns}
        if first.id >= line.id or len(sources) < 2:
            return False
        told = wanted.get(first) or self._prepare_wanted_line(first, frozenset())
        return match_rules.tells_again(told, wanted[line])

    def _get_told_forms(self, line):
        forms = map(normal, (line.end_to_end_id, line.reference))
        return list(dict.fromkeys(filter(None, forms)))

    def _search_told(self, lines):
        """All lines that carry a reference of some lines, the first one first.

        Not what is a duplicate itself, nor what the bank called paid.

        :return: dict from (id of the root company, normal form) to list of lines
        """
        forms = {form for line in lines for form in self._get_told_forms(line)}
        if not forms:
            return {}
        known = lines.sudo().search_fetch(
            Domain("scope", "=", "payment")
            & Domain("state", "!=", "cancelled")
            & Domain("match_state", "!=", "duplicate")
            & Domain("company_id", "child_of", lines.company_id.root_id.ids)
            & self._get_forms_domain(
                lines, dict.fromkeys(("end_to_end_id", "reference"), forms)
            ),
            ["company_id", "end_to_end_id", "reason_id", "reference", "return_id"],
            order="id",
        )
        found = {}
        for line in known.filtered(lambda line: line.reason_id.outcome != "paid"):
            for form in self._get_told_forms(line):
                key = self._get_root_id(line), form
                found.setdefault(key, []).append(line)
        return found
