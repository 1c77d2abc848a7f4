import json

from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .common import CreditBlockFixture, new_user
from .common_returns import PaymentReturnCommon

# The key under which the tour looks for the file that its test gives it.
BANK_FILE = "account_credit_block.bank_file"

PAIN_002 = """<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10">
  <CstmrPmtStsRpt>
    <GrpHdr><MsgId>TOUR-1</MsgId><CreDtTm>{today}T09:00:00</CreDtTm></GrpHdr>
    <OrgnlGrpInfAndSts>
      <OrgnlMsgId>SDD-1</OrgnlMsgId><OrgnlMsgNmId>pain.008.001.08</OrgnlMsgNmId>
    </OrgnlGrpInfAndSts>
    <OrgnlPmtInfAndSts><OrgnlPmtInfId>BATCH-1</OrgnlPmtInfId>
      {transactions}
    </OrgnlPmtInfAndSts>
  </CstmrPmtStsRpt>
</Document>"""

REJECTED = """<TxInfAndSts>
  <OrgnlEndToEndId>{end_to_end_id}</OrgnlEndToEndId><TxSts>RJCT</TxSts>
  <StsRsnInf><Rsn><Cd>{reason}</Cd></Rsn></StsRsnInf>
  <OrgnlTxRef>
    <Amt><InstdAmt Ccy="EUR">{amount}</InstdAmt></Amt>
    <MndtRltdInf><MndtId>{mandate}</MndtId></MndtRltdInf>
  </OrgnlTxRef>
</TxInfAndSts>"""


