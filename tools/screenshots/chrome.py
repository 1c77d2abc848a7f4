"""A headless Chromium, driven by its DevTools protocol."""

import base64
import itertools
import json
import shutil
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

import websocket

NAMES = ("google-chrome", "chromium", "chromium-browser", "google-chrome-stable")
OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--hide-scrollbars",
    "--no-first-run",
    "--lang=en-GB",
    "--remote-debugging-port=0",
    "--remote-allow-origins=*",
)
TIMEOUT = 30  # seconds

# The first element that can be seen and holds a text, in any case of its letters.
FIND = """(selector, text) => [...document.querySelectorAll(selector)].find(
    (e) => e.checkVisibility() &&
        e.innerText.toLowerCase().includes(text.toLowerCase()))"""


class ChromeError(Exception):
    """The page is not what a picture needs."""


class Chrome:
    """One browser with one page; a context manager that ends it."""

    def __enter__(self):
        self._folder = tempfile.mkdtemp(prefix="screenshots-")
        command = next(filter(None, map(shutil.which, NAMES)), None)
        if not command:
            raise ChromeError("There is no Chromium on this machine.")
        self._process = subprocess.Popen(
            [command, *OPTIONS, f"--user-data-dir={self._folder}", "about:blank"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._socket = websocket.create_connection(self._find_page(), timeout=TIMEOUT)
        self._ids = itertools.count(1)
        self.send("Page.enable")
        return self

    def __exit__(self, *error):
        self._socket.close()
        self._process.terminate()
        self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _find_page(self):
        """Address of the page's protocol, once the browser has written its port."""
        port_file = Path(self._folder, "DevToolsActivePort")
        self._wait_until(
            lambda: port_file.exists() and "\n" in port_file.read_text(), "a browser"
        )
        port = port_file.read_text().splitlines()[0]
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/json/list") as answer:
            pages = json.load(answer)
        return next(
            page["webSocketDebuggerUrl"] for page in pages if page["type"] == "page"
        )

    def _wait_until(self, condition, what):
        end = time.monotonic() + TIMEOUT
        while not condition():
            if time.monotonic() > end:
                raise ChromeError(f"Waited in vain for {what}.")
            time.sleep(0.1)

    # === PROTOCOL === #

    def send(self, method, **params):
        """Send a command; return its result."""
        number = next(self._ids)
        self._socket.send(
            json.dumps({"id": number, "method": method, "params": params})
        )
        while True:
            message = json.loads(self._socket.recv())
            if message.get("id") == number:
                break
        if "error" in message:
            raise ChromeError(f"{method}: {message['error']['message']}")
        return message["result"]

    def run(self, script, *args):
        """Call a JavaScript function with values; return its value."""
        values = ", ".join(map(json.dumps, args))
        result = self.send(
            "Runtime.evaluate",
            expression=f"({script})({values})",
            awaitPromise=True,
            returnByValue=True,
        )
        if "exceptionDetails" in result:
            raise ChromeError(result["exceptionDetails"]["exception"]["description"])
        return result["result"].get("value")

    # === PAGE === #

    def resize(self, width, height, mobile=False):
        """Make the page as large as a screen, or as a phone's."""
        self.send(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=mobile,
        )
        self.send("Emulation.setTouchEmulationEnabled", enabled=mobile)

    def go(self, url):
        """Open an address, from an empty page so that nothing stays open."""
        for address in ("about:blank", url):
            self.send("Page.navigate", url=address)
            self._wait_until(
                lambda a=address: self.run(
                    "(a) => document.readyState === 'complete'"
                    " && location.href.startsWith(a)",
                    a.split("/odoo")[0],
                ),
                address,
            )

    def wait(self, selector, text=""):
        """Wait for an element that can be seen."""
        self._wait_until(
            lambda: self.run(
                f"(...args) => Boolean(({FIND})(...args))", selector, text
            ),
            f"{selector} “{text}”",
        )

    def click(self, selector, text=""):
        """Click on an element once it is there."""
        self.wait(selector, text)
        self.run(f"(...args) => ({FIND})(...args).click()", selector, text)

    def fill(self, selector, text):
        """Type in a field, key by key for the sake of autocompletion."""
        self.wait(selector)
        self.run(
            f"(s) => {{ const e = ({FIND})(s, ''); e.focus(); e.select(); }}", selector
        )
        self.send("Input.insertText", text=text)

    def attach(self, selector, path):
        """Give a file to the first file input that matches."""
        root = self.send("DOM.getDocument")["root"]["nodeId"]
        node = self.send("DOM.querySelector", nodeId=root, selector=selector)
        self.send("DOM.setFileInputFiles", files=[str(path)], nodeId=node["nodeId"])

    def scroll_to(self, selector, text=""):
        """Bring an element to the top of what is seen."""
        self.wait(selector, text)
        self.run(f"(...args) => ({FIND})(...args).scrollIntoView()", selector, text)

    def picture(self):
        """The page as it is, as PNG."""
        self.run("() => document.activeElement.blur()")
        time.sleep(1.0)  # fonts, images and transitions
        return base64.b64decode(self.send("Page.captureScreenshot")["data"])
