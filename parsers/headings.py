"""The words that bank portals use in the headings of their lists."""

import re
import unicodedata

from .phrase import Phrase

# For each field its headings, the most telling first: where two columns fit, the
# first wins.  Written as `normalise` leaves them.
HEADINGS = {
    "reference": (
        "riferimento",
        "rif",
        "riferimento cliente",
        "numero ricevuta",
        "numero effetto",
        "numero disposizione",
        "n ricevuta",
        "n effetto",
        "nr effetto",
        "numero riba",
        "id disposizione",
        "codice riferimento",
        "reference",
        "ref",
        "payment reference",
        "receipt number",
        "receipt",
        "numero fattura",
        "n fattura",
        "nr fattura",
        "fattura",
        "numero documento",
        "n documento",
        "documento",
        "invoice number",
        "invoice",
        "document number",
        "document",
        "numero",
        "number",
    ),
    "end_to_end_id": (
        "end to end id",
        "endtoendid",
        "endtoend id",
        "id end to end",
        "codice end to end",
        "end to end",
        "e2e id",
        "e2e",
    ),
    "amount": (
        "importo insoluto",
        "importo impagato",
        "importo effetto",
        "importo disposizione",
        "importo",
        "unpaid amount",
        "returned amount",
        "amount",
    ),
    "currency": ("divisa", "codice divisa", "currency", "currency code", "ccy"),
    # "Valuta" is both the currency and the value date: the cells tell.
    "currency_or_value_date": ("valuta",),
    "date": (
        "data insoluto",
        "data esito",
        "data storno",
        "data contabile",
        "data registrazione",
        "data operazione",
        "data addebito",
        "data",
        "return date",
        "booking date",
        "posting date",
        "date",
    ),
    "value_date": ("data valuta", "value date"),
    "due_date": (
        "data scadenza",
        "scadenza",
        "data scadenza effetto",
        "due date",
        "original due date",
        "collection date",
        "maturity date",
        "maturity",
    ),
    "reason": (
        "causale insoluto",
        "motivo insoluto",
        "codice motivo",
        "codice causale",
        "motivo",
        "motivazione",
        "causale",
        "reason code",
        "return reason",
        "reason",
    ),
    "reason_text": (
        "descrizione motivo",
        "descrizione causale",
        "reason description",
        "reason text",
    ),
    "status": ("esito", "stato", "outcome", "status", "result"),
    "partner_name": (
        "debitore",
        "nome debitore",
        "ragione sociale debitore",
        "cliente",
        "nome cliente",
        "ragione sociale",
        "denominazione",
        "nominativo",
        "intestatario",
        "debtor",
        "debtor name",
        "customer",
        "customer name",
        "client",
        "payer",
        "name",
    ),
    "partner_iban": (
        "iban debitore",
        "iban cliente",
        "iban",
        "conto debitore",
        "debtor iban",
        "customer iban",
        "debtor account",
    ),
    "partner_vat": (
        "partita iva",
        "p iva",
        "piva",
        "codice fiscale",
        "cod fiscale",
        "cf",
        "codice fiscale partita iva",
        "partita iva codice fiscale",
        "codice fiscale p iva",
        "p iva codice fiscale",
        "vat",
        "vat number",
        "vat id",
        "tax code",
        "tax id",
        "fiscal code",
    ),
    "mandate_reference": (
        "mandato",
        "id mandato",
        "codice mandato",
        "riferimento mandato",
        "umr",
        "mandate",
        "mandate id",
        "mandate reference",
    ),
    "fee_amount": (
        "spese insoluto",
        "spese",
        "importo spese",
        "commissioni",
        "commissione",
        "fee",
        "fees",
        "bank fee",
        "charges",
        "charge",
    ),
    "batch_id": ("distinta", "numero distinta", "id distinta", "batch", "batch id"),
    "text": (
        "descrizione",
        "note",
        "causale pagamento",
        "description",
        "notes",
        "memo",
        "remittance",
        "remittance information",
        "details",
    ),
}
# A list is useless without an amount and something that identifies the collection.
IDENTIFYING = ("reference", "end_to_end_id", "mandate_reference", "partner_name")

_REFERENCE, _AMOUNT = ("heading_reference", ""), ("heading_amount", "")
MISSING = Phrase(_REFERENCE, _AMOUNT)

_TOTALS = ("totale", "totali", "totale generale", "total", "totals", "grand total")
_FIELD_OF = {
    heading: (field, rank)
    for field, headings in HEADINGS.items()
    for rank, heading in enumerate(headings)
}
_NOT_WORD = re.compile(r"[\W_]+")
_LONGEST = 100
_LONGEST_TOTAL = 30
_UNIT = re.compile(r" (eur|euro)$")


def is_total(text):
    """Whether a row that begins with ``text`` only sums up."""
    return len(text) <= _LONGEST_TOTAL and normalise(text) in _TOTALS


def normalise(text):
    """``text`` without accents, capitals, punctuation and unit: "Importo (€)"."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    return _UNIT.sub("", _NOT_WORD.sub(" ", plain.replace("°", " ")).strip())


def match(cells, known=()):
    """{field: column numbers} for a heading row, the best column first.

    ``known`` maps normalised headings to the fields that a bank means by them, which
    come before any other.
    """
    ranked = {}
    for column, cell in enumerate(cells):
        heading = normalise(str(cell or "")[:_LONGEST])
        field, rank = _FIELD_OF.get(heading, ("", 0))
        if heading in known:
            field, rank = known[heading], -1
        if field:
            ranked.setdefault(field, []).append((rank, column))
    return {
        field: [column for _rank, column in sorted(found)]
        for field, found in ranked.items()
    }


def missing(columns):
    """What the heading row lacks, a `Phrase` for a person; "" when complete."""
    names = []
    if not any(field in columns for field in IDENTIFYING):
        names.append(_REFERENCE)
    if "amount" not in columns:
        names.append(_AMOUNT)
    return Phrase(*names)
