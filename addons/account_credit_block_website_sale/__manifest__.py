{
    "name": "Credit Block: Website",
    "summary": "Holds orders of the website, and tells who may not order in the shop",
    "version": "19.0.1.0.0",
    "category": "Accounting/Accounting",
    "license": "LGPL-3",
    "author": "Account Credit Block maintainers",
    "depends": [
        "account_credit_block_delivery",
        "website_sale",
    ],
    "data": [
        "views/res_config_settings_views.xml",
        "views/sale_order_hold_views.xml",
        "views/website_sale_templates.xml",
    ],
    "assets": {
        "web.assets_tests": [
            "account_credit_block_website_sale/static/tests/tours/**/*",
        ],
    },
    "auto_install": True,
    "post_init_hook": "post_init_hook",
}
