"""The sentences of the parsers, as translatable terms.

The parsers know no Odoo, so the terms are listed here once more; a test compares.
"""

from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)

PARSE_MESSAGES = {
    "empty": _lt(
        "%(place)s is empty: there is nothing to import. Download it again from the"
        " bank."
    ),
    "too_large": _lt(
        "%(place)s is larger than %(limit)s MiB. Ask the bank for a shorter period "
        "and import each part."
    ),
    "unknown_format": _lt(
        "%(place)s is not a bank file that can be read here. Import a pain.002 or "
        "camt.05x XML, outcomes in CBI's fixed width or XML, a CSV or XLSX list, or a "
        "zip of these."
    ),
    "xls": _lt(
        "%(place)s is an old Excel workbook (.xls), or one with a password. Open "
        "it, save it as .xlsx without a password, or as .csv, and import that."
    ),
    "not_xml": _lt(
        "%(place)s should be XML but is not well formed: %(detail)s. Download it "
        "again from the bank, without opening and saving it."
    ),
    "truncated": _lt(
        "The file is cut or damaged at %(place)s: %(detail)s. Nothing was imported;"
        " download it again from the bank."
    ),
    "too_deep": _lt(
        "The XML is nested too deeply at %(place)s for a bank message. Nothing was "
        "imported; ask the bank for the original file."
    ),
    "too_many_tags": _lt(
        "%(place)s has more than %(limit)s XML tags. Ask the bank for a file of a "
        "shorter period and import each part."
    ),
    "too_much_held": _lt(
        "%(place)s holds, outside its transactions or in one of them, more XML than"
        " a bank message can. Nothing was imported; ask the bank for the original "
        "file."
    ),
    "too_many_names": _lt(
        "%(place)s uses more XML names or namespaces, or longer ones, than a bank "
        "message can. Nothing was imported; ask the bank for the original file."
    ),
    "too_many_transactions": _lt(
        "%(place)s has more than %(limit)s transactions. Ask the bank for a file of"
        " a shorter period and import each part."
    ),
    "too_many_returns": _lt(
        "%(place)s has more than %(limit)s returned payments. Ask the bank for a "
        "file of a shorter period and import each part."
    ),
    "too_many_documents": _lt(
        "%(place)s has more than %(limit)s statements, reports or batches. Ask the "
        "bank for a file of a shorter period and import each part."
    ),
    "too_many_reasons": _lt(
        "%(place)s has more than %(limit)s different codes of reasons, so these are"
        " no codes. Correct the column of reasons, or ask the bank for a valid "
        "file."
    ),
    "doctype": _lt(
        "%(place)s carries a DOCTYPE or entity declaration, which no bank message "
        "has. It was not read; ask the bank for the original file."
    ),
    "encoding": _lt(
        "The characters of %(place)s cannot be read as %(encoding)s. Save the file "
        "as UTF-8, or download it again from the bank."
    ),
    "namespace": _lt(
        "The XML namespace “%(namespace)s” at %(place)s belongs neither to ISO "
        "20022 nor to CBI or SIX. Ask the bank for a pain.002 or camt.05x file."
    ),
    "not_returns": _lt(
        "%(place)s is a message of type %(message)s, which does not tell about "
        "unpaid collections. Import the bank's answer (pain.002) or statement "
        "(camt.05x)."
    ),
    "missing": _lt(
        "The mandatory element %(element)s is missing at %(place)s. Nothing was "
        "imported; ask the bank for a valid file."
    ),
    "contradiction": _lt(
        "%(place)s has the element %(element)s more than once, with different "
        "contents, where a bank message has one. Nothing was imported; ask the bank"
        " which one is right, and for a valid file."
    ),
    "order": _lt(
        "At %(place)s the account is named after its entries, or twice. Nothing was"
        " imported; ask the bank for a valid file."
    ),
    "indicator": _lt(
        "“%(value)s” at %(place)s is neither a debit (DBIT) nor a credit (CRDT). "
        "Nothing was imported; ask the bank for a valid file."
    ),
    "amount": _lt(
        "“%(value)s” at %(place)s is not an amount. Nothing was imported; ask the "
        "bank for a valid file."
    ),
    "amount_large": _lt(
        "“%(value)s” at %(place)s is larger than an amount that can be kept to the "
        "cent. Nothing was imported; ask the bank for a valid file."
    ),
    "currency": _lt(
        "“%(value)s” at %(place)s is not a currency code. Nothing was imported; ask"
        " the bank for a valid file."
    ),
    "date": _lt(
        "“%(value)s” at %(place)s is not a date. Nothing was imported; ask the bank"
        " for a valid file."
    ),
    "control_sum": _lt(
        "The amounts at %(place)s make %(found)s, but the bank declares "
        "%(expected)s. Nothing was imported; download the file again from the bank."
    ),
    "control_batch": _lt(
        "The transactions at %(place)s make %(found)s, but the bank booked %(expected)s"
        " for them, and no charge explains the rest. Nothing was imported; ask the bank"
        " for the missing transactions, or register these returns by hand."
    ),
    "control_count": _lt(
        "%(place)s declares %(expected)s items, but %(found)s are there. Nothing "
        "was imported; download the file again from the bank."
    ),
    "cbi_presentation": _lt(
        "%(place)s presents receipts to the bank: it is not the bank's answer. "
        "Import the file of outcomes that the bank sends back."
    ),
    "cbi_recall": _lt(
        "%(place)s asks the bank to give receipts back: it is not the bank's answer. "
        "Import the file of outcomes that the bank sends back."
    ),
    "cbi_debtor": _lt(
        "%(place)s is of receipts that you have to pay, not of your customers'. "
        "Import the file of outcomes of the receipts that you have presented."
    ),
    "cbi_securities": _lt(
        "%(place)s begins a report on securities, which holds no returned payments. "
        "Import the file of outcomes of your receipts."
    ),
    "cbi_diagnostics": _lt(
        "%(place)s tells what the bank rejected of a file that you sent: nothing of it "
        "was collected. Correct that file and send it again."
    ),
    "cbi_rid": _lt(
        "%(place)s begins outcomes of RID, which SEPA direct debits have replaced. "
        "Import the bank's pain.002 or camt.05x instead."
    ),
    "zip_damaged": _lt(
        "%(place)s is a damaged zip archive. Download it again from the bank."
    ),
    "zip_empty": _lt(
        "%(place)s is a zip archive without files: there is nothing to import. "
        "Download it again from the bank."
    ),
    "zip_encrypted": _lt(
        "%(place)s is protected by a password. Extract it first and import the "
        "files inside."
    ),
    "zip_entries": _lt(
        "%(place)s holds more than %(limit)s files. Split it and import each part."
    ),
    "zip_twice": _lt(
        "%(place)s is in the archive twice, so nobody can say which one counts. "
        "Extract the files and import the right ones."
    ),
    "zip_method": _lt(
        "%(place)s is packed in an unusual way. Extract it and import the files "
        "inside, or zip it again."
    ),
    "zip_nested": _lt(
        "%(place)s is an archive inside an archive. Extract the outer one and "
        "import the files inside."
    ),
    "zip_too_large": _lt(
        "%(place)s unpacks to far more than a bank sends (limit %(limit)s MiB). It "
        "was not read; extract it yourself and import the files inside."
    ),
    "column_missing": _lt(
        "%(place)s has no heading for: %(missing)s. Give the columns headings such "
        "as Reference, Amount, Date, Reason, Customer."
    ),
    "quotes": _lt(
        "The quotation marks at %(place)s do not match, so rows would be lost. "
        "Correct the file, or save it as .xlsx and import that."
    ),
    "sheet": _lt(
        "%(place)s is a damaged Excel workbook. Open it, save it again as .xlsx or "
        ".csv and import that."
    ),
    "workbook_large": _lt(
        "%(place)s holds more than a list needs, such as formats or texts. Copy the"
        " list into a new workbook, or save it as .csv, and import that."
    ),
    "too_many_rows": _lt(
        "%(place)s has more than %(limit)s rows. Split it and import each part."
    ),
    "too_many_cells": _lt(
        "%(place)s has more than %(limit)s filled cells. Remove the columns that do"
        " not matter, or split it and import each part."
    ),
    "too_much_text": _lt(
        "%(place)s has more than %(limit)s characters of text in its cells. Remove "
        "the columns that do not matter, or split it and import each part."
    ),
    "too_many_columns": _lt(
        "%(place)s has cells beyond column %(limit)s. Remove the columns that do "
        "not matter and import again."
    ),
    "cell_long": _lt(
        "A cell at %(place)s has more than %(limit)s characters, which is more than"
        " Excel can hold. Shorten it, or check the quotation marks, and import "
        "again."
    ),
    "too_many_sheets": _lt(
        "%(place)s has more than %(limit)s sheets. Split it and import each part."
    ),
    "bad_rows_many": _lt(
        "%(count)s rows of %(place)s cannot be read, so nothing was imported. "
        "Correct them and import again. The first %(shown)s are:\n"
        "%(rows)s"
    ),
    "bad_rows": _lt(
        "%(count)s rows of %(place)s cannot be read, so nothing was imported. "
        "Correct them and import again:\n"
        "%(rows)s"
    ),
    "row_amount": _lt("%(place)s: “%(value)s” is not an amount."),
    "row_amount_ambiguous": _lt(
        "%(place)s: “%(value)s” can be read in two ways; write it with two decimals."
    ),
    "row_amount_negative": _lt(
        "%(place)s: “%(value)s” is negative while other amounts are positive; "
        "remove it if it is not a return."
    ),
    "row_amount_large": _lt(
        "%(place)s: “%(value)s” is larger than an amount that can be kept to the cent."
    ),
    "row_currencies": _lt(
        "%(place)s: the amount is in %(value)s and the column of currencies says "
        "%(other)s; correct one of them."
    ),
    "row_contradiction": _lt(
        "%(place)s: two columns are called “%(column)s”, and they say different "
        "things; remove one of them."
    ),
    "row_formula": _lt(
        "%(place)s: the cell shows “%(value)s” where a value should be; correct the"
        " formula, or write the value."
    ),
    "row_cells": _lt(
        "%(place)s: there are more cells than headings; put quotation marks around "
        "values that contain the separator."
    ),
    "row_currency": _lt("%(place)s: “%(value)s” is not a currency code."),
    "row_date": _lt(
        "%(place)s: “%(value)s” is not a date; write it as 31/12/2026 or 2026-12-31."
    ),
    "row_nothing": _lt(
        "%(place)s: there is neither a reference nor an amount with a customer; "
        "complete the row or remove it."
    ),
    "row_status": _lt(
        "%(place)s: the outcome “%(value)s” is not known; write Unpaid or Paid."
    ),
}

# The pieces of places, and what is wrong there; see parsers/phrase.py.
PARSE_PHRASES = {
    "file": _lt("the file"),
    "line": _lt("line %(value)s"),
    "record": _lt("record %(value)s"),
    "row": _lt("row %(value)s"),
    "report": _lt("report %(value)s"),
    "batch": _lt("batch %(value)s"),
    "transaction": _lt("transaction %(value)s"),
    "statement": _lt("statement %(value)s"),
    "entry": _lt("entry %(value)s"),
    "item": _lt("item %(value)s"),
    "receipt": _lt("receipt %(value)s"),
    "movement": _lt("movement %(value)s"),
    "element": "%(place)s (%(value)s)",
    "sheet": _lt("%(place)s of sheet %(value)s"),
    "inside": _lt("%(place)s of %(value)s"),
    "name": "%(value)s",
    "heading_reference": _lt("Reference"),
    "heading_amount": _lt("Amount"),
    "lacking": _lt("%(value)s is missing"),
    "unexpected": _lt("“%(value)s” was not expected"),
    "no_header": _lt("a header was expected, not “%(value)s”"),
    "outside": _lt("text outside: %(value)s"),
    "no_element": _lt("no element"),
}
