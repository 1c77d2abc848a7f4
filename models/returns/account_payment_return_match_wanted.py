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
        of_return = {
            payment_return: self._prepare_of_return(payment_return)
            for payment_return in lines.grouped("return_id")
        }
        return {
            line: Wanted(
                **of_return[line.return_id],
                **self._prepare_told(line),
                customers=frozenset(
                    partner_id
                    for code in (line.partner_vat, line.partner_iban)
                    for partner_id in by_code.get(self._clean_code(code), ())
                ),
            )
            for line in lines
        }

    def _prepare_of_return(self, payment_return):
        """What is the same for each line of a return, as values of ``Wanted``."""
        return {
            "root_id": payment_return.company_id.root_id.id,
            "company_id": payment_return.company_id.id,
            "journal_id": payment_return.journal_id.id,
            "family": self._get_family(payment_return),
        }

    def _prepare_told(self, line):
        """What the bank told about one line, as values of ``Wanted``."""
        ids = (line.end_to_end_id or "", line.reference or "")
        instruction = line.instruction_id or ""
        texts = (line.reference, line.texts, line.reason_text)
        amount, currency = line._get_told()
        vat = line.partner_vat or ""
        return {
            "ids": tuple(dict.fromkeys(text.strip() for text in ids if text)),
            "instruction_id": instruction,
            "mandate": line.mandate_reference or "",
            "words": frozenset(t.strip() for t in (*ids, instruction) if t),
            "tokens": match_rules.tokens(texts),
            "spaced": match_rules.spaced(texts),
            "end_to_end_id": ids[0],
            "reference": ids[1],
            "called": self._get_called(line),
            "doubt": bool(line.doubt),
            "code": self._clean_code(vat),
            "amount": amount,
            "currency_id": currency.id,
            "due": line.due_date or None,
            "day": line.date or line.return_id.date,
            "kind": line.kind,
            "vat": vat,
            "iban": line.partner_iban or "",
            "name": match_rules.clean_name(line.partner_name),
            "scope": line.scope,
            "batch_id": line.batch_id or "",
            "message_id": line.original_message_id or "",
        }

    @api.model
    def _get_called(self, line):
        """What a bank's message calls the one collection; "" where it does not."""
        if line.end_to_end_id:
            return line.end_to_end_id
        is_receipt = line.return_id.file_format in RECEIPTS
        return (is_receipt and line.reference) or ""

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
            key = wanted[line].root_id, line.unique_key
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
        for line in lines.sorted("id") if by_form else ():
            first = next(
                (
                    other
                    for form in self._get_told_forms(line)
                    for other in by_form.get((wanted[line].root_id, form), ())
                    if other not in found and self._tells_again(line, other, wanted)
                ),
                None,
            )
            if first:
                found[line] = first
        return found

    def _tells_again(self, line, first, wanted):
        """Whether a line tells again what an earlier one told, in another return."""
        if first.id >= line.id or len(self._get_sources(first | line)) < 2:
            return False
        told = wanted.get(first) or Wanted(
            **self._prepare_of_return(first.return_id), **self._prepare_told(first)
        )
        return match_rules.tells_again(told, wanted[line])

    def _get_sources(self, lines):
        """The returns that files have become, from which others were split."""
        return {each.split_from_id or each for each in lines.return_id}

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
            & self._get_elsewhere_domain(lines)
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

    def _get_elsewhere_domain(self, lines):
        """Where lines may be told again: of one file in the returns of others only."""
        is_one = len(self._get_sources(lines)) == 1
        return Domain("return_id", "not in", lines.return_id.ids if is_one else [])
