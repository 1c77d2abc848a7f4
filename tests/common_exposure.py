from datetime import timedelta

from odoo.fields import Command

from .common import CreditBlockFixture
from .common_returns import PaymentReturnCommon

BUCKETS = ("open", "overdue", "returned", "not_final", "ordered", "drafts")


class ExposureCommon(CreditBlockFixture, PaymentReturnCommon):
    """An Italian company that sells and collects, as its accountant who also sells."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.user.group_ids += cls.env.ref("sales_team.group_sale_manager")
        cls.today = cls.env.company._get_credit_today()
        cls.goods = cls._create_sold("Goods", "order")
        cls.work = cls._create_sold("Work", "delivery")
        cls.tax = cls.env["account.tax"].create(
            {"name": "Test 22%", "amount": 22.0, "type_tax_use": "sale"}
        )

    @classmethod
    def _create_sold(cls, name, policy):
        return cls.env["product.product"].create(
            {
                "name": name,
                "type": "service",
                "invoice_policy": policy,
                "taxes_id": False,
            }
        )

    @classmethod
    def day(cls, days):
        """A day before or after today."""
        return cls.today + timedelta(days=days)

    @classmethod
    def issue(cls, amount=100.0, due=30, **values):
        """Post an invoice of today, due in some days."""
        return cls.invoice(
            amount,
            **{
                "invoice_date": min(cls.today, cls.day(due)),
                "invoice_date_due": cls.day(due),
                **values,
            },
        )

    @classmethod
    def draft(cls, amount=100.0, move_type="out_invoice", **values):
        return cls.env["account.move"].create(
            {
                "move_type": move_type,
                "partner_id": cls.customer.id,
                "invoice_date": cls.today,
                "invoice_line_ids": [
                    Command.create(
                        {"name": "Goods", "price_unit": amount, "tax_ids": False}
                    )
                ],
                **values,
            }
        )

    @classmethod
    def order(cls, price=100.0, quantity=1.0, state="sale", **values):
        """An order of one line; values of the line by ``line_…`` keywords."""
        line_values = {
            key.removeprefix("line_"): values.pop(key)
            for key in list(values)
            if key.startswith("line_")
        }
        order = cls.env["sale.order"].create(
            {
                "partner_id": cls.customer.id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": cls.goods.id,
                            "product_uom_qty": quantity,
                            "price_unit": price,
                            "tax_ids": False,
                            **line_values,
                        }
                    )
                ],
                **values,
            }
        )
        if state == "sale":
            order.action_confirm()
        return order

    @classmethod
    def method(cls, final_days, **values):
        """A way of collecting that is final after some days."""
        outstanding = cls.inbound_payment_method_line.payment_account_id
        return cls.env["account.payment.method.line"].create(
            {
                "name": f"Direct debit {final_days}",
                "payment_method_id": cls.env.ref(
                    "account.account_payment_method_manual_in"
                ).id,
                "journal_id": cls.bank.id,
                "payment_account_id": outstanding.id,
                "credit_final_days": final_days,
                **values,
            }
        )

    def exposure(self, partner=None, company=None):
        partner = partner or self.customer
        return partner._get_credit_exposure(company or self.company)[partner.id]

    def assertExposure(self, partner=None, company=None, held=0.0, **buckets):
        """Each bucket is as said, zero if not said, and the total is their sum."""
        expected = {**dict.fromkeys(BUCKETS, 0.0), **buckets}
        expected["total"] = round(sum(expected.values()), 2)
        self.assertEqual(
            self.exposure(partner, company), {**expected, "held": held}, buckets
        )
