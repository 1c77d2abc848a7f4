"""Check that ours and OCA's addons are both whole in one database."""

import sys

env = globals()["env"]

WANTED = ("payment.return", "account.payment.return", "credit.block")

missing = [model for model in WANTED if model not in env]
if missing:
    sys.exit(f"not in the registry: {', '.join(missing)}")
