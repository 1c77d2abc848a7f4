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
        "data/ir_cron_data.xml",
    ],
}
