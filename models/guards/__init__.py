"""Where a block or a limit stops a document that is no order."""

from . import account_move
from . import account_move_line
from . import account_move_terms
from . import base_automation
from . import credit_document_note
from . import credit_guard
from . import credit_guard_check
from . import credit_guard_suggestion
from . import mail_thread
from . import res_partner
