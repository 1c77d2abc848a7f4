"""The links of the chain, each a room that knows only the rooms before it.

The order of the imports is the order of overrides: of two rooms that extend the same
method of Odoo, the later one is called first, and asks the earlier one by ``super()``.
So an order is stopped before a guard is asked, and that before a return is looked at.
"""

# What others inherit from comes first.
from . import credit_defaults
from . import credit_entry_guard
from . import credit_reach
from . import credit_entered
from . import credit_document
from . import credit_empty_list
from . import credit_setting
from . import credit_shared
from . import credit_shipped
from . import ir_attachment
from . import ir_default
from . import mail_message
from . import res_company
from . import res_company_head_office
from . import res_company_today
from . import res_config_settings
from . import res_users
from . import returns
from . import collections
from . import credit
from . import statements
from . import blocks
from . import guards
from . import holds
from . import work
from . import screens
