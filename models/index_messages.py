"""What stands in a unique index twice, for the sentence that refuses it."""


def read_values(diagnostics, count):
    """Return the texts of the key that is there twice.

    :param diagnostics: what PostgreSQL said, as Odoo hands it to a message; may be None
    :param count: how many columns the index has; the last one may hold anything
    :return: list of so many texts, empty ones where nothing was said
    """
    detail = (diagnostics and diagnostics.message_detail) or ""
    key = detail.partition(")=(")[2].rpartition(")")[0]
    values = key.split(", ", count - 1)
    return values if len(values) == count else [""] * count