class TourCommon(CreditBlockFixture, PaymentReturnCommon, HttpCase):
    """Collected invoices of two customers, and a user per role who can log in."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # It takes an app more than ours needs to show the menu of sales.
        cls.env.ref("sale.sale_menu_root").active = True
        blocked, good = cls.customer, cls.other_customer
        cls._setup_credit_block(cls.company)
        cls.customer, cls.other_customer = blocked, good
        (blocked + good + cls.good_customer).customer_rank = 1
        blocked.write({"street": "Via Roma 1", "city": "Milano"})

    @classmethod
    def _collect(cls, partner, amount, **values):
        payment = cls.pay(cls.invoice(amount, partner))
        payment.write(values)
        return payment

    def _block_by_return(self):
        """Confirm a return of the customer, outside the browser."""
        returned = self.make_return(self._collect(self.customer, 240.0))
        returned.action_confirm()
        return returned


@tagged("post_install", "-at_install")
class TestTour(TourCommon):
    def test_from_the_file_of_the_bank_to_a_new_order(self):
        payment = self._collect(self.customer, 240.0, end_to_end_id="FT-2026-001")
        other = self._collect(self.other_customer, 90.0, mandate_reference="MND-2")
        self._start_with_file(
            "credit_block_accountant",
            "rejects.xml",
            [
                ("FT-2026-001", "AM04", 240.0, ""),
                ("FT-2026-002", "AC01", 70.0, "MND-2"),
            ],
        )
        self._check_return(payment, other)
        orders = self._count_orders()
        with mute_logger("odoo.http"):
            self.start_tour("/odoo", "credit_block_refused", login="acb_salesperson")
        self.assertEqual(self._count_orders(), orders)
        self.assertEqual(self._count_orders(self.good_customer), 1)
        self.start_tour("/odoo", "credit_block_lifted", login="acb_credit_manager")
        self._check_lifted()
        self.start_tour("/odoo", "credit_block_sold", login="acb_salesperson")
        self.assertEqual(self._count_orders(), orders + 1)

    def test_many_blocks_get_another_level_and_are_lifted(self):
        self._block_by_return()
        self._block(self.good_customer)
        self.start_tour("/odoo", "credit_block_desk", login="acb_credit_manager")
        blocks = (self.customer | self.good_customer).credit_block_ids
        self.assertEqual(len(blocks), 4)
        self.assertEqual(set(blocks.mapped("state")), {"lifted"})
        pending = blocks.filtered(lambda b: b.level_id == self.level_pending)
        self.assertEqual(set(pending.mapped("lift_reason")), {"Paid"})
        self.assertEqual(set(pending.mapped("reason")), {"They pay in rates"})

    def test_a_payment_returned_where_the_accountant_is(self):
        self.customer.email = "rossi@example.com"
        payment = self._collect(self.customer, 240.0)
        invoice = payment.reconciled_invoice_ids
        self.start_tour(
            f"/odoo/customer-invoices/{invoice.id}",
            "credit_payment_returned",
            login="acb_accountant",
        )
        line = payment.payment_return_line_ids
        self.assertEqual((line.state, line.amount), ("confirmed", 240.0))
        self.assertEqual(line.reason_id, self.reason_funds)
        self.assertEqual(self.customer.credit_block_ids.state, "in_force")

    def test_confirming_and_cancelling_say_what_they_do(self):
        self.customer.email = "rossi@example.com"
        returned = self.make_return(
            self._collect(self.customer, 240.0), line_reason_id=False
        )
        self.start_tour(
            f"/odoo/payment-returns/{returned.id}",
            "credit_return_outcome",
            login="acb_accountant",
        )
        self.assertEqual(returned.state, "cancelled")
        self.assertEqual(returned.line_ids.reason_id, self.reason_iban)
        self.assertFalse(self.customer.credit_block_ids)

    def test_an_administrator_edits_the_grid_and_the_settings(self):
        new_user(
            self.env,
            "acb_administrator",
            "base.group_system,account.group_account_manager,"
            "account_credit_block.group_credit_manager",
            self.company,
        )
        self.assertEqual(self.level_pending.policy_delivery, "warn")
        self.assertFalse(self.company.credit_return_auto_confirm)
        self.start_tour(
            "/odoo", "credit_block_administrator", login="acb_administrator"
        )
        self.assertEqual(self.level_pending.policy_delivery, "forbid")
        self.assertTrue(self.company.credit_return_auto_confirm)
        self.assertFalse(self.company.credit_return_mail)

    def _start_with_file(self, tour, name, transactions):
        """Start a tour that finds a status report of these rejects to import."""
        text = PAIN_002.format(
            today=self.env.company._get_credit_today(),
            transactions="".join(
                REJECTED.format(
                    end_to_end_id=end_to_end_id,
                    reason=reason,
                    amount=amount,
                    mandate=mandate,
                )
                for end_to_end_id, reason, amount, mandate in transactions
            ),
        )
        value = json.dumps({"name": name, "text": text})
        self.start_tour(
            "/odoo",
            tour,
            login="acb_accountant",
            code=f"sessionStorage.setItem({BANK_FILE!r}, {json.dumps(value)});"
            f"odoo.startTour({tour!r}, {{}})",
        )

    def _check_return(self, payment, other):
        returned = self.env["account.payment.return"].search([], limit=1)
        self.assertEqual(returned.state, "confirmed")
        self.assertEqual(returned.line_ids.payment_id, payment + other)
        self.assertEqual(returned.move_ids.mapped("state"), ["posted"])
        invoice = returned.line_ids.invoice_ids.filtered(
            lambda move: move.partner_id == self.customer
        )
        self.assertEqual(invoice.payment_state, "not_paid")
        self.assertEqual(invoice.amount_residual, 240.0)
        block = self.customer.credit_block_ids
        self.assertEqual((block.level_id, block.state), (self.level_unpaid, "in_force"))
        # A wrong account number is not the customer's default: nobody is blocked.
        self.assertFalse(self.other_customer.credit_block_ids)

    def _check_lifted(self):
        block = self.customer.credit_block_ids
        self.assertEqual(block.state, "lifted")
        self.assertEqual(block.lifted_by_id, self.user_credit_manager)
        self.assertEqual(block.lift_reason, "Paid in cash at the counter")

    def _count_orders(self, partner=None):
        return self.env["sale.order"].search_count(
            [("partner_id", "=", (partner or self.customer).id)]
        )


@tagged("post_install", "-at_install")
class TestTourPhone(TourCommon):
    browser_size = "390x844"
    touch_enabled = True

    def test_returns_and_blocks_are_read_on_a_phone(self):
        self._block_by_return()
        self.start_tour(
            "/odoo/payment-returns", "credit_block_phone", login="acb_accountant"
        )
        self.start_tour(
            "/odoo/credit-blocks", "credit_block_phone_blocks", login="acb_credit_user"
        )
