"""Who is blocked, since when and why; what blocks and lifts by itself."""

from . import block_reasons
from . import account_bank_statement_line
from . import account_move
from . import account_move_line
from . import account_partial_reconcile
from . import account_payment_return
from . import account_payment_return_line
from . import account_payment_return_outcome
from . import account_payment_return_takeover
from . import credit_block
from . import credit_block_evaluation
from . import credit_block_evaluation_statement
from . import credit_block_in_force
from . import credit_block_level
from . import credit_block_follow
from . import credit_block_rule
from . import credit_block_rule_words
from . import credit_tie
from . import res_company
from . import res_partner
from . import res_partner_exemption
from . import res_partner_follow
from . import res_partner_tie
from . import tax_key
