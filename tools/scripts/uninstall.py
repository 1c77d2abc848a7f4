"""Uninstall the addon named in the arguments, as an administrator would."""

import sys

env = globals()["env"]

addon = env["ir.module.module"].search([("name", "=", sys.argv[1])])
addon.button_immediate_uninstall()
addon.invalidate_recordset()
if addon.state != "uninstalled":
    sys.exit(f"{addon.name} is still {addon.state}")
