"""``make serve``: the demo database in the browser."""

import os

from . import databases, launch, setup, task_demo
from .console import plain

PORT = 8069


def main(args):
    """Start the server, on the demo database, which is made if there is none."""
    setup.ensure()
    database = databases.own_name(task_demo.DATABASE)
    if not databases.exists(database) and (code := task_demo.main([])):
        return code
    launch.write_config()
    port = launch.free_port(PORT)
    plain(f"\nOdoo is starting: http://127.0.0.1:{port} (Ctrl-C stops it)\n")
    line = launch.command(["-d", database, f"--http-port={port}", *args])
    os.execve(line[0], line, launch.environment())
