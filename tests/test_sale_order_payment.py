from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.account_payment.tests.common import AccountPaymentCommon

from .common import CreditBlockFixture
from .common_rpc import RpcMixin


@tagged("post_install", "-at_install")
class TestSaleOrderPayment(RpcMixin, CreditBlockFixture, AccountPaymentCommon):
    """A payment counts for the order it was made for, of its customer, once."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.enable_post_process_patcher = False
        cls._setup_credit_block(cls.env.company)
        cls.credit_company.write(
            {"credit_hold_limit": True, "credit_hold_prepaid_exempt": True}
        )
        cls.customer.credit_limit = cls.good_customer.credit_limit = 10.0
        cls.goods = cls.env["product.product"].create(
            {"name": "Bolt", "type": "service", "list_price": 100, "taxes_id": False}
        )
        # One who sells and invoices, as many do in a small company.
        cls.user_salesperson.group_ids += cls.env.ref("account.group_account_invoice")
        cls.user_salesperson.group_ids += cls.env.ref("base.group_partner_manager")

    def setUp(self):
        super().setUp()
        self._support(support_refund="partial")

    def _support(self, **vals):
        """Let the provider have features, also when they are asked for again."""

        def compute(providers):
            providers.update({"support_express_checkout": False, **vals})

        names = ("support_manual_capture", "support_refund", "support_tokenization")
        vals = {**dict.fromkeys(names, False), **vals}
        self.patch(
            self.env.registry["payment.provider"],
            "_compute_feature_support_fields",
            compute,
        )
        self.provider.invalidate_recordset()

    def _create_order(self, partner=None, **vals):
        line = Command.create({"product_id": self.goods.id})
        vals = {"order_line": [line], **vals}
        return super()._create_order(partner, **vals).sudo()

    def _pay(self, orders, amount=100.0, partner=None, state="done", **vals):
        """Return a payment that the shop or the portal has recorded."""
        return self._create_transaction(
            "direct",
            state=state,
            amount=amount,
            currency_id=orders.currency_id.id,
            partner_id=(partner or orders[:1].partner_id).id,
            sale_order_ids=orders.ids,
            reference=f"{orders[:1].name}-{len(orders.transaction_ids)}",
            **vals,
        )

    def _refund(self, tx, amount, state="done"):
        child = tx._create_child_transaction(amount, is_refund=True)
        child.state = state
        return child

    def _paid(self, order):
        return order._get_amounts_paid().get(order, (0.0, 0.0))[0]

    def _confirm(self, order):
        self.rpc(
            self.user_salesperson, "sale.order", "action_confirm_or_hold", order.ids
        )
        return order.state

    # === LINKS === #

    def test_nobody_pays_an_order_with_the_payment_of_another_customer(self):
        tx = self._pay(self._create_order(self.good_customer))
        order = self._create_order()
        user, link = self.user_salesperson, [Command.link(tx.id)]
        line = {"order_line": [Command.create({"product_id": self.goods.id})]}
        vals = {"partner_id": self.customer.id, **line}
        for name, args, model, context in (
            ("write", (order.ids, {"transaction_ids": link}), "sale.order", {}),
            ("copy", (order.ids, {"transaction_ids": link}), "sale.order", {}),
            ("create", ({**vals, "transaction_ids": link},), "sale.order", {}),
            (
                "write",
                (
                    self.customer.ids,
                    {
                        "sale_order_ids": [
                            Command.update(order.id, {"transaction_ids": link})
                        ]
                    },
                ),
                "res.partner",
                {},
            ),
            (
                "write",
                (tx.ids, {"sale_order_ids": [Command.link(order.id)]}),
                "payment.transaction",
                {},
            ),
        ):
            with (
                self.subTest(model=model, name=name),
                self.assertRaisesRegex(AccessError, "payment|Online payments"),
            ):
                self.rpc(user, model, name, *args, context=context)
        self.assertFalse(order.transaction_ids)
        self.assertEqual(tx.sale_order_ids.partner_id, self.good_customer)
        self.assertEqual(self._confirm(order), "sent")

    def test_no_default_pays_an_order(self):
        tx = self._pay(self._create_order(self.good_customer))
        vals = {
            "partner_id": self.customer.id,
            "order_line": [Command.create({"product_id": self.goods.id})],
        }
        context = {"default_transaction_ids": [Command.link(tx.id)]}
        new = self.rpc(
            self.user_salesperson, "sale.order", "create", vals, context=context
        )
        self.assertFalse(self.env["sale.order"].browse(new).transaction_ids)

    def test_nobody_makes_a_payment_up(self):
        order = self._create_order()
        tx = self._pay(order, state="draft")
        user, model = self.user_salesperson, "payment.transaction"
        vals = {
            "provider_id": self.provider.id,
            "payment_method_id": self.payment_method_id,
            "amount": 100.0,
            "currency_id": order.currency_id.id,
            "partner_id": self.customer.id,
            "state": "done",
            "sale_order_ids": [Command.link(order.id)],
        }
        for name, args in (
            ("create", (vals,)),
            ("write", (tx.ids, {"state": "done"})),
            ("write", (tx.ids, {"amount": 1000.0})),
            ("write", (tx.ids, {"partner_id": self.good_customer.id})),
        ):
            with (
                self.subTest(args=args),
                self.assertRaisesRegex(AccessError, "as their provider reports them"),
            ):
                self.rpc(user, model, name, *args)
        self.rpc(user, model, "write", tx.ids, {"partner_phone": "123"})
        self.assertEqual(tx.partner_phone, "123")
        self.assertEqual(self._confirm(order), "sent")

    def test_who_has_paid_is_not_held(self):
        order = self._create_order()
        self._pay(order)
        self.assertEqual(self._confirm(order), "sale")

    # === WORTH === #

    def test_the_payment_of_somebody_else_pays_nothing(self):
        order = self._create_order()
        self._pay(order, partner=self.good_customer)
        self.assertEqual(self._paid(order), 0.0)
        self._pay(order, 40.0, partner=self._create_contact(self.customer, "Anna"))
        self.assertEqual(self._paid(order), 40.0)
        self.assertEqual(self._confirm(order), "sent")

    def test_a_payment_older_than_the_order_was_made_for_something_else(self):
        old = self._create_order()
        tx = self._pay(old)
        self.env.cr.execute(
            "UPDATE payment_transaction SET create_date = create_date - interval '1 d'"
        )
        tx.invalidate_recordset()
        order = self._create_order()
        order.transaction_ids = tx
        self.assertEqual(self._paid(order), 0.0)

    def test_what_was_refunded_is_not_paid(self):
        order = self._create_order()
        tx = self._pay(order)
        self._refund(tx, 30.0)
        self._refund(tx, 20.0, state="pending")
        self._refund(tx, 10.0, state="error")
        self.assertEqual(self._paid(order), 50.0)
        self.assertEqual(self._confirm(order), "sent")

    def test_what_was_voided_is_not_paid(self):
        order = self._create_order()
        self._support(support_refund="partial", support_manual_capture="partial")
        tx = self._pay(order, state="authorized")
        self.assertEqual(self._paid(order), 100.0)
        tx._create_child_transaction(70.0).state = "done"
        self.assertEqual(self._paid(order), 100.0)
        tx._create_child_transaction(30.0).state = "cancel"
        self.assertEqual(self._paid(order), 70.0)
        tx.state = "done"
        self.assertEqual(self._paid(order), 70.0)

    def test_one_payment_of_several_orders_counts_once(self):
        first, second = self._create_order(), self._create_order()
        self._pay(first | second)
        self.assertEqual((self._paid(first), self._paid(second)), (100.0, 0.0))
        second.state = "sale"
        self.assertEqual((self._paid(first), self._paid(second)), (0.0, 100.0))
        self.assertEqual(self._confirm(first), "sent")

    def test_what_another_payment_pays_is_left_to_the_others(self):
        first, second = self._create_order(), self._create_order()
        self._pay(first, 70.0)
        self._pay(first | second)
        self.assertEqual((self._paid(first), self._paid(second)), (100.0, 70.0))

    # === GIVING BACK === #

    def _refuse(self, order):
        self.assertEqual(self._confirm(order), "sent")
        with mute_logger("odoo.addons.sale.models.payment_transaction"):
            order.with_user(self.user_credit_manager)._refuse_hold("no", cancel=True)
        return order.activity_ids.mapped("note")

    def _get_refunds(self, tx):
        refunds = tx.child_transaction_ids.filtered(lambda t: t.operation == "refund")
        return sorted(refunds.mapped("amount"))

    def test_refusing_never_gives_back_the_payment_of_another_customer(self):
        theirs = self._create_order(self.good_customer)
        tx = self._pay(theirs)
        order = self._create_order()
        order.transaction_ids = tx
        notes = self._refuse(order)
        self.assertEqual(self._get_refunds(tx), [])
        self.assertIn("who is not its customer", notes[0])
        own = self._create_order()
        mine = self._pay(own, 60.0)
        self.assertFalse(self._refuse(own))
        self.assertEqual(self._get_refunds(mine), [-60.0])

    def test_refusing_gives_back_only_what_is_left(self):
        order = self._create_order()
        tx = self._pay(order, 90.0)
        self._refund(tx, 30.0)
        self.assertFalse(self._refuse(order))
        self.assertEqual(self._get_refunds(tx), [-60.0, -30.0])

    def test_what_a_provider_refunds_in_full_only_is_asked_of_a_person(self):
        self._support(support_refund="full_only")
        order = self._create_order()
        tx = self._pay(order, 90.0)
        self._refund(tx, 30.0)
        notes = self._refuse(order)
        self.assertEqual(self._get_refunds(tx), [-30.0])
        self.assertIn("60.00", notes[0])

    def test_refusing_gives_back_the_share_of_the_order(self):
        sold, refused = self._create_order(), self._create_order()
        tx = self._pay(sold | refused, 150.0)
        self.assertEqual(self._confirm(sold), "sale")
        self.assertFalse(self._refuse(refused))
        self.assertEqual(self._get_refunds(tx), [-50.0])

    def test_refusing_gives_back_what_was_captured_and_voids_the_rest(self):
        self._support(support_refund="partial", support_manual_capture="partial")
        order = self._create_order()
        tx = self._pay(order, 80.0, state="authorized")
        captured = tx._create_child_transaction(50.0)
        captured.state = "done"
        self.assertFalse(self._refuse(order))
        self.assertEqual(self._get_refunds(captured), [-50.0])
        voided = tx.child_transaction_ids - captured
        self.assertEqual(voided.mapped("amount"), [30.0])
