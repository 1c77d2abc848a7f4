from odoo import models


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    def _post_process(self):
        """Override of `delivery` to keep cash on delivery from confirming.

        `delivery` confirms orders in draft before anything else; a refusal raised
        there would undo the whole post-processing.
        """
        self.filtered(
            lambda tx: (
                tx.state == "pending"
                and tx.provider_id.custom_mode == "cash_on_delivery"
            )
        )._park_refused_orders()
        return super()._post_process()

    def _check_amount_and_confirm_order(self):
        """Override of `sale` to leave out the orders that the blocks refuse.

        The customer has paid: the payment is recorded and the order waits.
        """
        parked = self.filtered(
            lambda tx: (
                len(tx.sale_order_ids) == 1
                and tx.sale_order_ids._is_confirmation_amount_reached()
            )
        )._park_refused_orders()
        allowed = self.filtered(lambda tx: not tx.sale_order_ids & parked)
        return super(PaymentTransaction, allowed)._check_amount_and_confirm_order()

    def _park_refused_orders(self):
        """Park the quotations of these transactions that may not be confirmed.

        :return: the parked `sale.order` records
        """
        quotations = self.sale_order_ids.filtered(
            lambda o: o.state in ("draft", "sent")
        )
        refused = quotations.browse().union(*quotations._get_credit_refusals())
        refused._park_paid_order()
        return refused
