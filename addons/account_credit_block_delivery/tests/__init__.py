from . import test_goods_and_shipping
from . import test_hidden_dialog
from . import test_hold_reason_shipping
from . import test_invoice_of_shipping
