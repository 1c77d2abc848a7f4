"""What a customer owes or is about to owe, and how much he may."""

from . import account_move
from . import account_move_line
from . import account_payment
from . import account_payment_method_line
from . import account_payment_return_notice
from . import account_payment_term
from . import account_payment_term_line
from . import credit_exposure
from . import credit_exposure_lock
from . import credit_real_money
from . import payment_transaction
from . import res_partner
from . import sale_order
from . import sale_order_line
from . import sale_order_payment
from . import term_rank
