{
    "name": "Credit Block",
    "summary": "Unpaid returns, credit blocks on customers and refused orders",
    "version": "19.0.1.0.0",
    "category": "Accounting/Accounting",
    "license": "LGPL-3",
    "author": "Account Credit Block maintainers",
    "depends": [
        "account",
        "sale_management",
        "delivery",
        "website_sale",
        "base_automation",
    ],
    "data": [
        # security
        "security/account_credit_block_groups.xml",
        "security/ir.model.access.csv",
        "security/account_credit_block_security.xml",
        # data
        "data/credit_block_level_data.xml",
        "data/account.payment.return.reason.csv",
        "data/ir_cron_data.xml",
        "data/ir_sequence_data.xml",
        "data/mail_activity_type_data.xml",
        "data/mail_template_data.xml",
        "data/base_automation_data.xml",
        # report
        "report/credit_customer_card_report.xml",
        # wizards
        "wizards/account_payment_return_choose_views.xml",
        "wizards/account_payment_return_import_views.xml",
        "wizards/credit_block_change_views.xml",
        "wizards/sale_order_hold_decision_views.xml",
        # views
        "views/account_journal_views.xml",
        "views/account_move_views.xml",
        "views/account_payment_return_line_views.xml",
        "views/account_payment_return_views.xml",
        "views/account_payment_views.xml",
        "views/account_portal_templates.xml",
        "views/credit_block_level_views.xml",
        "views/credit_block_views.xml",
        "views/credit_customer_card_templates.xml",
        "views/credit_customer_card_views.xml",
        "views/res_config_settings_views.xml",
        "views/res_partner_views.xml",
        "views/sale_order_hold_views.xml",
        "views/sale_order_views.xml",
        "views/sale_portal_templates.xml",
        "views/website_sale_templates.xml",
        "views/account_credit_block_menus.xml",
        "views/account_payment_return_reason_views.xml",
    ],
    "assets": {
        "web.assets_backend": [
            "account_credit_block/static/src/**/*",
        ],
        "web.assets_tests": [
            "account_credit_block/static/tests/tours/**/*",
        ],
    },
    "uninstall_hook": "uninstall_hook",
}
