"""What the user sees: progress lines with elapsed seconds, and plain errors."""

import os
import subprocess
import sys
import time
from collections import deque

_START = time.monotonic()


class ToolError(Exception):
    """Something the user can understand and mend: a sentence, then any details."""

    exit_code = 1

    def __init__(self, sentence, details=""):
        super().__init__(f"{sentence}\n{details}".rstrip())
        self.sentence = sentence
        self.details = details


class SetupError(ToolError):
    """The environment cannot be prepared on this machine."""

    exit_code = 2


def say(message):
    """Print one progress line, with the seconds since the tool started."""
    elapsed = time.monotonic() - _START
    sys.stderr.flush()
    # One write: two threads may speak at once.
    sys.stdout.write(f"[{elapsed:6.1f}s] {message}\n")
    sys.stdout.flush()


def plain(message=""):
    """Print a line that belongs to the result, without the clock."""
    print(message, flush=True)


def main(function):
    """Run an entry point: a ToolError becomes a sentence and an exit code."""
    try:
        code = function(sys.argv[1:])
    except ToolError as error:
        print(f"\n{error}", file=sys.stderr, flush=True)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        os._exit(130)  # nobody waits for the threads that wait for a download
    except BrokenPipeError:
        # The reader (head, less) went away; nobody is left to be told.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)
    sys.exit(code or 0)


def run(command, *, attempts=1, error=None, **kwargs):
    """Run a command quietly; on failure retry, then raise with its last lines."""
    command = [str(part) for part in command]
    for attempt in range(1, attempts + 1):
        done = subprocess.run(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            **kwargs,
        )
        if not done.returncode:
            return done.stdout
        if attempt < attempts:
            say(f"that failed, trying again ({attempt} of {attempts - 1}) …")
            time.sleep(3 * attempt)
    tail = "\n".join(deque(done.stdout.splitlines(), maxlen=15))
    what = error or f"{command[0]} failed (exit code {done.returncode})."
    raise ToolError(what, tail)
