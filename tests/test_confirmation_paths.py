"""Every path to state `sale` that the addon's own dependencies have.

Those of the shop are in `account_credit_block_website_sale`, those that other addons
bring in `test_confirmation_paths_neighbours`. A path that
is missing here is one that nobody guards: add a row. Path 17, Odoo Enterprise, confirms
by `action_confirm` too and cannot be tried here.
"""

import psycopg2

from odoo import http
from odoo.exceptions import AccessError, UserError
from odoo.service.model import call_kw
from odoo.tests import HttpCase, TransactionCase, new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.account_payment.tests.common import AccountPaymentCommon
from odoo.addons.payment.controllers.post_processing import PaymentPostProcessing

from .common_paths import (
    ALL_ASIDE,
    ASIDE,
    CANCELLED,
    CUSTOMERS,
    IMPOSSIBLE,
    NEW_ORDER,
    TO_HOLD,
    ConfirmationPaths,
    Path,
    PaymentPaths,
    SignedPaths,
)

EMPLOYEES = ("salesperson", "sudo")


@tagged("post_install", "-at_install", "shop")
class TestConfirmationPaths(ConfirmationPaths, TransactionCase):
    """What an employee, a program or a rule of the administrator can do."""

    paths = (
        Path("1", "the form's button", "_press", EMPLOYEES, to_hold=ASIDE),
        Path("1", "the button of other views", "_confirm", EMPLOYEES),
        Path("13", "`action_confirm` by RPC", "_confirm_by_rpc", ("salesperson",)),
        Path("13", "a server action or automation", "_run_code"),
        Path("13", "a server action that updates", "_run_update"),
        Path("14", "`write`", "_write", EMPLOYEES),
        Path("14", "`write` by RPC", "_write_by_rpc", ("salesperson",)),
        Path("14", "an import over a quotation", "_import_over", ("salesperson",)),
        # A copy is a new order, whatever became of the one it is copied from.
        Path("15", "`copy`", "_copy", EMPLOYEES, **NEW_ORDER),
        Path("15", "`create`", "_create", EMPLOYEES, **NEW_ORDER),
        Path("15", "an import", "_import", ("salesperson",), **NEW_ORDER),
        # The database knows what was decided, not what ought to be.
        Path(
            "16",
            "SQL",
            "_update_by_sql",
            to_hold=IMPOSSIBLE,
            held="confirmed_is_not_on_hold",
            refused="confirmed_is_not_on_hold",
            error=psycopg2.errors.CheckViolation,
        ),
    )

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._setup_credit_block(cls.env.company)
        cls.product = cls.env["product.product"].create(
            {"name": "Bolt", "type": "service", "list_price": 10, "taxes_id": False}
        )

    def _press(self, order):
        order.action_confirm_or_hold()

    def _confirm(self, order):
        order.action_confirm()

    def _confirm_by_rpc(self, order):
        call_kw(order.browse(), "action_confirm", [order.ids], {})

    def _run_action(self, order, **vals):
        self.env["ir.actions.server"].create(
            {
                "name": "Confirm",
                "model_id": self.env.ref("sale.model_sale_order").id,
                **vals,
            }
        ).with_context(active_model=order._name, active_id=order.id).run()

    def _run_code(self, order):
        self._run_action(order, state="code", code="record.action_confirm()")

    def _run_update(self, order):
        state = self.env["ir.model.fields.selection"].search(
            [
                ("field_id.model", "=", "sale.order"),
                ("field_id.name", "=", "state"),
                ("value", "=", "sale"),
            ]
        )
        self._run_action(
            order,
            state="object_write",
            update_path="state",
            evaluation_type="value",
            selection_value=state.id,
        )

    def _write(self, order):
        order.write({"state": "sale"})

    def _write_by_rpc(self, order):
        call_kw(order.browse(), "write", [order.ids, {"state": "sale"}], {})

    def _copy(self, order):
        return order.copy({"state": "sale"})

    def _create(self, order):
        return order.create({"partner_id": order.partner_id.id, "state": "sale"})

    def _load(self, order, **row):
        result = order.browse().load(list(row), [list(row.values())])
        if not result["ids"]:
            raise UserError("\n".join(m["message"] for m in result["messages"]))
        return order.browse(result["ids"])

    def _import(self, order):
        row = {"partner_id/.id": str(order.partner_id.id), "state": "sale"}
        return self._load(order, **row)

    def _import_over(self, order):
        return self._load(order, **{".id": str(order.id), "state": "sale"})

    @mute_logger("odoo.sql_db")
    def _update_by_sql(self, order):
        self.env.cr.execute(
            "UPDATE sale_order SET state = 'sale' WHERE id = %s", [order.id]
        )
        order.invalidate_recordset()

    def test_a_customer_confirms_nothing_by_rpc(self):
        for who in CUSTOMERS:
            order = self._as(self._create_order(self.good_customer), who)
            for name, args in (("action_confirm", []), ("write", [{"state": "sale"}])):
                with (
                    self.subTest(who=who, name=name),
                    self.assertRaisesRegex(AccessError, "Sales Order"),
                ):
                    call_kw(order.browse(), name, [order.ids, *args], {})

    def test_an_internal_method_is_not_called_by_rpc(self):
        order = self._as(self._create_held(), "salesperson")
        for name in ("_hand_over", "_release_hold", "_at_point_of_sale"):
            with self.subTest(name=name), self.assertRaisesRegex(AccessError, name):
                call_kw(order.browse(), name, [order.ids], {})

    def test_no_context_key_changes_what_a_path_answers(self):
        order = self._create_order(self.customer)
        keys = ("account_credit_block.at_point_of_sale", "is_frontend", "force")
        order = self._as(order, "salesperson").with_context(**dict.fromkeys(keys, True))
        with self.assertRaisesRegex(UserError, TO_HOLD):
            order.action_confirm()
        self.assertEqual(order.hold_state, "none")


