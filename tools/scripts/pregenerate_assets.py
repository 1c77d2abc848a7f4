"""Build the bundles of web assets now, so that no test run has to.

The order of addons in a bundle depends on who depends on whom, so ours are
counted in although they are not installed yet.
"""

import sys

env = globals()["env"]
env.registry._init_modules.update(sys.argv[1:])
env["ir.qweb"]._pregenerate_assets_bundles()
