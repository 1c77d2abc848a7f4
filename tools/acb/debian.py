"""Debian packages, fetched and unpacked without installing anything.

apt works on a state of its own, so the machine stays as it is, an ordinary user
may do it, and the signatures are still verified with Debian's keyring.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path

from . import paths
from .console import SetupError, ToolError, run, say

KEYRINGS = (
    Path("/usr/share/keyrings/debian-archive-keyring.gpg"),
    Path("/usr/share/keyrings/debian-archive-keyring.pgp"),
)
ATTEMPTS = 3

# Read after the machine's own settings, which keep their proxies and
# certificates but lose the hooks that would touch the machine.
APT_CONF = """\
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear APT::Update::Pre-Invoke;
Dir::State "{root}/state";
Dir::State::lists "{root}/lists";
Dir::State::status "{root}/status";
Dir::Cache "{root}/cache";
Dir::Etc::sourcelist "{root}/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Dir::Log "{root}";
APT::Sandbox::User "";
APT::Update::Error-Mode "any";
APT::Get::List-Cleanup "true";
Acquire::Languages "none";
Acquire::PDiffs "false";
Acquire::Retries "3";
"""


def codename():
    """Name of the machine's own Debian suite, such as bookworm or trixie."""
    release = Path("/etc/os-release")
    text = release.read_text() if release.exists() else ""
    values = dict(re.findall(r'^(\w+)="?([^"\n]*)"?$', text, re.MULTILINE))
    if values.get("ID") != "debian":
        return None
    return values.get("VERSION_CODENAME") or "sid"


def available():
    """Tell whether this machine can fetch Debian packages at all."""
    tools = all(shutil.which(name) for name in ("apt-get", "dpkg-deb"))
    return bool(tools and keyring())


def keyring():
    """Path of Debian's keyring, or None."""
    return next((path for path in KEYRINGS if path.exists()), None)


def mirror():
    """Address of the mirror that the machine itself uses."""
    found = _mirrors_of_apt() or _mirrors_of_files()
    if not found:
        raise SetupError("this machine's apt sources name no Debian mirror.")
    return found[0]


def _mirrors_of_apt():
    """Mirrors as apt reports them; it knows the origin only after an update."""
    fields = "$(REPO_URI) $(ORIGIN)"
    command = ("apt-get", "indextargets", "--format", fields, "Identifier: Packages")
    done = subprocess.run(command, capture_output=True, text=True)
    pairs = [line.split() for line in done.stdout.splitlines()]
    return [
        pair[0]
        for pair in pairs
        if len(pair) == 2 and pair[1] == "Debian" and "security" not in pair[0]
    ]


def _mirrors_of_files():
    """Mirrors named by the source files, for a machine that never updated."""
    etc = Path("/etc/apt")
    files = [etc / "sources.list", *sorted((etc / "sources.list.d").glob("*"))]
    found = []
    for path in files:
        if path.suffix in (".list", ".sources") and path.is_file():
            text = re.sub(r"(?m)^\s*#.*$", "", path.read_text(errors="replace"))
            found += re.findall(r"(?:mirror\+)?(?:https?|file|ftp)://?[^\s\]]+", text)
            found += re.findall(r"mirror\+file:/[^\s\]]+", text)
    ours = [uri for uri in found if "security" not in uri]
    # Other vendors' repositories seldom sit in a folder called "debian".
    return sorted(ours, key=lambda uri: not re.search(r"/debian/?$", uri))


class PrivateApt:
    """apt on a private state that knows the given suites."""

    def __init__(self, suites, root=paths.APT):
        self.root = root
        self.suites = list(dict.fromkeys(suites))

    def update(self):
        """Write the configuration and read the lists of packages."""
        for name in ("state", "lists/partial", "cache/archives/partial"):
            (self.root / name).mkdir(parents=True, exist_ok=True)
        (self.root / "status").touch()
        (self.root / "apt.conf").write_text(APT_CONF.format(root=self.root))
        uri, key = mirror(), keyring()
        lines = [f"deb [signed-by={key}] {uri} {s} main\n" for s in self.suites]
        (self.root / "sources.list").write_text("".join(lines))
        self._apt("update", "-q", error="apt cannot read the lists of the mirror.")

    def download(self, packages, folder):
        """Download ``name`` or ``name/suite`` packages into a fresh folder."""
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        error = f"apt cannot download {', '.join(packages)}."
        self._apt("download", "-q", *packages, cwd=folder, error=error)
        return sorted(folder.glob("*.deb"))

    def _apt(self, *args, error, cwd=None):
        config = str(self.root / "apt.conf")
        env = {**os.environ, "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"}
        command = ["apt-get", "-c", config, *args]
        try:
            return run(command, attempts=ATTEMPTS, error=error, env=env, cwd=cwd)
        except ToolError as failure:
            raise SetupError(failure.sentence, failure.details) from failure


def unpack(archives, prefix):
    """Unpack packages into a directory, as dpkg would into the root."""
    prefix.mkdir(parents=True, exist_ok=True)
    for archive in archives:
        say(f"unpacking {archive.name.split('_')[0]}")
        run(["dpkg-deb", "-x", archive, prefix])
