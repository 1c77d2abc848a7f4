"""What is shown of all this: cards, histories, reports."""

from . import account_payment_return_report
from . import credit_block
from . import credit_customer_card
from . import credit_customer_history
from . import credit_exposure_report
from . import digest_digest
from . import res_partner
from . import sale_order_hold_reason
from . import sale_order_hold_figures
from . import sale_order_hold_report
from . import sale_order_hold
