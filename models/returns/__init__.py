"""What came back unpaid: read, matched, booked and taken back."""

from . import match_notes
from . import account_bank_statement_line
from . import account_document_import_mixin
from . import account_journal
from . import account_move
from . import account_move_line
from . import account_payment
from . import account_payment_return
from . import account_payment_return_candidate
from . import account_payment_return_discount
from . import account_payment_return_ledger
from . import account_payment_return_ledger_fee
from . import account_payment_return_left
from . import account_payment_return_line
from . import account_payment_return_line_fee
from . import account_payment_return_line_choice
from . import account_payment_return_match
from . import account_payment_return_notice
from . import account_payment_return_outcome
from . import account_payment_return_pair
from . import account_payment_return_partial
from . import account_payment_return_reason
from . import account_payment_return_takeover
from . import res_company
from . import res_config_settings
from . import res_partner
