"""The way of an order: asked, held, decided, resumed."""

from . import account_move
from . import mail_template
from . import payment_transaction
from . import res_partner
from . import sale_order
from . import sale_order_hand_over
from . import sale_order_hold
from . import sale_order_hold_lift
from . import sale_order_hold_queue
from . import sale_order_hold_reason
from . import sale_order_hold_recheck
from . import sale_order_hold_request
from . import sale_order_hold_resume
from . import sale_order_hold_shown
from . import sale_order_around
from . import sale_order_line
from . import sale_order_refusal
from . import sale_order_request
from . import sale_order_resume
from . import sale_order_shipping
from . import sale_order_shop
from . import sale_report
from . import hidden
