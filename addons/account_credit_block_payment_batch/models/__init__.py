from . import account_payment
from . import account_payment_order
