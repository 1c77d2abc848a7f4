{
    "name": "Credit Block: Debit Orders in Batches",
    "summary": "Returns find the collections of OCA's debit orders with batches",
    "version": "19.0.1.0.0",
    "category": "Accounting/Accounting",
    "license": "LGPL-3",
    "author": "Account Credit Block maintainers",
    "depends": [
        "account_credit_block",
        "account_payment_batch_oca",
    ],
    "data": [
        "views/account_payment_order_views.xml",
    ],
    "auto_install": True,
    "post_init_hook": "post_init_hook",
}
