"""What breaks on the way: nothing is lost then, and nothing is done twice."""

import contextlib
import os
import signal
import socket
from pathlib import Path
from unittest import skipUnless

from odoo import sql_db
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import config, mute_logger

from .common_faults import LINES, PIECE, FaultsCase
from .common_smtp import Controller, Mailbox

WORK = "account_credit_block.ir_cron_payment_return_work"
WORK_TOO = "account_credit_block.ir_cron_payment_return_work_too"
MAILS = "account_credit_block.ir_cron_send_return_mails"
QUEUE = "mail.ir_cron_mail_scheduler_action"


class KillingMailbox(Mailbox):
    """It kills who sends half of the mails, before it takes the next one."""

    victim = None

    async def handle_DATA(self, server, session, envelope):
        if self.victim and len(self.received) == LINES // 2:
            os.kill(self.victim, signal.SIGKILL)
            self.victim = None
            return "451 Not now"
        return await super().handle_DATA(server, session, envelope)


@tagged("post_install", "-at_install")
class TestReturnFaults(FaultsCase):
    def test_killed_while_importing_nothing_is_there_and_it_can_be_imported(self):
        file = self.collect("import")

        def load():
            with self.committing() as env:
                self.load(env, file)

        self.kill_amid(self.start(load), "account_payment_return_line")
        with self.committing() as env:
            domain = [("end_to_end_id", "like", "import-%")]
            self.assertFalse(env["account.payment.return.line"].search(domain))
            attachments = env["ir.attachment"].sudo()
            self.assertFalse(attachments.search([("name", "=", file[0])]))
            returned = self.load(env, file)
            self.assertEqual(returned.matched_count, LINES)

    def test_killed_while_confirming_the_next_job_goes_on(self):
        return_id = self.prepare("confirm")
        self.ask(return_id)
        child = self.start_cron(WORK)
        self.kill_amid(child, "account_partial_reconcile", self._has_begun(return_id))
        with self.committing() as env:
            returned = env["account.payment.return"].browse(return_id)
            ahead = returned.line_ids.filtered("is_ahead")
            self.assertEqual(returned.state, "draft")
            self.assertEqual(len(ahead), returned.sudo().work_ids.done)
            self.assertIn(len(ahead), range(1, LINES))
            self.assertEqual(len(returned.move_ids), len(ahead) // PIECE)
        self.wait(self.start_cron(WORK))
        self.check_booked_once(return_id)

    def _has_begun(self, return_id):
        def has_begun(env):
            works = env["account.payment.return.work"]
            return works.search_count([("return_id", "=", return_id), ("done", ">", 0)])

        return has_begun

    def test_cut_off_from_the_database_the_next_job_goes_on(self):
        return_id = self.prepare("cut")
        self.ask(return_id)
        child = self.start_cron(WORK)
        while not self._stop_amid(
            child, "account_partial_reconcile", self._has_begun(return_id)
        ):
            self.assertFalse(os.waitpid(child, os.WNOHANG)[0])
        (backend,) = self._get_backends(child, "account_partial_reconcile")
        with self.registry.cursor() as cr:
            cr.execute("SELECT pg_terminate_backend(%s)", [backend])
            self.assertEqual(cr.fetchone(), (True,))
        os.kill(child, signal.SIGCONT)
        os.waitpid(child, 0)
        self.assertNotIn(backend, self._get_backends(child))
        with self.committing() as env:
            returned = env["account.payment.return"].browse(return_id)
            self.assertEqual((returned.state, returned.work_kind), ("draft", "confirm"))
            # Nobody is asked to help with what goes on by itself.
            self.assertFalse(returned.activity_ids)
        self.wait(self.start_cron(WORK, WORK_TOO))
        self.check_booked_once(return_id)

    def test_two_processes_share_the_work_of_two_returns(self):
        ids = [self.prepare("share1"), self.prepare("share2")]
        for return_id in ids:
            self.ask(return_id)
        children = [self.start_cron(WORK), self.start_cron(WORK_TOO)]
        for child in children:
            self.wait(child)
        # One may have waited in vain for what the other one had in hand.
        self.wait(self.start_cron(WORK, WORK_TOO))
        for return_id in ids:
            self.check_booked_once(return_id)
        with self.committing() as env:
            for name in (WORK, WORK_TOO):
                done = (
                    env["ir.cron.progress"]
                    .sudo()
                    .search([("cron_id", "=", env.ref(name).id)])
                )
                self.assertTrue(sum(done.mapped("done")), name)

    @mute_logger("odoo.sql_db")
    def test_two_people_at_one_large_return(self):
        return_id = self.prepare("people")
        with self.registry.cursor() as first, self.registry.cursor() as second:
            mine, yours = (
                self.get_env(cr)["account.payment.return"].browse(return_id)
                for cr in (first, second)
            )
            first.commit()
            second.commit()
            mine.action_confirm_later()
            for refused in (yours.action_confirm, yours.action_cancel):
                with self.assertRaisesRegex(UserError, "Somebody is confirming"):
                    refused()
                second.rollback()
            first.commit()
            yours.invalidate_recordset()
            for refused in (
                yours.action_confirm,
                yours.action_confirm_later,
                yours.action_cancel,
                lambda: yours.line_ids[0].write({"amount": 1}),
            ):
                with self.assertRaisesRegex(UserError, "press Stop"):
                    refused()
                second.rollback()
            # One stops it while a job is amid a piece.
            works = mine.env["account.payment.return.work"].sudo()
            self.assertTrue(works._do_next())
            yours.action_stop()
            second.commit()
            first.commit()
        self.wait(self.start_cron(WORK))
        self.check_booked_once(return_id, count=PIECE)
        with self.committing() as env:
            rest = env["account.payment.return"].browse(return_id).rest_ids
            self.assertEqual((rest.state, rest.matched_count), ("draft", LINES - PIECE))

    def test_a_store_that_takes_no_file_leaves_nothing_half_imported(self):
        file = self.collect("store")
        store = Path(config.filestore(self.name))
        aside = store.with_name(f"{store.name}_aside")
        with contextlib.ExitStack() as undo:
            if store.exists():
                store.rename(aside)
                undo.callback(aside.rename, store)
            store.parent.mkdir(parents=True, exist_ok=True)
            store.write_text("a file where the directory should be")
            undo.callback(store.unlink)
            with self.assertRaises(OSError):
                (store / "probe").write_text("x")
            with (
                self.assertRaisesRegex(UserError, "cannot store files"),
                self.committing() as env,
            ):
                self.load(env, file)
            with self.committing() as env:
                domain = [("end_to_end_id", "like", "store-%")]
                self.assertFalse(env["account.payment.return.line"].search(domain))
        with self.committing() as env:
            returned = self.load(env, file)
            self.assertEqual(returned.matched_count, LINES)
            self.assertEqual(returned.message_main_attachment_id.raw, file[1])


@tagged("post_install", "-at_install")
@skipUnless(Controller, "aiosmtpd is not installed")
class TestReturnFaultsMail(FaultsCase):
    def book(self, key):
        """A return in the books whose customers are still to be written to."""
        return_id = self.prepare(key)
        with self.committing() as env:
            env["account.payment.return"].browse(return_id).action_confirm()
        return return_id

    def get_notices(self, env, return_id):
        return env["account.payment.return"].browse(return_id).notice_ids.sudo()

    def check_received_once(self, mailbox, key):
        """Every customer has got one mail, and nobody else any."""
        received = [name for mail in mailbox.received for name in mail.rcpt_tos]
        wanted = [f"{key}{number}@example.com" for number in range(LINES)]
        self.assertEqual(sorted(received), sorted(wanted))

    def test_killed_while_writing_mails_nobody_is_written_to_twice(self):
        return_id = self.book("write")
        port = self.free_port()

        def has_begun(env):
            notices = self.get_notices(env, return_id)
            return notices.filtered(lambda notice: notice.state == "mailed")

        self.kill_amid(self.start_cron(MAILS), "mail_mail", has_begun)
        with self.committing() as env:
            notices = self.get_notices(env, return_id)
            mailed = notices.filtered(lambda notice: notice.state == "mailed")
            self.assertIn(len(mailed), range(1, LINES))
            self.assertEqual(len(mailed.mail_id), len(mailed))
            left = notices - mailed
            self.assertEqual(set(left.mapped("state")), {"pending"})
            self.assertFalse(left.mail_id)
        self.wait(self.start_cron(MAILS))
        with self.mail_server(port) as mailbox:
            self.wait(self.start_cron(QUEUE))
        self.check_received_once(mailbox, "write")

    def test_killed_while_sending_nobody_gets_a_mail_twice(self):
        """The server has not taken the mail yet in whose midst the process dies."""
        return_id = self.book("send")
        port = self.free_port()
        self.wait(self.start_cron(MAILS))
        with self.mail_server(port, KillingMailbox()) as mailbox:
            mailbox.victim = child = self.start_cron(QUEUE)
            _pid, status = os.waitpid(child, 0)
            self.assertEqual(os.WTERMSIG(status), signal.SIGKILL)
            self.assertEqual(len(mailbox.received), LINES // 2)
            self.wait(self.start_cron(QUEUE))
        self.check_received_once(mailbox, "send")
        with self.committing() as env:
            states = self.get_notices(env, return_id).mapped("mail_state")
            self.assertEqual(set(states), {"sent"})

    def test_a_mail_server_that_is_down_is_tried_again_and_told_once(self):
        return_id = self.book("down")
        port = self.free_port()
        with socket.socket() as probe:
            self.assertTrue(probe.connect_ex(("127.0.0.1", port)))
        self.wait(self.start_cron(MAILS))
        for _time in range(2):
            self.wait(self.start_cron(QUEUE))
            with self.committing() as env:
                notices = self.get_notices(env, return_id)
                self.assertEqual(set(notices.mapped("mail_state")), {"exception"})
            self.wait(self.start(self._run_mails_again))
        with self.committing() as env:
            returned = env["account.payment.return"].browse(return_id)
            self.assertEqual(
                set(returned.notice_ids.mapped("mail_state")), {"outgoing"}
            )
            self.assertEqual(len(returned.activity_ids), 1)
            self.assertIn("cannot be reached", returned.activity_ids.note)
        with self.mail_server(port) as mailbox:
            self.wait(self.start_cron(QUEUE))
        self.check_received_once(mailbox, "down")

    def _run_mails_again(self):
        """An hour later."""
        with sql_db.db_connect(self.name).cursor() as cr:
            cr.execute(
                "UPDATE ir_cron SET nextcall = now() at time zone 'utc'"
                " - interval '1 minute' WHERE id = %s",
                [self.get_env(cr).ref(MAILS).id],
            )
        self.run_cron(MAILS)
