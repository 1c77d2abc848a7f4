"""Write what a database consists of to a JSON file: kinds of things, and names.

Of external identifiers only those of the addons named in the arguments: core itself
leaves some of its own behind for every removed model that has a chatter.
"""

import json
import sys
from pathlib import Path

env = globals()["env"]

SCHEMA = {
    "tables and views": """
        SELECT c.relname FROM pg_class c
          JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname = 'public' AND c.relkind IN ('r', 'v', 'm', 'p', 'f')""",
    "columns": """
        SELECT table_name || '.' || column_name FROM information_schema.columns
         WHERE table_schema = 'public'""",
    "indexes": "SELECT indexname FROM pg_indexes WHERE schemaname = 'public'",
    "constraints": """
        SELECT r.relname || ': ' || c.conname FROM pg_constraint c
          JOIN pg_class r ON r.oid = c.conrelid
          JOIN pg_namespace n ON n.oid = r.relnamespace
         WHERE n.nspname = 'public'""",
    "triggers": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal",
    "functions": """
        SELECT p.proname FROM pg_proc p
          JOIN pg_namespace n ON n.oid = p.pronamespace
         WHERE n.nspname = 'public'""",
}
# Records that an addon's installation makes, and that its removal must delete.
MODELS = (
    "base.automation",
    "ir.actions.actions",
    "ir.asset",
    "ir.cron",
    "ir.model",
    "ir.model.access",
    "ir.model.fields",
    "ir.model.fields.selection",
    "ir.rule",
    "ir.ui.menu",
    "ir.ui.view",
    "mail.activity.type",
    "mail.message.subtype",
    "mail.template",
    "res.groups",
    "res.groups.privilege",
)


def _names(query):
    env.cr.execute(query)
    return sorted({row[0] for row in env.cr.fetchall()})


def _records(model):
    records = env[model].sudo().with_context(active_test=False).search([])
    # What a field is called may be another addon's word for it.
    names = (
        f"{record.model}.{record.name}"
        if model == "ir.model.fields"
        else record.display_name
        for record in records
    )
    pairs = zip(records.ids, names, strict=True)
    return sorted(f"{record_id} {name}" for record_id, name in pairs)


target, *addons = sys.argv[1:]
found = {kind: _names(query) for kind, query in SCHEMA.items()}
found |= {model: _records(model) for model in MODELS}
identifiers = env["ir.model.data"].sudo().search([("module", "in", addons)])
found["ir.model.data"] = sorted(identifiers.mapped("complete_name"))
Path(target).write_text(json.dumps(found, indent=1))
