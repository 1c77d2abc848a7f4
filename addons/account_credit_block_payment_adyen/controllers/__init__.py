from . import payment_adyen
