{
    "name": "Credit Block: Delivery",
    "summary": "Holds orders whose shipping cost was changed by hand",
    "version": "19.0.1.0.0",
    "category": "Accounting/Accounting",
    "license": "LGPL-3",
    "author": "Account Credit Block maintainers",
    "depends": [
        "account_credit_block",
        "delivery",
    ],
    "data": [
        "views/res_config_settings_views.xml",
        "views/sale_order_hold_views.xml",
    ],
    "auto_install": True,
    "post_init_hook": "post_init_hook",
}
