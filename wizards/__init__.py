# What is told of files.
from . import import_notes

from . import account_move_reversal
from . import account_payment_register
from . import account_payment_return_choose
from . import account_payment_return_choose_row
from . import account_payment_return_decision
from . import account_payment_return_format_preview
from . import account_payment_return_import
from . import account_payment_return_import_each
from . import account_payment_return_import_arrived
from . import account_payment_return_import_outcomes
from . import account_payment_return_import_words
from . import account_payment_return_register
from . import account_payment_return_register_row
from . import base_partner_merge
from . import credit_block_change
from . import credit_block_rule_preview
from . import credit_block_rule_preview_line
from . import credit_tie_decision
from . import mail_compose_message
from . import payment_link_wizard
from . import sale_advance_payment_inv
from . import sale_order_hold_decision
