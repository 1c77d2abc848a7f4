"""``make demo``: a fresh database, and the story played on it."""

from . import paths, process, setup
from .console import ToolError, say
from .task_run import prepare

STORY = paths.TOOLS / "demo" / "story.py"
DATABASE = "demo"
WITH_DEMO = "--with-demo"


def main(args):
    """Run the story; its exit code is ours. --with-demo adds Odoo's demo data."""
    if not STORY.exists():
        raise ToolError(f"The story is not written yet ({STORY.name}).")
    setup.ensure()
    database, config = prepare(DATABASE, demo=WITH_DEMO in args)
    say("playing the story")
    rest = [arg for arg in args if arg != WITH_DEMO]
    return process.script(database, STORY, rest, config=config)
