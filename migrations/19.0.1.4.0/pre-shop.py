"""What was about delivery and the shop is in addons of its own since.

They install themselves where delivery and the shop are. What they take over keeps its
columns, values and ids: it gets another owner before anything could be dropped.
"""

import logging

_logger = logging.getLogger(__name__)

ADDON = "account_credit_block"
DELIVERY = f"{ADDON}_delivery"
WEBSITE = f"{ADDON}_website_sale"
# Addon: what it joins ours to, and the external ids that it takes over.
OWNERS = {
    DELIVERY: (
        "delivery",
        (
            "field_res_company__credit_hold_shipping",
            "field_res_company__credit_hold_shipping_tolerance",
            "field_res_config_settings__credit_hold_shipping",
            "field_res_config_settings__credit_hold_shipping_tolerance",
            "field_sale_order__shipping_quote",
            "field_sale_order__shipping_rate_amount",
            "field_sale_order__shipping_rate_carrier_id",
            "field_sale_order__shipping_rate_currency_id",
            "selection__sale_order_hold_reason__code__shipping",
        ),
    ),
    WEBSITE: (
        "website_sale",
        (
            "field_res_company__credit_hold_web",
            "field_res_company__credit_hold_web_amount",
            "field_res_config_settings__credit_hold_web",
            "field_res_config_settings__credit_hold_web_amount",
            "selection__sale_order_hold_reason__code__web",
        ),
    ),
}
TEMPLATES = ("cart", "confirmation", "payment", "shop_ways_out")


def migrate(cr, version):
    """Hand over what has moved, and have the new owners installed."""
    for owner, (_beside, names) in OWNERS.items():
        _hand_over(cr, owner, names)
    for owner, (beside, _names) in OWNERS.items():
        if not _mark_to_install(cr, owner, beside):
            _logger.warning(
                "%s is not among the addons: its settings do not count until it is"
                " installed. Nothing of them is lost.",
                owner,
            )
            return
    # Only now: without their new owner they would be views that ask for what is gone.
    _hand_over_templates(cr)


def _hand_over(cr, owner, names):
    cr.execute(
        "UPDATE ir_model_data SET module = %s WHERE module = %s AND name IN %s",
        [owner, ADDON, tuple(names)],
    )


def _mark_to_install(cr, owner, beside):
    """Have an addon installed after this one, as Odoo does with those that are new.

    :return: whether it is there, or need not be
    """
    cr.execute(
        "SELECT name, state FROM ir_module_module WHERE name IN %s", [(owner, beside)]
    )
    states = dict(cr.fetchall())
    if states.get(beside) not in ("installed", "to upgrade", "to install"):
        return True
    cr.execute(
        "UPDATE ir_module_module SET state = 'to install'"
        " WHERE name = %s AND state = 'uninstalled'",
        [owner],
    )
    return states.get(owner) not in (None, "uninstallable")


def _hand_over_templates(cr):
    """Take along what somebody has changed of them for one website."""
    _hand_over(cr, WEBSITE, TEMPLATES)
    cr.execute(
        "UPDATE ir_ui_view SET key = REPLACE(key, %s, %s) WHERE key IN %s",
        [f"{ADDON}.", f"{WEBSITE}.", tuple(f"{ADDON}.{name}" for name in TEMPLATES)],
    )
    old, new = f"{ADDON}.shop_ways_out", f"{WEBSITE}.shop_ways_out"
    cr.execute(
        """
        UPDATE ir_ui_view
           SET arch_db = REPLACE(arch_db::text, %s, %s)::jsonb
         WHERE key LIKE %s AND arch_db::text LIKE %s
        """,
        [old, new, f"{WEBSITE}.%", f"%{old}%"],
    )
