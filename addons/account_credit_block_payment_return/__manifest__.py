{
    "name": "Credit Block: OCA's Payment Returns",
    "summary": "What came back is booked once, in one of the two addons",
    "version": "19.0.1.0.0",
    "category": "Accounting/Accounting",
    "license": "LGPL-3",
    "author": "Account Credit Block maintainers",
    "depends": [
        "account_credit_block",
        "account_payment_return",
    ],
    "data": [
        "views/payment_return_views.xml",
    ],
    "auto_install": True,
}
