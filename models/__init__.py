from . import account_bank_statement_line
from . import account_move
from . import account_move_line
from . import account_payment
from . import account_payment_method_line
from . import account_payment_return
from . import account_payment_return_fee
from . import account_payment_return_ledger
from . import account_payment_return_line
from . import account_payment_return_match
from . import account_payment_return_notice
from . import account_payment_return_partial
from . import account_payment_return_reason
from . import credit_block
from . import credit_block_level
from . import credit_exposure
from . import credit_exposure_lock
from . import credit_verdict
from . import hold_reason_limit
from . import payment_transaction
from . import res_company
from . import res_config_settings
from . import res_partner
from . import sale_order
<<<<<<< HEAD
from . import sale_order_hand_over
from . import sale_order_hold
from . import sale_order_hold_reason
from . import sale_order_line
from . import sale_report
=======
>>>>>>> exposure
