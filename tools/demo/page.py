"""What the story prints: chapters, aligned tables, and checks of its figures."""

import textwrap

WIDTH = 110


class Page:
    """Prints the story and remembers which figures are missing."""

    def __init__(self):
        self.missing = []
        self.chapters = 0

    def chapter(self, title):
        """Begin a chapter."""
        self.chapters += 1
        print(f"\n{self.chapters}. {title}", flush=True)

    def say(self, text):
        """Print a sentence, folded."""
        for line in text.splitlines():
            print(
                textwrap.fill(
                    line, WIDTH, initial_indent="   ", subsequent_indent="   "
                )
            )

    def quote(self, text):
        """Print what somebody of the company reads."""
        for line in text.splitlines():
            lines = textwrap.wrap(line, WIDTH - 6) or [""]
            print("\n".join(f"     | {part}" for part in lines))

    def table(self, heads, rows):
        """Print rows under heads; numbers are put to the right."""
        cells = [[self._show(value) for value in row] for row in rows]
        columns = list(zip(heads, *cells, strict=True))
        widths = [max(map(len, column)) for column in columns]
        widths[-1] = min(widths[-1], WIDTH - sum(widths[:-1]) - 2 * len(widths))
        right = [
            any(type(row[place]) in (int, float) for row in rows)
            for place in range(len(heads))
        ]
        for line in [list(heads), ["-" * width for width in widths], *cells]:
            self._print_row(line, widths, right)

    def _print_row(self, line, widths, right):
        """Print a row; its last cell goes on below itself when it is long."""
        *first, last = line
        parts = textwrap.wrap(last, widths[-1]) or [""]
        for number, part in enumerate(parts):
            texts = [*(first if not number else [""] * len(first)), part]
            cells = [
                text.rjust(width) if to_right else text.ljust(width)
                for text, width, to_right in zip(texts, widths, right, strict=True)
            ]
            print(f"   {'  '.join(cells)}".rstrip())

    def _show(self, value):
        return f"{value:,.2f}" if isinstance(value, float) else str(value or "")

    def check(self, is_there, what):
        """Remember a figure that is missing, and say so at once."""
        if not is_there:
            self.missing.append(what)
            print(f"   MISSING: {what}")

    def close(self):
        """Sum up; return the exit code."""
        if not self.missing:
            return 0
        print("\nThe story is not complete, and nothing of it was kept. Missing:")
        for what in self.missing:
            print(f"   {what}")
        return 1
