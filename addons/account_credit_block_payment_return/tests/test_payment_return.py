import base64

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.account_credit_block.tests.common_returns import PaymentReturnCommon

ISO = "urn:iso:std:iso:20022:tech:xsd:pain.002.001.03"


@tagged("post_install", "-at_install")
class TestBothReturns(PaymentReturnCommon):
    """The same return, told to OCA's addon and to ours."""

    def setUp(self):
        super().setUp()
        self.paid = self.invoice(100)
        self.payment = self.pay(self.paid)

    def oca(self, payments=None, confirm=True, **values):
        """A return of OCA's addon, made as its users make one."""
        returned = self.env["payment.return"].create(
            {
                "journal_id": self.bank.id,
                "date": "2026-10-05",
                "line_ids": [
                    Command.create(
                        {
                            "partner_id": payment.partner_id.id,
                            "move_line_ids": [
                                Command.set(self.payment_item(payment).ids)
                            ],
                            "amount": payment.amount,
                            **values,
                        }
                    )
                    for payment in payments or self.payment
                ],
            }
        )
        if confirm:
            returned.action_confirm()
            self.assertEqual(returned.state, "done")
        return returned

    def told(self, **values):
        """A draft of ours with what a bank told, matched."""
        returned = self.env["account.payment.return"].sudo()
        returned = returned.create(
            {
                "journal_id": self.bank.id,
                "date": "2026-10-05",
                "line_ids": [
                    Command.create(
                        {"reference": self.paid.name, "amount": 100, **values}
                    )
                ],
            }
        ).sudo(False)
        returned.action_match()
        return returned.line_ids

    def test_what_oca_booked_is_told_again_in_ours(self):
        theirs = self.oca()
        line = self.told()
        self.assertEqual(line.match_state, "duplicate")
        self.assertIn(f"Customer Payment Return {theirs.name}", line.match_note)

    def test_what_oca_booked_is_not_booked_again_by_hand(self):
        theirs = self.oca()
        ours = self.make_return(self.payment)
        with self.assertRaisesRegex(UserError, theirs.name):
            ours.action_confirm()
        self.assertEqual(self.paid.amount_residual, 100)

    def test_what_oca_booked_meanwhile_is_not_booked_again(self):
        line = self.told()
        self.assertEqual(line.match_state, "matched")
        self.oca()
        with self.assertRaises(UserError):
            line.return_id.action_confirm()
        self.assertEqual(self.paid.amount_residual, 100)

    def test_another_payment_is_booked_in_ours(self):
        self.oca()
        other = self.invoice(100, partner=self.other_customer)
        ours = self.make_return(self.pay(other))
        ours.action_confirm()
        self.assertEqual((ours.state, other.amount_residual), ("confirmed", 100))

    def test_what_ours_booked_is_not_confirmed_in_oca(self):
        ours = self.make_return(self.payment)
        ours.action_confirm()
        other = self.pay(self.invoice(50))
        theirs = self.oca(self.payment | other, confirm=False)
        with self.assertRaisesRegex(UserError, ours.name):
            theirs.action_confirm()
        theirs.line_ids[0].unlink()
        theirs.action_confirm()
        self.assertEqual(theirs.state, "done")

    def test_what_ours_took_back_again_is_confirmed_in_oca(self):
        ours = self.make_return(self.payment)
        ours.action_confirm()
        ours.action_cancel()
        self.oca()
        self.assertEqual(self.paid.amount_residual, 100)

    def test_what_oca_took_back_again_comes_back_in_ours(self):
        self.oca().action_cancel()
        line = self.told()
        self.assertEqual((line.match_state, line.payment_id), ("matched", self.payment))

    def test_part_of_a_payment_in_ours_is_the_payment_in_oca(self):
        ours = self.make_return(self.payment, line_amount=40)
        ours.action_confirm()
        with self.assertRaisesRegex(UserError, ours.name):
            self.oca(confirm=False).action_confirm()

    def test_what_was_taken_over_is_not_cancelled_in_oca(self):
        theirs = self.oca()
        self.env["account.payment.return.takeover"]._take_over(dry_run=False)
        entry = theirs.move_id
        ours = entry.payment_return_id
        with self.assertRaises(UserError):
            theirs.action_cancel()
        ours.action_cancel()
        with self.assertRaises(UserError):
            theirs.action_cancel()
        self.assertEqual(entry.state, "posted")

    def read_file(self):
        """The bank's file, which both read."""
        return (
            f'<Document xmlns="{ISO}"><CstmrPmtStsRpt><GrpHdr><MsgId>M-1</MsgId>'
            "<CreDtTm>2026-10-05T10:00:00</CreDtTm></GrpHdr><OrgnlGrpInfAndSts>"
            "<OrgnlMsgId>X</OrgnlMsgId><OrgnlMsgNmId>pain.008.001.02</OrgnlMsgNmId>"
            "<GrpSts>PART</GrpSts></OrgnlGrpInfAndSts><OrgnlPmtInfAndSts>"
            "<OrgnlPmtInfId>X-1</OrgnlPmtInfId><TxInfAndSts>"
            f"<OrgnlEndToEndId>{self.paid.name}</OrgnlEndToEndId><TxSts>RJCT</TxSts>"
            "<StsRsnInf><Rsn><Cd>AC04</Cd></Rsn></StsRsnInf><OrgnlTxRef><Amt>"
            '<InstdAmt Ccy="EUR">100.00</InstdAmt></Amt><CdtrAcct><Id><IBAN>'
            "IT60X0542811101000000123456</IBAN></Id></CdtrAcct></OrgnlTxRef>"
            "</TxInfAndSts></OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>"
        ).encode()

    def import_in_ours(self):
        importer = self.env["account.payment.return.import"]
        return importer._import_files([("m.xml", self.read_file())], self.company)

    def import_in_oca(self):
        if "payment.return.import" not in self.env:
            self.skipTest("OCA's import is not installed.")
        self.env.user.group_ids += self.env.ref("account.group_account_manager")
        before = self.env["payment.return"].search([])
        self.env["payment.return.import"].create(
            {
                "data_file": base64.b64encode(self.read_file()),
                "match_after_import": True,
                "journal_id": self.bank.id,
            }
        ).import_file()
        return self.env["payment.return"].search([]) - before

    def setup_account(self):
        accounts = self.env["res.partner.bank"].sudo()
        self.bank.bank_account_id = accounts.create(
            {
                "acc_number": "IT60X0542811101000000123456",
                "partner_id": self.company.partner_id.id,
                "company_id": self.company.id,
            }
        )

    def test_a_file_read_by_oca_first_is_a_duplicate_in_ours(self):
        self.setup_account()
        theirs = self.import_in_oca()
        theirs.action_confirm()
        ours = self.import_in_ours()
        self.assertEqual(ours.line_ids.match_state, "duplicate")
        self.assertIn(theirs.name, ours.line_ids.match_note)

    def test_a_file_read_by_ours_first_is_not_confirmed_in_oca(self):
        self.setup_account()
        ours = self.import_in_ours()
        ours.action_confirm()
        theirs = self.import_in_oca()
        self.assertEqual(theirs.line_ids.move_line_ids, self.payment_item(self.payment))
        with self.assertRaisesRegex(UserError, ours.name):
            theirs.action_confirm()
