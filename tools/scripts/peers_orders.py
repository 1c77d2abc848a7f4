"""Check that held orders go on beside OCA's exceptions, risk and approvals.

Nothing of it is kept.
"""

from odoo.fields import Command

env = globals()["env"]
manager = env.ref("base.user_admin")
env = env(user=manager.id, su=False)
company = env.company
product = env["product.product"].create(
    {"name": "Bolt", "type": "service", "list_price": 10, "taxes_id": False}
)
level = env.ref("account_credit_block.credit_block_level_pending")


def blocked_customer(name):
    """Make a customer whose orders are held."""
    partner = env["res.partner"].create({"name": name, "is_company": True})
    partner._set_credit_block(level, "late payer", company)
    return partner


def quotation(partner):
    """Enter a quotation of one line."""
    line = Command.create({"product_id": product.id})
    return env["sale.order"].create({"partner_id": partner.id, "order_line": [line]})


def held(partner):
    """Enter an order and hand it over."""
    order = quotation(partner)
    order.action_confirm_or_hold()
    assert order.hold_state == "held", order.hold_state
    return order


def release(orders):
    """Release orders in the dialog; return what it answers."""
    context = orders.action_release_hold()["context"]
    dialog = env["sale.order.hold.decision"].with_context(**context)
    return dialog.create({"reason": "fine"}).action_apply()


def check_stopped(stopped, other, answer, text):
    """Check that one order is released only, that it says so, and the other sold."""
    assert (stopped.state, stopped.hold_state) == ("sent", "released"), stopped.state
    assert (other.state, other.hold_state) == ("sale", "released"), other.state
    assert text in stopped.hold_banner, stopped.hold_banner
    assert stopped.name in answer["params"]["message"], answer
    assert other.name not in answer["params"]["message"], answer


def check_exceptions():
    """An order with an open exception is released; the other one is sold."""
    env["exception.rule"].sudo().create(
        {
            "name": "No reference",
            "model": "sale.order",
            "exception_type": "by_py_code",
            "code": "failed = obj.client_order_ref == 'odd'",
        }
    )
    partner = blocked_customer("Exceptional")
    stopped, other = held(partner), held(partner)
    stopped.client_order_ref = "odd"
    check_stopped(stopped, other, release(stopped | other), "No reference")
    stopped.client_order_ref = "even"
    stopped.action_confirm_or_hold()
    assert stopped.state == "sale", stopped.state


def check_risk():
    """An order of who is over OCA's risk limit is released; the other one is sold."""
    risky, safe = blocked_customer("Risky"), blocked_customer("Safe")
    risky.write({"risk_sale_order_include": True, "risk_sale_order_limit": 1})
    stopped, other = held(risky), held(safe)
    check_stopped(stopped, other, release(stopped | other), "risk")


def check_approval():
    """What waits for an approval is handed over, released, and sold once approved."""
    env["tier.definition"].sudo().create(
        {
            "name": "Approval",
            "model_id": env["ir.model"]._get("sale.order").id,
            "review_type": "individual",
            "reviewer_id": manager.id,
            "definition_domain": "[('client_order_ref', '=', 'asked')]",
        }
    )
    order = quotation(blocked_customer("Approved"))
    order.client_order_ref = "asked"
    order.request_validation()
    order.invalidate_recordset()
    other = held(order.partner_id)
    order.action_confirm_or_hold()
    assert order.hold_state == "held", order.hold_state
    text = "validation process is still open"
    check_stopped(order, other, release(order | other), text)
    order.validate_tier()
    order.action_confirm_or_hold()
    assert (order.state, order.hold_state) == ("sale", "released"), order.state


check_exceptions()
check_risk()
check_approval()
env.cr.rollback()
