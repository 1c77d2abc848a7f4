"""What is handed to a bank to be collected: receipts, and their presentation."""

from . import account_collection_order
from . import account_journal
from . import account_move
from . import account_move_line
from . import account_payment
from . import account_payment_method
from . import account_payment_presentation
from . import account_payment_presentation_cancel
from . import account_payment_presentation_line
from . import account_payment_presentation_line_riba
from . import account_payment_presentation_present
from . import account_payment_presentation_riba
from . import account_payment_return_outcome
from . import credit_unfit_number
from . import res_company
from . import res_partner
from . import res_partner_bank
