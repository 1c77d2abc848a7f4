from . import credit_block
from . import credit_block_level
from . import credit_verdict
from . import res_company
from . import res_partner
