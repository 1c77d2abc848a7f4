"""Sentences that are kept as a code and its data, and told in the reader's language.

A field of JSON keeps what `say` returns, or `keep` for what a person may have typed;
a computed one beside it tells it. Names are those of the day on which it was said: who
may read the row reads them, and nothing is looked up for him that he may not see.
"""

import json
from contextlib import suppress
from math import isfinite

from odoo.exceptions import MissingError
from odoo.fields import Date, Domain
from odoo.tools import SQL, format_amount, format_date, formatLang
from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)

# What a person typed, or another program answered: told as it is.
TEXT = "text"
SENTENCES = {}
# What telling data raises that nobody wrote by `say`.
ILL_FORMED = (
    ArithmeticError,
    AttributeError,
    LookupError,
    RuntimeError,
    TypeError,
    ValueError,
)
MAX_ID = 2**31 - 1
# What a code is worth whose addon is gone, or data that nobody wrote by `say`.
UNKNOWN = _lt("There is no text: the app that wrote it is not installed any more.")


def add(sentences):
    """Let sentences be told; another addon calls it for its own when it is imported.

    :param dict sentences: by code, which stays in the database: give it to nothing
        else. Each is a lazy translation, whose placeholders are the keys of the data,
        or a function that gets the environment and the data and returns the text.
    """
    SENTENCES.update(sentences)


# === SAYING === #


def say(code, **data):
    """Return a sentence as it is kept.

    :param data: texts, whole numbers, what `amount`, `day` and `name` return, other
        sentences, and lists of these
    :return: a dict of plain JSON
    """
    return {"code": code, "data": data}


def keep(reason):
    """Return as a sentence what may be one already, or a text that a person typed.

    :return: False of an empty text
    """
    if isinstance(reason, dict):
        return reason
    text = (reason or "").strip()
    return text and say(TEXT, text=text)


def amount(value, currency):
    """Return an amount of a currency, for the data of a sentence."""
    digits = currency.decimal_places
    return {
        "amount": f"{currency.round(value):.{digits}f}",
        "currency_id": currency.id,
        "currency": currency.name,
    }


def told_amount(currency_name, value):
    """Return an amount as somebody told it, in a currency that may not be known.

    :param value: Decimal
    """
    return {"amount": f"{value:.2f}", "currency_id": False, "currency": currency_name}


def day(value):
    """Return a date, for the data of a sentence."""
    return value and {"date": Date.to_string(value)}


def name(record):
    """Return a record by its name of today, in all languages that it has one in."""
    if not record:
        return ""
    field = record._fields[record._rec_name]
    names = record[field.name]
    if field.translate:
        installed = record.env["res.lang"].get_installed()
        names = {c: record.with_context(lang=c)[field.name] for c, _name in installed}
    return {"model": record._name, "id": record.id, "name": names}


# === TELLING === #


def tell(env, kept):
    """Return the text of a sentence in the language of the environment.

    :param kept: what `say` or `keep` returned; empty for none
    :return: a text, or False
    """
    if not kept:
        return False
    try:
        return _check_text(_tell_sentence(env, kept))
    except ILL_FORMED:
        return env._(UNKNOWN)


def _check_text(text):
    """Return a text.

    :raises TypeError: for anything else that was kept in its place
    """
    if not isinstance(text, str):
        raise TypeError
    return text


def _tell_sentence(env, kept):
    code, data = kept["code"], kept["data"]
    if code == TEXT:
        return data["text"]
    sentence = SENTENCES[code]
    if callable(sentence):
        return sentence(env, data)
    told = {key: tell_value(env, value) for key, value in data.items()}
    text = env._(sentence)
    return (text % told).strip()


def tell_value(env, value):
    """Return a piece of the data of a sentence as people read it."""
    if isinstance(value, list):
        return ", ".join(str(tell_value(env, each)) for each in value)
    if not isinstance(value, dict):
        return value or ""
    if "code" in value:
        return tell(env, value)
    if "amount" in value:
        return _tell_amount(env, value)
    if "date" in value:
        return format_date(env, Date.to_date(_check_text(value["date"])))
    return _tell_name(env, value["name"])


def _tell_amount(env, value):
    digits = len(_check_text(value["amount"]).partition(".")[2])
    number = float(value["amount"])
    if not isfinite(number):
        raise ValueError
    with suppress(MissingError):
        currency = _browse_currency(env, value["currency_id"])
        if currency:
            return format_amount(env, number, currency)
    name = _check_text(value["currency"])
    return f"{formatLang(env, number, digits=digits)} {name}".strip()


def _browse_currency(env, id_):
    """Return a currency, or an empty one.

    :raises TypeError: for what is no id at all
    """
    if id_ and not (isinstance(id_, int) and 0 < id_ <= MAX_ID):
        raise TypeError
    return env["res.currency"].sudo().browse(id_ or ())


def _tell_name(env, names):
    if isinstance(names, dict):
        # Of a language that came later it is the one that all have.
        first = next(iter(names.values()), None)
        names = names.get(env.lang) or names.get("en_US") or first
    return "" if names is False else _check_text(names)


# === SEARCHING === #


def search(records, kept, operator, value):
    """Return the domain of records whose told text is, or contains, what is asked.

    The text is that of who asks. Each different sentence is told once: this is for what
    a person types in a search, not for code, which asks for other fields.

    :param records: any of the model
    :param kept: name of the field of JSON
    """
    if operator not in ("in", "like", "ilike"):
        return NotImplemented
    if operator != "in" and not value:
        return Domain.TRUE
    wanted = [
        json.dumps(each)
        for each in _read_different(records, kept)
        if _is_told(tell(records.env, each), operator, value)
    ]
    column, table = SQL.identifier(kept), SQL.identifier(records._table)
    query = SQL(
        "(SELECT id FROM %s WHERE %s = ANY(%s::jsonb[]))", table, column, wanted
    )
    found = Domain("id", "in", query)
    if operator == "in" and False in value:
        found |= Domain(kept, "=", False)
    return found


def _read_different(records, kept):
    """Return each different sentence that a field keeps, of all records."""
    records.flush_model([kept])
    column, table = SQL.identifier(kept), SQL.identifier(records._table)
    rows = records.env.execute_query(SQL("SELECT DISTINCT %s FROM %s", column, table))
    return [each for (each,) in rows if each]


def _is_told(text, operator, value):
    if operator == "in":
        return text in value
    value = str(value)
    if operator == "ilike":
        text, value = text.lower(), value.lower()
    return value in text
