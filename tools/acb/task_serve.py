"""``make serve``: the demo database in the browser."""

from demo import welcome

from . import databases, launch, setup, task_demo
from .console import plain

PORT = 8069
QUIET = "--log-level=warn"


def main(args):
    """Start the server, on the demo database, which is made if there is none."""
    setup.ensure()
    database = databases.own_name(task_demo.DATABASE)
    code = 0 if databases.exists(database) else task_demo.main([])
    if not code:
        port = launch.free_port(PORT)
        _say_welcome(port)
        launch.become_odoo([QUIET, "-d", database, f"--http-port={port}", *args])
    return code


def _say_welcome(port):
    """Say where it is and who may log in."""
    plain(f"\n{welcome.COMPANY}: http://127.0.0.1:{port}/odoo in a few seconds.")
    plain("The first page of a new demo takes longer.\n")
    for line in welcome.get_users_table():
        plain(f"   {line}")
    plain("\nThere is no mail server: mails stay in the queue. Ctrl-C stops Odoo.\n")
