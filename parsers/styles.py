"""Which styles of a workbook show a number as a date."""

import re

# ECMA-376, 18.8.30: the number formats that every Excel knows, also the Asian ones.
_BUILT_IN = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
# What is shown as it is: quoted, escaped, padding, colours and conditions.
_LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h|m|s)[^\]]{0,60}\]', re.IGNORECASE)
_DATE = re.compile(r"[dmyhs]", re.IGNORECASE)
_LONGEST = 255  # Excel's own limit


def read_date_styles(elements):
    """For each cell style of a workbook whether it shows dates, as a list.

    ``elements``: the numFmt and xf elements of its styles.
    """
    formats, styles = {}, []
    for element in elements:
        if element.tag.endswith("}numFmt"):
            code = element.get("formatCode", "")[:_LONGEST]
            formats[element.get("numFmtId")] = is_date_format(code)
        elif element.getparent().tag.endswith("}cellXfs"):
            number = element.get("numFmtId", "0")
            known = formats.get(number)
            styles.append(int(number) in _BUILT_IN if known is None else known)
    return styles


def is_date_format(code):
    """Whether a number format shows days or times."""
    plain = _LITERAL.sub("", code.split(";")[0])
    return bool(_DATE.search(plain)) and plain.casefold() != "general"
