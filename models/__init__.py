from . import credit_block
from . import credit_block_level
from . import credit_verdict
from . import payment_transaction
from . import res_company
from . import res_config_settings
from . import res_partner
from . import sale_order
