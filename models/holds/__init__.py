"""The way of an order: asked, held, decided, resumed.

The steps know the facts before them, and each starts the next one; none goes back.
What stands around all of them comes last, and so is called first.
"""

from . import account_move
from . import base_automation
from . import credit_block
from . import credit_exposure
from . import mail_template
from . import res_company
from . import res_partner

# What is known of an order.
from . import sale_order_access
from . import sale_order_state
from . import sale_order_origin
from . import sale_order_verdict
from . import sale_order_fingerprint
from . import sale_order_reasons
from . import sale_order_hold

# Asked.
from . import sale_order_asking
from . import sale_order_refusal
from . import sale_order_entry
from . import sale_order_fixed
from . import sale_order_change

# Held.
from . import sale_order_hold_reason
from . import sale_order_hold_shown
from . import sale_order_hold_telling
from . import sale_order_holding

# Decided.
from . import sale_order_hold_guard
from . import sale_order_hold_deciding
from . import sale_order_hold_lift
from . import sale_order_hold_recheck
from . import sale_order_deciding
from . import sale_order_give_back

# Resumed.
from . import sale_order_hold_resume

# Where Odoo asks.
from . import payment_transaction
from . import payment_transaction_later
from . import sale_order
from . import sale_order_request
from . import sale_order_line
from . import sale_order_around

# What is not told of an order that is hidden.
from . import sale_report
from . import hidden
