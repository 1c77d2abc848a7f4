import contextlib
import socket
from unittest.mock import patch

from odoo.addons.base.models.ir_mail_server import IrMail_Server

try:
    from aiosmtpd.controller import Controller
except ImportError:
    Controller = None


class Mailbox:
    """Handler of an SMTP server that keeps what it receives."""

    def __init__(self):
        self.received = []

    async def handle_DATA(self, server, session, envelope):
        self.received.append(envelope)
        return "250 OK"


class SmtpCommon:
    """A real SMTP session, to mix into a test case."""

    @contextlib.contextmanager
    def mailbox(self):
        """An SMTP server on a free port, the only mail server of the database."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        mailbox = Mailbox()
        controller = Controller(mailbox, hostname="127.0.0.1", port=port)
        servers = self.env["ir.mail_server"].sudo()
        servers.search([]).active = False
        servers.create(
            {
                "name": "Test mailbox",
                "smtp_host": "127.0.0.1",
                "smtp_port": port,
                "smtp_encryption": "none",
                "smtp_authentication": "login",
            }
        )
        controller.start()
        try:
            # Odoo sends nothing while tests run, unless told so.
            with patch.object(IrMail_Server, "_disable_send", return_value=False):
                yield mailbox
        finally:
            controller.stop()
