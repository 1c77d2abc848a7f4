from . import account_payment_return_choose
from . import account_payment_return_choose_row
from . import account_payment_return_import
from . import base_partner_merge
from . import choose_delivery_carrier
from . import credit_block_change
from . import sale_advance_payment_inv
from . import sale_order_hold_decision
