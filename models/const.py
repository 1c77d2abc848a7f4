"""What several rooms name: operations and policies, groups, and fields."""

# === THE GRID === #

# What the grid can be asked about; each is a `policy_<operation>` column of a level.
OPERATIONS = (
    "support",
    "quotation",
    "confirmation",
    "web_order",
    "delivery",
    "invoice",
)
# From the mildest to the strictest: the position is the strength.
POLICIES = ("allow", "warn", "hold", "forbid")
# Those that let nothing through by itself.
STOPPING = ("hold", "forbid")

# === GROUPS === #

# Who reads the accounting page of a contact.
ACCOUNTING_GROUPS = "account.group_account_invoice,account.group_account_readonly"
# Who reads amounts of the exposure.
CARD_GROUP = "account_credit_block.group_credit_user"

# === OF AN ORDER === #

# Where it names its contacts: who buys, who pays and who receives.
ORDER_CONTACTS = ("partner_id", "partner_invoice_id", "partner_shipping_id")

# === OF A CUSTOMER: WHAT MOVES IT === #

# Who a contact belongs to follows from these.
OWNER_FIELDS = {"parent_id", "is_company"}
