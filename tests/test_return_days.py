from odoo import fields
from odoo.tests import tagged

from .test_import import ImportCommon


@tagged("post_install", "-at_install")
class TestReturnDays(ImportCommon):
    """What a bank's file books on several days is booked on each of them."""

    @staticmethod
    def list_of(*rows):
        """A list of the bank's portal, of rows (number, amount, day, fee)."""
        lines = [
            ";".join(row)
            for row in (("Numero effetto", "Importo", "Data", "Spese"), *rows)
        ]
        return "insoluti.csv", "\n".join(lines).encode()

    def load_rows(self, *rows):
        for number, amount, _day, _fee in rows:
            self.collect(float(amount.replace(",", ".")), end_to_end_id=number)
        return self.load(self.list_of(*rows))

    def get_days(self, returned):
        return {str(day) for day in returned.move_ids.mapped("date")}

    def test_each_booking_day_of_a_file_has_its_own_entry(self):
        returned = self.load_rows(
            ("000001", "100,00", "30/09/2026", ""),
            ("000002", "50,00", "01/10/2026", ""),
            ("000003", "60,00", "01/10/2026", ""),
        )
        returned.action_confirm()
        self.assertEqual(self.get_days(returned), {"2026-09-30", "2026-10-01"})
        first, second = returned.move_ids.sorted("date")
        self.assertEqual((first.amount_total, second.amount_total), (100, 110))
        self.assertBalanced(returned.move_ids)
        self.assertFalse(returned.date_notice)
        days = [str(line.return_date) for line in returned.line_ids]
        self.assertEqual(days, ["2026-09-30", "2026-10-01", "2026-10-01"])
        self.assertEqual(str(returned.date), "2026-10-01")

    def test_the_mail_tells_each_customer_his_own_day(self):
        self.collect(100, end_to_end_id="000001")
        self.collect(50, end_to_end_id="000002", partner=self.other_customer)
        returned = self.load(
            self.list_of(
                ("000001", "100,00", "30/09/2026", ""),
                ("000002", "50,00", "01/10/2026", ""),
            )
        )
        returned.action_confirm()
        days = {n.partner_id: str(n.return_date) for n in returned.sudo().notice_ids}
        expected = {self.customer: "2026-09-30", self.other_customer: "2026-10-01"}
        self.assertEqual(days, expected)

    def test_the_turn_of_the_year_is_in_both_years(self):
        returned = self.load_rows(
            ("000001", "100,00", "30/12/2025", ""),
            ("000002", "50,00", "02/01/2026", ""),
        )
        returned.action_confirm()
        self.assertEqual(self.get_days(returned), {"2025-12-30", "2026-01-02"})

    def test_the_fee_is_booked_on_the_day_of_its_return(self):
        self.company.sudo().credit_return_fee_account_id = self.company_data[
            "default_account_expense"
        ]
        returned = self.load_rows(
            ("000001", "100,00", "30/09/2026", "4,00"),
            ("000002", "50,00", "01/10/2026", "6,00"),
        )
        returned.action_confirm()
        fees = returned.move_ids.line_ids.filtered(
            lambda item: item.account_id == self.company_data["default_account_expense"]
        ).sorted("date")
        self.assertEqual(fees.mapped("balance"), [4, 6])
        self.assertEqual([str(f.date) for f in fees], ["2026-09-30", "2026-10-01"])

    def test_cancelling_reverses_every_day(self):
        returned = self.load_rows(
            ("000001", "100,00", "30/09/2026", ""),
            ("000002", "50,00", "01/10/2026", ""),
        )
        invoices = returned.line_ids.payment_id.invoice_ids
        returned.action_confirm()
        self.assertEqual(set(invoices.mapped("payment_state")), {"not_paid"})
        returned.action_cancel()
        self.assertEqual(set(invoices.mapped("payment_state")), {"paid"})
        entries = returned._get_return_entries()
        self.assertEqual(len(entries), 2)
        self.assertEqual(returned.move_ids.reversed_entry_id, entries)

    def test_a_locked_day_is_said_and_the_open_one_stays(self):
        returned = self.load_rows(
            ("000001", "100,00", "30/09/2026", ""),
            ("000002", "50,00", "01/11/2026", ""),
        )
        self.company.sudo().fiscalyear_lock_date = fields.Date.to_date("2026-09-30")
        returned.action_confirm()
        self.assertIn("2026-11-01", self.get_days(returned))
        self.assertNotIn("2026-09-30", self.get_days(returned))
        self.assertRegex(returned.date_notice, "^The period of 09/30/2026 is locked")
        self.assertEqual(returned.date_notice.count("is locked"), 1)

    def test_lines_by_hand_take_the_returns_date(self):
        payments = self.pay(self.invoice(100)) | self.pay(self.invoice(50))
        returned = self.make_return(payments, line_date="2026-09-30")
        self.assertEqual(str(returned.line_ids[0].return_date), "2026-10-05")
        returned.date = "2026-10-06"
        self.assertEqual(str(returned.line_ids[0].return_date), "2026-10-06")
        returned.action_confirm()
        self.assertEqual(len(returned.move_ids), 1)
        self.assertEqual(self.get_days(returned), {"2026-10-06"})

    def test_a_payment_in_parts_on_two_days_is_booked_on_both(self):
        payment = self.collect(100, end_to_end_id="EFF-2026-77")
        returned = self.load(
            self.list_of(
                ("EFF-2026-77", "40,00", "30/09/2026", ""),
                ("EFF-2026-77", "60,00", "01/10/2026", ""),
            )
        )
        self.assertEqual(returned.matched_count, 2)
        returned.action_confirm()
        self.assertEqual(self.get_days(returned), {"2026-09-30", "2026-10-01"})
        self.assertEqual(payment.invoice_ids.payment_state, "not_paid")
        self.assertEqual(payment.state, "rejected")
