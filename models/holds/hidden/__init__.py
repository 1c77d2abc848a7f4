"""What is not told of an order that is hidden until it is decided."""

# What others inherit from comes first.
from . import credit_hidden_mixin
from . import base
from . import ir_attachment
from . import ir_binary
from . import mail_activity
from . import mail_followers
from . import mail_message
from . import mail_notification
from . import mail_scheduled_message
from . import payment_transaction
from . import sale_order
from . import sale_order_hold
from . import sale_order_line
from . import utm_campaign
