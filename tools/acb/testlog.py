"""Reads Odoo's log while tests run: progress, outcomes, tracebacks, sums.

Odoo logs each test as ``Starting Class.method ...``, a skip as ``skipped
Class.method : reason`` and each fault as ``FAIL: …`` or ``ERROR: …`` with its
traceback. A class whose ``setUpClass`` fails or skips logs that alone, without
starting its tests: it counts as one test.
"""

import re
import time
from dataclasses import dataclass, field

from .console import plain, say

RECORD = re.compile(
    r"^\d{4}-\d\d-\d\d [\d:,]+ \d+ (?P<level>[A-Z]+) \S+ (?P<logger>\S+): (?P<text>.*)"
)
STARTING = re.compile(r"^Starting (?P<test>.+) \.\.\.$")
SKIPPED = re.compile(r"^skipped (?P<test>.+?) : (?P<reason>.*)$")
FAULT = re.compile(r"^(?P<kind>FAIL|ERROR): (?P<test>.+)$")
SUBTEST = re.compile(r"^Subtest (?P<test>[\w.]+)")
CLASS_LEVEL = re.compile(
    r"^(?P<hook>setUpClass|tearDownClass) \(.*?(?P<module>\w+)\.(?P<owner>\w+)\)$"
)
RESULT = re.compile(r"^(\d+) failed, (\d+) error\(s\) of (\d+) tests")
SEVERITY = {"passed": 0, "skipped": 1, "failed": 2, "error": 3}


@dataclass
class Counts:
    """How many tests ended in which way."""

    passed: int = 0
    skipped: int = 0
    failed: int = 0
    error: int = 0

    @property
    def total(self):
        """All tests, whatever became of them."""
        return self.passed + self.skipped + self.failed + self.error

    def __add__(self, other):
        return Counts(
            self.passed + other.passed,
            self.skipped + other.skipped,
            self.failed + other.failed,
            self.error + other.error,
        )


@dataclass
class TestLog:
    """What is known of a test run from the lines read so far."""

    __test__ = False

    quiet: bool = False
    outcomes: dict = field(default_factory=dict)
    reasons: dict = field(default_factory=dict)
    faults: list = field(default_factory=list)
    complaints: list = field(default_factory=list)
    started: int = 0
    reported: int = None
    _fault: list = None
    _class: str = None
    _class_start: float = 0.0

    def __call__(self, line):
        """Take one line of the log."""
        record = RECORD.match(line)
        if not record:
            if self._fault is not None:
                self._fault.append(line)
            return
        self._fault = None
        logger, text = record["logger"], record["text"].rstrip()
        if logger == "odoo.tests.result" and (result := RESULT.match(text)):
            self.reported = (self.reported or 0) + int(result[3])
        elif ".tests." in f"{logger}.":
            self._take_test_record(logger, text)
        elif record["level"] in ("WARNING", "ERROR", "CRITICAL") and not self.outcomes:
            self.complaints.append(line.rstrip())
            if record["level"] != "WARNING":
                self._fault = self.complaints

    def _take_test_record(self, logger, text):
        module = logger.rpartition(".")[2]
        if match := STARTING.match(text):
            self.started += 1
            self._enter_class(match["test"].rpartition(".")[0])
            self._note(module, match["test"], "passed")
        elif match := SKIPPED.match(text):
            if not SUBTEST.match(match["test"]):
                self._note(module, match["test"], "skipped")
                reasons = self.reasons.setdefault(match["reason"], [])
                reasons.append(match["test"])
        elif match := FAULT.match(text):
            outcome = "failed" if match["kind"] == "FAIL" else "error"
            self._note(module, match["test"], outcome)
            self._fault = [f"{text}\n"]
            self.faults.append(self._fault)
            self._say(f"  {text}")

    def _note(self, module, test, outcome):
        """Keep a test's worst outcome; a fault of a subtest is its test's."""
        key = f"{module}.{test}"
        if match := SUBTEST.match(test):
            key = f"{module}.{match['test']}"
        elif match := CLASS_LEVEL.match(test):
            key = f"{match['module']}.{match['owner']}.{match['hook']}"
        before = self.outcomes.get(key, "passed")
        self.outcomes[key] = max(before, outcome, key=SEVERITY.get)

    def _enter_class(self, name):
        if name == self._class:
            return
        self.finish_class()
        self._class, self._class_start = name, time.monotonic()

    def _say(self, text):
        if not self.quiet:
            say(text)

    def finish_class(self):
        """Print one line on the class whose tests have just ended."""
        if not self._class:
            return
        mine = [
            outcome
            for key, outcome in self.outcomes.items()
            if key.partition(".")[2].rpartition(".")[0] == self._class
        ]
        took = time.monotonic() - self._class_start
        notes = [f"{len(mine)} tests in {took:.1f} s"]
        worse = [name for name in SEVERITY if name != "passed" and name in mine]
        notes += [f"{mine.count(name)} {name}" for name in worse]
        self._say(f"  {self._class}: {', '.join(notes)}")
        self._class = None

    @property
    def counts(self):
        """Sums over all tests."""
        values = list(self.outcomes.values())
        return Counts(**{name: values.count(name) for name in SEVERITY})

    def print_faults(self):
        """Print the traceback of every fault."""
        for fault in self.faults:
            plain("-" * 70)
            plain("".join(fault).rstrip())
        if self.faults:
            plain("-" * 70)

    def print_skips(self):
        """Print why tests were skipped, one line a reason."""
        for reason, tests in self.reasons.items():
            plain(f"Skipped {len(tests)}: {reason} ({', '.join(tests[:5])})")
