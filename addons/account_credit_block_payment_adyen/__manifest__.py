{
    "name": "Credit Block: Adyen",
    "summary": "Chargebacks of Adyen become payment returns",
    "version": "19.0.1.0.0",
    "category": "Accounting/Accounting",
    "license": "LGPL-3",
    "author": "Account Credit Block maintainers",
    "depends": [
        "account_credit_block",
        "payment_adyen",
    ],
    "data": [
        "data/account_payment_return_reason_data.xml",
    ],
    "auto_install": True,
}
