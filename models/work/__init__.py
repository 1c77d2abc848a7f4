"""What an office does about what came back: a list of steps, and who is told."""

from . import account_payment_return
from . import account_payment_return_line
from . import account_payment_return_task
from . import account_payment_return_task_step
from . import account_payment_return_task_telling
from . import mail_activity
from . import res_partner_bank
