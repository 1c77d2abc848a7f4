from .common import CreditBlockCommon


class HoldCommon(CreditBlockCommon):
    """A customer whose orders are held, and one whose orders are not."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.product, cls.other_product = cls.env["product.product"].create(
            [
                {"name": name, "type": "service", "list_price": 10, "taxes_id": False}
                for name in ("Bolt", "Nut")
            ]
        )
        cls.level_assistance.policy_confirmation = "hold"
        cls.customer._set_credit_block(
            cls.level_assistance, "late payer", cls.credit_company
        )

    def _create_order(self, partner=None, user=None, quantity=10, **vals):
        """The same, of a salesperson whoever enters it."""
        vals = {"user_id": self.user_salesperson.id, **vals}
        return super()._create_order(partner, user, quantity, **vals)

    def _hold(self, *args, **vals):
        """Return an order that the salesperson has handed over."""
        order = self._create_order(*args, **vals)
        order.action_confirm_or_hold()
        return order.sudo()

    def _assert_states(self, order, state, hold_state):
        self.assertRecordValues(
            order.sudo(), [{"state": state, "hold_state": hold_state}]
        )
