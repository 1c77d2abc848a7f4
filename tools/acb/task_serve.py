"""``make serve``: the demo database in the browser."""

from . import databases, launch, setup, task_demo
from .console import plain

PORT = 8069


def main(args):
    """Start the server, on the demo database, which is made if there is none."""
    setup.ensure()
    database = databases.own_name(task_demo.DATABASE)
    code = 0 if databases.exists(database) else task_demo.main([])
    if not code:
        port = launch.free_port(PORT)
        plain(f"\nOdoo is starting: http://127.0.0.1:{port} (Ctrl-C stops it)\n")
        launch.become_odoo(["-d", database, f"--http-port={port}", *args])
    return code
