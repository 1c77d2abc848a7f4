import json

from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import new_user
from .test_tour import PAIN_002, REJECTED, TourCommon

# The key under which the tours look for the files that their test gives them.
BANK_FILES = "account_credit_block.bank_files"
BAD = ("<b>bad</b> %s.xml", "<Document><unfinished")


class TourUploadCommon(TourCommon):
    """Files of a bank, and where they are dropped."""

    def prepare_file(self, *rejected, name="rejects.xml", message="TOUR-1"):
        """A status report, as (name, text)."""
        text = PAIN_002.format(
            today=self.company._get_credit_today(),
            transactions="".join(
                REJECTED.format(
                    end_to_end_id=reference, reason="AM04", amount=amount, mandate=""
                )
                for reference, amount in rejected
            ),
        )
        return name, text.replace("TOUR-1", message)

    def start_with_files(self, tour, url, *files, login="acb_accountant"):
        """Start a tour that finds files to drop."""
        value = json.dumps([{"name": name, "text": text} for name, text in files])
        self.start_tour(
            url,
            tour,
            login=login,
            code=f"sessionStorage.setItem({BANK_FILES!r}, {json.dumps(value)});"
            f"odoo.startTour({tour!r}, {{}})",
        )

    def get_returned(self):
        return self.env["account.payment.return"].search([])


@tagged("post_install", "-at_install")
class TestTourUpload(TourUploadCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._collect(cls.customer, 240.0, end_to_end_id="FT-2026-001")

    def test_a_file_is_dropped_on_the_list(self):
        file = self.prepare_file(("FT-2026-001", 240.0))
        self.start_with_files("payment_return_drop_list", "/odoo/payment-returns", file)
        self.assertEqual(self.get_returned().matched_count, 1)

    def test_a_bad_file_of_two_is_named_and_the_good_one_opened(self):
        file = self.prepare_file(("FT-2026-001", 240.0))
        self.start_with_files(
            "payment_return_drop_two", "/odoo/payment-returns", BAD, file
        )
        self.assertEqual(self.get_returned().file_name, "rejects.xml")

    def test_a_bad_file_alone_is_refused(self):
        with mute_logger("odoo.http"):
            self.start_with_files(
                "payment_return_drop_bad", "/odoo/payment-returns", BAD
            )
        self.assertFalse(self.get_returned())

    def test_a_file_is_dropped_on_the_dialog(self):
        file = self.prepare_file(("FT-2026-001", 240.0))
        action = "account_credit_block.account_payment_return_import_action"
        self.start_with_files(
            "payment_return_drop_dialog", f"/odoo/action-{action}", file
        )
        self.assertEqual(self.get_returned().matched_count, 1)

    def test_a_file_is_dropped_on_the_tile_of_its_bank(self):
        bank = self.bank.sudo().copy({"code": "BNK9"})
        bank.name = "Second Bank"
        file = self.prepare_file(("FT-2026-001", 240.0))
        self.start_with_files(
            "payment_return_drop_tile",
            "/odoo/accounting",
            file,
            login="acb_credit_user",
        )
        self.assertEqual(self.get_returned().journal_id, bank)

    def test_the_tile_leads_to_what_is_to_be_done(self):
        self._block_by_return()
        returned = self.import_file(("LOST-1", 10), ("LOST-2", 20))
        self.start_tour(
            "/odoo/accounting", "payment_return_tile_links", login="acb_credit_user"
        )
        states = returned.line_ids.mapped("match_state")
        self.assertEqual(states, ["skipped", "skipped"])

    def import_file(self, *rejected):
        name, text = self.prepare_file(*rejected)
        importer = self.env["account.payment.return.import"]
        return importer._import_files([(name, text.encode())], self.company)

    def test_a_file_that_tells_nothing_new_leaves_no_draft(self):
        first = self.import_file(("FT-2026-001", 240.0))
        first.action_confirm()
        file = self.prepare_file(("FT-2026-001", 240.0), message="TOUR-2")
        self.start_with_files("payment_return_known", "/odoo/payment-returns", file)
        self.assertEqual(self.get_returned(), first)

    def test_who_only_reads_drops_nothing(self):
        new_user(
            self.env, "acb_auditor", "account.group_account_readonly", self.company
        )
        self._block_by_return()
        file = self.prepare_file(("FT-2026-001", 240.0))
        self.start_with_files(
            "payment_return_no_drop",
            "/odoo/payment-returns",
            file,
            login="acb_auditor",
        )


@tagged("post_install", "-at_install")
class TestTourUploadPhone(TourUploadCommon):
    browser_size = "390x844"
    touch_enabled = True

    def test_a_file_is_uploaded_from_a_phone(self):
        self._collect(self.customer, 240.0, end_to_end_id="FT-2026-001")
        file = self.prepare_file(("FT-2026-001", 240.0))
        self.start_with_files("payment_return_phone", "/odoo/payment-returns", file)
        self.assertEqual(self.get_returned().matched_count, 1)

    def test_rates_are_read_on_a_phone(self):
        self._block_by_return()
        self.start_tour(
            "/odoo/return-rate-by-customer",
            "payment_return_rate_phone",
            login="acb_credit_user",
        )
