"""Take the pictures of the README from a running demo.

    make serve                                in one terminal
    make screenshots ARGS="[--url URL] NAME"  in another one

All pictures, or the named ones, are written to docs/images/.
"""

import argparse
import io
import json
import sys
import urllib.error
import urllib.request
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tools"), str(Path(__file__).parent)]

from chrome import Chrome, ChromeError  # noqa: E402
from demo.data import cast  # noqa: E402
from shots import PHONE, SHOTS  # noqa: E402

FOLDER = ROOT / "docs" / "images"
COLORS = 128  # enough for pages of a business application, and a third of the size

LOGIN = """async (login, password, db) => {
    const answer = await fetch("/web/session/authenticate", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ jsonrpc: "2.0", params: { login, password, db } }),
    });
    return (await answer.json()).result?.uid || 0;
}"""


def main():
    """Take the pictures; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:8069")
    parser.add_argument("names", nargs="*", metavar="NAME")
    options = parser.parse_args()
    try:
        database = find_database(options.url)
        with Chrome() as page:
            for shot in SHOTS:
                if not options.names or shot[0] in options.names:
                    take(page, options.url, database, *shot)
    except (ChromeError, urllib.error.URLError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def take(page, url, database, name, user, path, way, size):
    """Take one picture and keep it, with as few colours as it needs."""
    page.resize(*size, mobile=size == PHONE)
    page.go(f"{url}/web/login")
    if not page.run(LOGIN, *find_login(user), database):
        raise ChromeError(f"{user} cannot log in to {database}: is it the demo?")
    page.go(f"{url}{path}" if path.startswith("/") else f"{url}/odoo/{path}")
    try:
        way(page)
    except ChromeError:
        keep(page, f"{name}-failed")
        raise
    keep(page, name)


def keep(page, name):
    """Write what is seen to a file."""
    image = Image.open(io.BytesIO(page.picture())).convert("RGB")
    FOLDER.mkdir(parents=True, exist_ok=True)
    target = FOLDER / f"{name}.png"
    image.quantize(COLORS, dither=Image.Dither.NONE).save(target, optimize=True)
    sys.stdout.write(
        f"{target.relative_to(ROOT)}: {target.stat().st_size // 1024} kB\n"
    )


def find_login(key):
    """Login and password of a role of the demo."""
    if key == "admin":
        return cast.ADMIN
    if key == "shopper":
        return cast.SHOPPER[2], cast.PASSWORD
    user = next(user for user in cast.USERS if user.key == key)
    return user.login, cast.PASSWORD


def find_database(url):
    """Name of the only database of the server."""
    request = urllib.request.Request(
        f"{url}/web/database/list",
        data=json.dumps({"jsonrpc": "2.0", "params": {}}).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)["result"][0]


if __name__ == "__main__":
    sys.exit(main())
