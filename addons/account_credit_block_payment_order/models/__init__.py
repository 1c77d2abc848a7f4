from . import account_payment_order
