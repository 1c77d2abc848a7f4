from odoo.tests import tagged

from odoo.addons.account_credit_block.tests.test_hold_reason_terms import TermsCommon


@tagged("post_install", "-at_install")
class TestHoldReasonTermsWebsite(TermsCommon):
    def test_the_website_gives_immediate_terms_to_who_has_none(self):
        self.customer.property_payment_term_id = False
        vals = {"company_id": self.company.id}
        website = self.env["website"].sudo().create({**vals, "name": "Shop"})
        vals["partner_id"] = self.customer.id
        order = self.env["sale.order"].sudo().create({**vals, "website_id": website.id})
        self.assertEqual(order.payment_term_id, self.immediate)
        self.assertFalse(self._find(order))
