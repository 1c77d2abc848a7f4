from . import test_account_payment_order
