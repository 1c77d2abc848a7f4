"""Where something is in a file, and what is wrong there, as codes with their values.

English to read, and in parts for who tells it in another language: the parsers know no
Odoo, and a sentence that is not made of a code cannot be translated.
"""

# By code. What names %(place)s goes on from what was told before it.
PHRASES = {
    "file": "the file",
    "line": "line %(value)s",
    "record": "record %(value)s",
    "row": "row %(value)s",
    "report": "report %(value)s",
    "batch": "batch %(value)s",
    "transaction": "transaction %(value)s",
    "statement": "statement %(value)s",
    "entry": "entry %(value)s",
    "item": "item %(value)s",
    "receipt": "receipt %(value)s",
    "movement": "movement %(value)s",
    "element": "%(place)s (%(value)s)",
    "sheet": "%(place)s of sheet %(value)s",
    "inside": "%(place)s of %(value)s",
    "name": "%(value)s",
    # Headings of lists
    "heading_reference": "Reference",
    "heading_amount": "Amount",
    # What is wrong
    "lacking": "%(value)s is missing",
    "unexpected": "“%(value)s” was not expected",
    "no_header": "a header was expected, not “%(value)s”",
    "outside": "text outside: %(value)s",
    "no_element": "no element",
}


class Phrase(str):
    """A text whose ``parts`` are pairs of a code of `PHRASES` and a value."""

    __slots__ = ("parts",)

    def __new__(cls, *parts):
        self = super().__new__(cls, tell(parts, PHRASES))
        self.parts = parts
        return self

    def __getnewargs__(self):
        return self.parts

    def then(self, code, value=""):
        """The same, with one part more."""
        return Phrase(*self.parts, (code, value))


def tell(parts, phrases):
    """The text of some parts, by the phrases of a language."""
    text = ""
    for code, value in parts:
        phrase = phrases[code]
        told = phrase % {"place": text, "value": value}
        text = f"{text}, {told}" if text and "%(place)s" not in phrase else told
    return text


def get_parts(text):
    """The parts of a `Phrase`; a name, such as that of a file, is one."""
    return getattr(text, "parts", (("name", text),))


THE_FILE = Phrase(("file", ""))
