"""What breaks on the way, in a database of its own: real processes are killed there.

Each fault is seen to have happened before anything else is looked at.
"""

import contextlib
import logging
import os
import shutil
import signal
import socket
import tempfile
import time
import traceback
from pathlib import Path
from unittest.mock import patch

from odoo import SUPERUSER_ID, api, fields, sql_db, tools
from odoo.fields import Command
from odoo.modules import module
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, get_db_name
from odoo.tools import SQL, config

from odoo.addons.account_credit_block.models.returns import (
    account_payment_return_background as background,
)
from odoo.addons.account_credit_block.models.returns import (
    account_payment_return_mail,
    account_payment_return_notice,
)
from odoo.addons.account_credit_block.models.returns import (
    account_payment_return_work as work,
)
from odoo.addons.base.models.ir_cron import IrCron

from .common_returns import COMPANY, keep_company
from .common_smtp import Controller, Mailbox

# How many lines a return has here; `ACB_FAULT_LINES=3000` tries what is really large.
LINES = int(os.environ.get("ACB_FAULT_LINES", "12"))
# As many pieces whatever the size, of no more lines than there are at work.
PIECE = min(max(LINES // 6, 2), work.PIECE)
PATIENCE = 120 + LINES
# So many are invoiced at once.
AT_ONCE = 250


class FaultsCase(BaseCase):
    """Processes that are forked, each with connections of its own, and end badly."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        keep_company()
        cls.name = f"{get_db_name()}_faults"
        cls._drop()
        cls._copy()
        cls.addClassCleanup(cls._drop)
        cls.registry = Registry(cls.name)
        for place, name, value in (
            (background, "LARGE", PIECE),
            (background, "PIECE", PIECE),
            (work, "PIECE", PIECE),
            (account_payment_return_mail, "WRITE_AT_ONCE", 1),
            (account_payment_return_notice, "CRON_BATCH", PIECE),
        ):
            cls.startClassPatcher(patch.object(place, name, value))

    @classmethod
    def _copy(cls):
        sql_db.close_all()
        with contextlib.closing(sql_db.db_connect("postgres").cursor()) as cr:
            cr._cnx.autocommit = True
            names = map(SQL.identifier, (cls.name, get_db_name()))
            cr.execute(SQL("CREATE DATABASE %s TEMPLATE %s", *names))

    @classmethod
    def _drop(cls):
        Registry.delete(cls.name)
        sql_db.close_db(cls.name)
        with contextlib.closing(sql_db.db_connect("postgres").cursor()) as cr:
            cr._cnx.autocommit = True
            name = SQL.identifier(cls.name)
            cr.execute(SQL("DROP DATABASE IF EXISTS %s WITH (FORCE)", name))
        shutil.rmtree(config.filestore(cls.name), ignore_errors=True)

    # === WHAT IT IS ABOUT === #

    @contextlib.contextmanager
    def committing(self):
        """An environment of its own, in the company, whose work is committed."""
        with self.registry.cursor() as cr:
            yield self.get_env(cr)

    def get_env(self, cr):
        env = api.Environment(cr, SUPERUSER_ID, {})
        company = env["res.company"].search([("name", "=", COMPANY)])
        user = env.ref("base.user_admin")
        if company not in user.company_ids:
            user.company_ids |= company
        context = {"allowed_company_ids": company.ids, "tracking_disable": True}
        return api.Environment(cr, user.id, context)

    def collect(self, key, count=LINES):
        """Invoice so many customers and collect it; commit that.

        :param key: of the end-to-end ids and of the customers' addresses
        :return: the name and the content of a bank's file by which all come back
        """
        rows = ""
        for start in range(0, count, AT_ONCE):
            with self.committing() as env:
                numbers = range(start, min(start + AT_ONCE, count))
                payments = self._collect(env, key, numbers)
                rows += "".join(
                    f"{p.end_to_end_id};{p.amount:.2f};2026-10-05\n" for p in payments
                )
                # PostgreSQL plans for empty tables until it is told otherwise.
                env.cr.execute("ANALYZE")
        return f"{key}.csv", f"End-to-end ID;Amount;Date\n{rows}".encode()

    def _collect(self, env, key, numbers):
        partners = env["res.partner"].create(
            [
                {"name": f"{key} {number}", "email": f"{key}{number}@example.com"}
                for number in numbers
            ]
        )
        invoices = env["account.move"].create(
            [
                {
                    "move_type": "out_invoice",
                    "partner_id": partner.id,
                    "invoice_date": fields.Date.from_string("2026-09-01"),
                    "invoice_line_ids": [
                        Command.create(
                            {"name": "Goods", "price_unit": 100, "tax_ids": False}
                        )
                    ],
                }
                for partner in partners
            ]
        )
        invoices._post(soft=False)
        payments = env["account.payment"].create(
            [
                {
                    "partner_id": invoice.partner_id.id,
                    "amount": invoice.amount_total,
                    "date": "2026-09-10",
                    "payment_type": "inbound",
                    "partner_type": "customer",
                    "invoice_ids": [Command.link(invoice.id)],
                    "end_to_end_id": f"{key}-{number}",
                }
                for number, invoice in zip(numbers, invoices, strict=True)
            ]
        )
        payments.action_post()
        env["account.move.line"]._reconcile_plan(
            [
                (payment.move_id.line_ids | invoice.line_ids).filtered(
                    lambda item: item.account_type == "asset_receivable"
                )
                for payment, invoice in zip(payments, invoices, strict=True)
            ]
        )
        return payments

    def load(self, env, file):
        """Import a file; the draft is matched."""
        bank = env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", env.company.id)], limit=1
        )
        wizard = env["account.payment.return.import"]
        return wizard._import_files([file], journal=bank)

    def prepare(self, key, count=LINES):
        """A matched draft of so many lines, committed; its id."""
        file = self.collect(key, count)
        with self.committing() as env:
            returned = self.load(env, file)
            assert returned.matched_count == count, returned.line_ids.mapped(
                "match_note"
            )
            return returned.id

    def ask(self, return_id):
        """Let the jobs confirm a return."""
        with self.committing() as env:
            env["account.payment.return"].browse(return_id).action_confirm_later()

    # === PROCESSES === #

    def start(self, function):
        """Run something in a process of its own; return its id."""
        # The child must not take along what is connected to this process.
        sql_db.close_all()
        output = Path(tempfile.mkstemp(suffix=".log")[1])
        self.addCleanup(output.unlink)
        child = os.fork()
        if child:
            self.outputs = {**getattr(self, "outputs", {}), child: output}
            return child
        status = 1
        with contextlib.suppress(BaseException):
            status = self._run(function, output)
        os._exit(status)

    def _run(self, function, output):
        """In the child: what goes wrong is written where the parent finds it."""
        logging.disable()
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        # It is a process as any other: it sends mails, and commits after each.
        module.current_test = False
        # By its name PostgreSQL tells whose a connection is.
        self.registry._db = sql_db.db_connect(self.name)
        try:
            function()
        except BaseException:
            output.write_text(traceback.format_exc())
            return 1
        return 0

    def run_cron(self, *names):
        """What a process of Odoo does with jobs that are due, again and again."""
        with sql_db.db_connect(self.name).cursor() as cr:
            jobs = [
                api.Environment(cr, SUPERUSER_ID, {}).ref(name).id for name in names
            ]
            cr.rollback()
            for _time in range(3):
                IrCron._process_jobs_loop(cr, job_ids=jobs)

    def start_cron(self, *names):
        """Start a process that does these jobs; return its id."""
        return self.start(lambda: self.run_cron(*names))

    def wait(self, child):
        """Wait for a process that ends well."""
        _pid, status = os.waitpid(child, 0)
        self.assertEqual(status, 0, self.outputs[child].read_text())

    def kill_amid(self, child, table, until=lambda env: True):
        """Kill a process in a transaction that has written to a table.

        :param until: what has to be so before, as others see it
        """
        end = time.monotonic() + PATIENCE
        while not self._stop_amid(child, table, until):
            self.assertLess(time.monotonic(), end, "It was never amid its work.")
            pid, _status = os.waitpid(child, os.WNOHANG)
            self.assertFalse(pid, "It was done before it could be killed.")
        os.kill(child, signal.SIGKILL)
        _pid, status = os.waitpid(child, 0)
        self.assertEqual(os.WTERMSIG(status), signal.SIGKILL)
        while self._get_backends(child):
            time.sleep(0.01)

    def _stop_amid(self, child, table, until):
        with self.committing() as env:
            if not until(env):
                time.sleep(0.01)
                return False
        if not self._get_backends(child, table):
            time.sleep(0.002)
            return False
        os.kill(child, signal.SIGSTOP)
        if self._get_backends(child, table):
            return True
        os.kill(child, signal.SIGCONT)
        return False

    def _get_backends(self, child, table=None):
        """PostgreSQL's processes of a child, perhaps those that have written to a table
        and not committed yet."""
        written = SQL(
            """AND EXISTS (SELECT FROM pg_locks held
                            WHERE held.pid = activity.pid
                              AND held.mode = 'RowExclusiveLock'
                              AND held.relation = %s::regclass)""",
            table,
        )
        with self.registry.cursor() as cr:
            cr.execute(
                SQL(
                    """SELECT activity.pid FROM pg_stat_activity activity
                        WHERE activity.application_name LIKE %s %s""",
                    f"%-{child}",
                    written if table else SQL(),
                )
            )
            return [pid for (pid,) in cr.fetchall()]

    # === MAIL === #

    @contextlib.contextmanager
    def mail_server(self, port=None, handler=None):
        """A real SMTP server, the only one of the database."""
        port = port or self.free_port()
        handler = handler or Mailbox()
        controller = Controller(handler, hostname="127.0.0.1", port=port)
        controller.start()
        try:
            yield handler
        finally:
            controller.stop()

    def free_port(self):
        """A port on which nobody listens, as that of the only mail server."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        with self.committing() as env:
            servers = env["ir.mail_server"].sudo()
            servers.search([]).active = False
            servers.create(
                {
                    "name": "Test",
                    "smtp_host": "127.0.0.1",
                    "smtp_port": port,
                    "smtp_encryption": "none",
                    "smtp_authentication": "login",
                }
            )
            # What other tests have left is not sent from here.
            env["mail.mail"].sudo().search([("state", "=", "outgoing")]).cancel()
        return port

    # === WHAT MUST BE SO === #

    def check_booked_once(self, return_id, count=LINES):
        """All is in the books, each line once, and what customers owe is right."""
        with self.committing() as env:
            returned = env["account.payment.return"].browse(return_id)
            self.assertEqual(returned.state, "confirmed")
            self.assertFalse(returned.sudo().work_ids)
            self.assertEqual(len(returned.line_ids), count)
            self.assertEqual(set(returned.line_ids.mapped("status")), {"booked"})
            items = returned.move_ids.line_ids.filtered(
                lambda item: item.account_type == "asset_receivable"
            )
            self.assertEqual(
                sorted(items.payment_return_line_id.ids), sorted(returned.line_ids.ids)
            )
            self.assertEqual(len(items), count)
            self.assertFalse(
                tools.float_compare(sum(items.mapped("debit")), 100 * count, 2)
            )
            invoices = returned.line_ids.invoice_ids
            self.assertEqual(len(invoices), count)
            self.assertEqual(sum(invoices.mapped("amount_residual")), 100 * count)
            self.assertEqual(len(returned.line_ids.undone_ids), count)
            self.assertEqual(len(returned.line_ids.block_ids), count)
            self.assertEqual(len(returned.notice_ids), count)
