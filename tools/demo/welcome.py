"""How to look at the demo: address, users, what each of them can see."""

from .data import cast

COMPANY = cast.COMPANY["name"]


def get_users_table():
    """Lines of a table of the users."""
    heads = ("user", "password", "role", "sees")
    rows = [
        (user.login, cast.PASSWORD, f"{user.name}, {user.role}", user.sees)
        for user in cast.USERS
    ]
    _key, name, login = cast.SHOPPER
    rows.append(
        (login, cast.PASSWORD, f"{name}, customer", "the shop, own orders under /my")
    )
    rows.append((*cast.ADMIN, "administrator", "settings, users"))
    widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
    lines = [heads, ["-" * width for width in widths], *rows]
    return [
        "  ".join(
            text.ljust(width) for text, width in zip(line, widths, strict=True)
        ).rstrip()
        for line in lines
    ]
