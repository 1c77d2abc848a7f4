from . import account_payment_return_left
from . import payment_return