@tagged("post_install", "-at_install", "shop")
class TestConfirmationPathsPaid(PaymentPaths, AccountPaymentCommon, HttpCase):
    """Payments of quotations online, down to the books."""

    paths = (
        Path("3", "a payment done", "_pay", (*CUSTOMERS, "sudo"), **ALL_ASIDE),
        Path("3", "a payment authorized", "_authorize", CUSTOMERS, **ALL_ASIDE),
        Path("4", "the page that awaits it", "_await", ("public",), **ALL_ASIDE),
        Path("4", "the cron of payments", "_run_cron", **ALL_ASIDE),
        Path("4", "an employee's button", "_process", **ALL_ASIDE),
    )

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._setup_credit_block(cls.env.company)
        cls.product = cls.product_a

    def _pay(self, order):
        self._create_tx(order, state="done")._post_process()

    def _authorize(self, order):
        self.provider.sudo().support_manual_capture = "full_only"
        self._create_tx(order, state="authorized")._post_process()

    def _await(self, order):
        tx = self._create_tx(order, state="done")
        self.authenticate(None, None)
        self.session[PaymentPostProcessing.MONITORED_TX_ID_KEY] = tx.id
        http.root.session_store.save(self.session)
        self.make_jsonrpc_request("/payment/status/poll", {})

    def _run_cron(self, order):
        self._create_tx(order, state="done")
        cron = self.env.ref("payment.cron_post_process_payment_tx")
        cron.sudo().method_direct_trigger()

    def _process(self, order):
        self._create_tx(order, state="done").action_post_process()

    def _assert_customer_is_served(self, path, order):
        tx = order.transaction_ids
        self.assertTrue(tx.is_post_processed)
        if tx.state == "done":
            self.assertRecordValues(
                tx.payment_id,
                [{"amount": order.amount_total, "partner_id": order.partner_id.id}],
            )


@tagged("post_install", "-at_install", "shop")
class TestConfirmationPathsSigned(SignedPaths, HttpCase):
    """What a customer does on the portal, by hand."""

    paths = (
        Path("2", "a signature, logged in", "_sign_logged_in", **ALL_ASIDE),
        Path("2", "a signature, by a link", "_sign_by_link", **ALL_ASIDE),
        # Refused, the order of a customer is cancelled.
        Path(
            "8",
            "`_validate_order`",
            "_validate",
            to_hold=ASIDE,
            held=ASIDE,
            refused=CANCELLED,
        ),
    )

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._setup_credit_block(cls.env.company)
        good = new_test_user(cls.env, login="acb_good", groups="base.group_portal")
        cls.customer = cls.user_portal.partner_id
        cls.good_customer = good.partner_id
        cls.product = cls.env["product.product"].create(
            {"name": "Bolt", "type": "service", "list_price": 10, "taxes_id": False}
        )

    def _create_order(self, partner):
        order = super()._create_order(partner)
        order.write({"require_payment": False, "require_signature": True})
        return order
