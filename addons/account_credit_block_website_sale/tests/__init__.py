from . import test_confirmation_paths
from . import test_confirmation_paths_neighbours
from . import test_hold_reason_shipping
from . import test_hold_reason_terms
from . import test_sale_order_origin
from . import test_tour_shop
from . import test_website_sale
