from odoo.tests import tagged

from .common import CreditBlockCommon


@tagged("post_install", "-at_install")
class TestBasePartnerMerge(CreditBlockCommon):
    def _merge(self):
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (self.customer | self.good_customer).ids, self.good_customer
        )
        self.env.invalidate_all()

    def test_the_blocks_follow_the_merged_customer(self):
        block = self._block()
        self._merge()
        self.assertEqual(block.partner_id, self.good_customer)
        verdict = self._verdict("quotation", self.good_customer)
        self.assertEqual(verdict.policy, "forbid")

    def test_of_two_equal_blocks_the_one_by_hand_stays(self):
        manual = self._block()
        automatic = self._block(self.good_customer, origin="return")
        self._merge()
        self.assertEqual(manual.state, "in_force")
        self.assertEqual(automatic.state, "lifted")
        self.assertEqual((manual | automatic).partner_id, self.good_customer)
