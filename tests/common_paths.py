"""What all the paths to a confirmed order are walked with."""

from dataclasses import dataclass

from odoo.exceptions import UserError

from .common import CreditBlockFixture

# What meets an order that may not go a path: words of a refusal, or one of these.
ASIDE = ""  # nothing is refused: the order waits for a decision
IMPOSSIBLE = None  # an order in that situation does not get onto this path

TO_HOLD = "credit block “Pending items block”"
WAITING = "waiting for a decision"
REFUSED = "was refused"
CANCELLED = "not in a state requiring confirmation"
# Where a customer waits, nothing is refused.
ALL_ASIDE = {"to_hold": ASIDE, "held": ASIDE, "refused": ASIDE}
# Where another order comes about, it does not matter what became of the first.
NEW_ORDER = {"to_hold": TO_HOLD, "held": TO_HOLD, "refused": TO_HOLD}

CUSTOMERS = ("public", "portal")
SIGNATURE = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk"
    "+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@dataclass(frozen=True)
class Path:
    """One way to state `sale`, and what meets an order that may not go it.

    :param number: the path's place in the table
    :param name: what it is, in words
    :param walk: method of the test that takes the order, of the user who acts, and
        returns the order that should be confirmed if it is another one
    :param who: names of the users who can go it
    :param to_hold: what meets an order that a manager has to decide on
    :param held: what meets one that waits for the decision already
    :param refused: what meets one that was refused
    """

    number: str
    name: str
    walk: str
    who: tuple = ("sudo",)
    to_hold: str = TO_HOLD
    held: str = WAITING
    refused: str = REFUSED
    error: type = UserError


class ConfirmationPaths(CreditBlockFixture):
    """Walks every path of a table with orders that may not get to its end.

    A good customer walks them too, or the refusals would prove nothing.
    """

    # Odoo runs the tests of a mixin in its subclasses only when told so.
    allow_inherited_tests_method = True

    #: the table, a tuple of `Path`
    paths = ()

    def setUp(self):
        super().setUp()
        self._block(level=self.level_pending)

    def _create_order(self, partner):
        """Return a new quotation of a customer; to be overridden for other orders."""
        return super()._create_order(partner).sudo()

    def _create_held(self):
        order = self._create_order(self.customer)
        order.action_confirm_or_hold()
        self.assertEqual(order.hold_state, "held")
        return order

    def _create_refused(self):
        order = self._create_held()
        order.with_user(self.user_credit_manager)._refuse_hold("test refusal")
        self.assertEqual(order.hold_state, "refused")
        return order

    def _as(self, order, who):
        """Return the order of who acts: a user of the fixture, or the system."""
        if who == "sudo":
            return order.sudo()
        return order.sudo(False).with_user(self.users[who])

    def _walk(self, path, order, who):
        order.env.invalidate_all()
        result = getattr(self, path.walk)(self._as(order, who))
        return (order if result is None else result).sudo()

    def _assert_refuses(self, situation, create):
        """Walk every path with a new order in a situation; none leads to `sale`."""
        for path in self.paths:
            words = getattr(path, situation)
            for who in path.who if words is not IMPOSSIBLE else ():
                with self.subTest(path=path.number, name=path.name, who=who):
                    order = create()
                    if words == ASIDE:
                        self._walk(path, order, who)
                        self.assertIn(order.hold_state, ("held", "refused"))
                        self.assertEqual(order.hold_ids[:1].state, order.hold_state)
                        self._assert_customer_is_served(path, order)
                    else:
                        with self.assertRaisesRegex(path.error, words):
                            self._walk(path, order, who)
                    self._assert_nothing_is_confirmed()

    def _assert_customer_is_served(self, path, order):
        """Check what the customer gets although the order was set aside."""

    def _assert_nothing_is_confirmed(self):
        confirmed = [("partner_id", "=", self.customer.id), ("state", "=", "sale")]
        self.assertFalse(self.env["sale.order"].sudo().search(confirmed))

    def test_an_order_that_must_be_held_is_confirmed_by_no_path(self):
        self._assert_refuses("to_hold", lambda: self._create_order(self.customer))

    def test_a_held_order_is_confirmed_by_no_path(self):
        self._assert_refuses("held", self._create_held)

    def test_a_refused_order_is_confirmed_by_no_path(self):
        self._assert_refuses("refused", self._create_refused)

    def test_an_order_of_a_good_customer_is_confirmed_by_every_path(self):
        for path in self.paths:
            for who in path.who:
                with self.subTest(path=path.number, name=path.name, who=who):
                    order = self._create_order(self.good_customer)
                    confirmed = self._walk(path, order, who)
                    self.assertEqual(set(confirmed.mapped("state")), {"sale"})
                    self._assert_customer_is_served(path, confirmed)


class PaymentPaths(ConfirmationPaths):
    """Paths that a customer goes by paying: his money counts, whatever is decided."""

    def _as(self, order, who):
        """Override: what customers do is done in their name with the shop's rights."""
        return super()._as(order, who).sudo()

    def _create_tx(self, order, **vals):
        return self._create_transaction(
            "direct",
            reference=f"tx of {order.name}",
            amount=order.amount_total,
            partner_id=order.partner_id.id,
            sale_order_ids=order.ids,
            **vals,
        ).with_env(order.env)


class SignedPaths(PaymentPaths):
    """Paths that a customer goes by hand, with a quotation to be signed."""

    def _create_held(self):
        order = self._create_order(self.customer)
        order._validate_order()
        self.assertEqual(order.hold_state, "held")
        return order

    def _sign(self, order, **params):
        if order.state == "draft":
            order.state = "sent"
        params.update(name="Mario", signature=SIGNATURE)
        self.make_jsonrpc_request(f"/my/orders/{order.id}/accept", params)

    def _login(self, order):
        login = order.partner_id.user_ids.login
        self.authenticate(login, login)

    def _sign_logged_in(self, order):
        self._login(order)
        self._sign(order)

    def _sign_by_link(self, order):
        self.authenticate(None, None)
        self._sign(order, access_token=order._portal_ensure_token())

    def _validate(self, order):
        order._validate_order()
