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
from playwright.sync_api import Error, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tools"), str(Path(__file__).parent)]

from acb import browser  # noqa: E402
from demo.data import cast  # noqa: E402
from shots import PHONE, SHOTS  # noqa: E402

FOLDER = ROOT / "docs" / "images"
TIMEOUT = 60_000  # milliseconds: the first page of a new demo builds its web assets
COLORS = 128  # enough for pages of a business application, and a third of the size


def main():
    """Take the pictures; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:8069")
    parser.add_argument("names", nargs="*", metavar="NAME")
    options = parser.parse_args()
    try:
        database = find_database(options.url)
        with sync_playwright() as playwright:
            chromium = playwright.chromium.launch(executable_path=browser.find())
            for shot in SHOTS:
                if not options.names or shot[0] in options.names:
                    take(chromium, options.url, database, *shot)
    except (Error, urllib.error.URLError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def take(chromium, url, database, name, user, path, way, size):
    """Take one picture and keep it, with as few colours as it needs."""
    is_phone = size == PHONE
    width, height = size
    with chromium.new_context(
        base_url=url,
        locale="en-GB",
        viewport={"width": width, "height": height},
        is_mobile=is_phone,
        has_touch=is_phone,
    ) as context:
        context.set_default_timeout(TIMEOUT)
        log_in(context, user, database)
        page = context.new_page()
        page.goto(path if path.startswith("/") else f"/odoo/{path}")
        try:
            way(page)
        except Error:
            keep(page, f"{name}-failed")
            raise
        keep(page, name)


def log_in(context, user, database):
    """Log a role of the demo in."""
    login, password = find_login(user)
    values = {"login": login, "password": password, "db": database}
    answer = context.request.post(
        "/web/session/authenticate", data={"jsonrpc": "2.0", "params": values}
    )
    if not (answer.json().get("result") or {}).get("uid"):
        raise Error(f"{user} cannot log in to {database}: is it the demo?")


def keep(page, name):
    """Write what is seen to a file."""
    page.evaluate("document.activeElement.blur()")
    page.mouse.move(-1, -1)  # what is pointed at looks different
    page.wait_for_timeout(1000)  # images and transitions
    image = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
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
