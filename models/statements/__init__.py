"""What the bank's statement shows: which of its debits are returns, or meet one."""

from . import account_bank_statement_line
from . import account_bank_statement_line_told
from . import account_journal
from . import account_payment_return
from . import account_payment_return_debit
from . import account_payment_return_debit_book
from . import account_payment_return_debit_meeting
from . import account_payment_return_debit_rule
from . import account_payment_return_ledger
from . import account_payment_return_line
from . import account_payment_return_match
