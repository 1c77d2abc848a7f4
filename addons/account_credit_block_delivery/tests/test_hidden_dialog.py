from odoo.exceptions import AccessError
from odoo.tests import tagged

from odoo.addons.account_credit_block.tests.common_hidden import HiddenCommon


@tagged("post_install", "-at_install")
class TestHiddenDialog(HiddenCommon):
    def test_a_dialog_on_a_hidden_order_is_not_saved(self):
        user = self.user_sales_manager
        carrier = self.env["delivery.carrier"].search([], limit=1)
        visible, hidden = self._create_order(), self._hide()
        values = {"carrier_id": carrier.id, "order_id": visible.id}
        create = ("choose.delivery.carrier", "create")
        dialog = self.rpc(user, *create, [values])
        with self.assertRaises(AccessError):
            self.rpc(user, *create, [{**values, "order_id": hidden.id}])
        with self.assertRaises(AccessError):
            self.rpc(
                user,
                create[0],
                "write",
                dialog,
                {"order_id": hidden.id},
            )
