import re

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

# Shorter words stand in any text.
SHORTEST_WORD = 4
# What separates the pieces of a code, and the words of a text.
_SEPARATORS = re.compile(r"[\W_]+")


class AccountPaymentReturnDebitRule(models.Model):
    """By what a debit on the bank's statement is known as a collection that came back.

    Codes are those of the banks: PMNT-IDDT-UPDD of ISO 20022, an ABI causale, a code of
    another country. Words are looked for in all that the bank says of the transaction.
    """

    _name = "account.payment.return.debit.rule"
    _inherit = ["credit.setting"]
    _description = "Bank Debit Rule"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=100)
    active = fields.Boolean(default=True)
    journal_ids = fields.Many2many(
        "account.journal",
        string="Banks",
        domain="[('type', '=', 'bank')]",
        help="Empty for every bank.",
    )
    country_id = fields.Many2one(
        "res.country",
        string="Country of the Bank",
        help="Codes of one country mean something else, or nothing, in another one. "
        "Empty for every country.",
    )
    codes = fields.Char(
        help="Types of transaction, with commas. The beginning is enough: 37 is also "
        "37/26 and 37EI.",
    )
    words = fields.Char(
        help="Words or phrases, with commas: one of them in the text of a transaction "
        "is enough. Case and punctuation do not count.",
    )
    reason_id = fields.Many2one(
        "account.payment.return.reason",
        string="Return Reason",
        domain="[('outcome', '=', 'unpaid')]",
        help="Where the text of the transaction names no reason.",
    )
    debit_count = fields.Integer(
        compute="_compute_debit_count", string="Debits to Check"
    )

    @api.depends("codes", "words")
    def _compute_debit_count(self):
        """How many transactions wait that each rule has found; one query."""
        transactions = self.env["account.bank.statement.line"]
        groups = transactions._read_group(
            transactions._get_open_debits_domain()
            & Domain("return_rule_id", "in", self.ids),
            ["return_rule_id"],
            ["__count"],
        )
        counts = {rule.id: count for rule, count in groups}
        for rule in self:
            rule.debit_count = counts.get(rule.id, 0)

    # The name is there always: without it nothing may be said at all.
    @api.constrains("name", "codes", "words")
    def _check_condition(self):
        """Raise ValidationError for a rule that would find every debit, or none."""
        for rule in self:
            if not (rule._get_codes() or rule._get_phrases()):
                raise ValidationError(
                    self.env._(
                        "%s says neither a code nor a word: enter what the bank writes "
                        "on transactions that are returns.",
                        rule.name,
                    )
                )
            short = [p for p in rule._get_phrases() if len(p.strip()) < SHORTEST_WORD]
            if short:
                raise ValidationError(
                    self.env._(
                        "“%(word)s” stands in any text: a word needs %(least)s letters"
                        " at least.",
                        word=short[0].strip(),
                        least=SHORTEST_WORD,
                    )
                )

    # === WHICH RULE === #

    def _get_codes(self):
        """The codes, each as the list of its pieces."""
        codes = (_split(code.upper()) for code in (self.codes or "").split(","))
        return [pieces for pieces in codes if pieces]

    def _get_phrases(self):
        """The phrases, each with its words between single blanks."""
        phrases = (_make_phrase(text) for text in (self.words or "").split(","))
        return [phrase for phrase in phrases if phrase.strip()]

    @api.model
    def _find(self, transactions):
        """Say which rule finds each of some bank transactions: the first one.

        :param transactions: ``account.bank.statement.line``
        :return: dict from transaction to rule, without those that none finds
        """
        rules = [
            (rule, rule._get_codes(), rule._get_phrases())
            for rule in self._search_active()
        ]
        countries = _get_countries(transactions.journal_id)
        found = {}
        for transaction in transactions:
            type_ = _split((transaction.transaction_type or "").upper())
            text = _make_phrase(transaction._get_return_text())
            for rule, codes, phrases in rules:
                if (
                    any(_begins(type_, code) for code in codes)
                    or any(phrase in text for phrase in phrases)
                ) and rule._applies_to(transaction, countries):
                    found[transaction] = rule.sudo(False)
                    break
        return found

    def _applies_to(self, transaction, countries):
        """Whether the rule is of the company, the bank and its country.

        :param countries: dict from bank to country
        """
        journal, company = transaction.journal_id, transaction.company_id
        if self.company_id and self.company_id not in company.sudo().parent_ids:
            return False
        if self.journal_ids and journal not in self.journal_ids:
            return False
        return not self.country_id or self.country_id == countries[journal]

    # === CHANGES === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override of `base`: a new rule looks at what waits already."""
        rules = super().create(vals_list)
        self._look_again()
        return rules

    def write(self, vals):
        """Override of `base`: a changed rule looks again at what waits."""
        result = super().write(vals)
        self._look_again()
        return result

    def unlink(self):
        """Override of `base`: what it found is nobody's, or another rule's."""
        result = super().unlink()
        self._look_again()
        return result

    @api.model
    def _look_again(self):
        """Ask the rules anew about the debits that wait; the others stay as they are.

        Of every company: a rule may be of all of them.
        """
        transactions = self.env["account.bank.statement.line"].sudo()
        open_debits = transactions.search(transactions._get_open_debits_domain())
        field = transactions._fields["return_rule_id"]
        self.env.add_to_compute(field, open_debits)

    def action_open_debits(self):
        """Open the transactions that wait and that the rule has found.

        :return: a window action
        :raises AccessError: to who may not see the rule
        """
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account_credit_block.bank_debit_action"
        )
        return {**action, "domain": [("return_rule_id", "in", self.ids)]}


def _split(text):
    return [piece for piece in _SEPARATORS.split(text) if piece]


def _begins(pieces, code):
    """Whether a type of transaction begins with a code.

    Banks glue letters of their own to a causale: 37EI is 37, and 370 is not.
    """
    *first, last = code
    if len(pieces) < len(code) or pieces[: len(first)] != first:
        return False
    piece = pieces[len(first)]
    rest = piece.removeprefix(last)
    return piece == last or (rest != piece and last[-1].isdigit() and rest[0].isalpha())


def _make_phrase(text):
    """The words of a text between single blanks, at both ends too."""
    return f" {' '.join(_split((text or '').casefold()))} "


def _get_countries(journals):
    """The countries of bank accounts, by their IBAN, or else of their companies.

    :return: dict from journal to ``res.country``; one query
    """
    codes = {
        journal: bank.sanitized_acc_number[:2]
        for journal in journals
        for bank in journal.bank_account_id.sudo()
        if bank.acc_type == "iban"
    }
    found = journals.env["res.country"].search([("code", "in", list(codes.values()))])
    by_code = {country.code: country for country in found}
    return {
        journal: by_code.get(codes.get(journal))
        or journal.company_id.sudo().account_fiscal_country_id.sudo(False)
        for journal in journals
    }
