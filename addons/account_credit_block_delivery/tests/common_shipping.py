from odoo.fields import Command
from odoo.tests import Form

from odoo.addons.account_credit_block.tests.common import CreditBlockFixture
from odoo.addons.delivery.tests.common import DeliveryCommon
from odoo.addons.sale.tests.common import SaleCommon

from ..models.hold_reason_shipping import HoldReasonShipping


class ShippingCommon(CreditBlockFixture, SaleCommon, DeliveryCommon):
    """Carriers at 10, at 2 a kilogram, and one outside; goods of 4 kilograms at 20."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._setup_credit_block(cls.env.company)
        cls.credit_company.credit_hold_shipping = True
        (cls.product + cls.service_product).taxes_id = False
        cls.product.weight = 4.0
        cls.carrier = cls._create_carrier("Van", fixed_price=10.0)
        cls.carrier_by_weight = cls._create_carrier(
            "By weight",
            delivery_type="base_on_rule",
            price_rule_ids=[
                Command.create(
                    {
                        "variable": "weight",
                        "operator": "<=",
                        "max_value": 1000.0,
                        "list_price": 2.0,
                        "variable_factor": "weight",
                    }
                )
            ],
        )
        cls.reason = HoldReasonShipping()

    @classmethod
    def _create_carrier(cls, name, **vals):
        product = cls._prepare_carrier_product(name=name, taxes_id=False)
        return cls._prepare_carrier(product, name=name, **vals)

    def _open_wizard(self, order, carrier):
        wizard = self.env["choose.delivery.carrier"].with_user(self.user_salesperson)
        return Form(
            wizard.with_context(
                default_order_id=order.id, default_carrier_id=carrier.id
            )
        )

    def _ship(self, order, carrier=None):
        """Set the shipping as a salesperson does, by the dialog."""
        self._open_wizard(order, carrier or self.carrier).save().button_confirm()
        return order.order_line.filtered("is_delivery")

    def _ship_for(self, order, price, carrier=None):
        """Set the shipping by RPC, with any price."""
        wizard = self._open_wizard(order, carrier or self.carrier).save()
        wizard.write({"delivery_price": price})
        wizard.button_confirm()

    def _find(self, orders):
        return self.reason.find(orders.sudo(), {})

    def _get_change(self, order):
        """The expected and the actual cost of a change, nothing without one."""
        finding = self._find(order).get(order)
        return finding and (finding.data["expected"], finding.data["actual"])

    def _get_text(self, order):
        data = self._find(order)[order].data
        return self.reason.get_text(order.env, data)
