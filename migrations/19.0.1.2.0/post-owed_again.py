from odoo.api import SUPERUSER_ID, Environment


def migrate(cr, version):
    """Say of the returns in the books who owes them again, as of new ones."""
    env = Environment(cr, SUPERUSER_ID, {})
    lines = env["account.payment.return.line"]
    lines = lines.search(lines._get_came_back_domain(("confirmed", "cancelled")))
    known = [
        {
            "return_line_id": piece.return_line_id.id,
            "credit_amount_currency": piece.credit_amount_currency,
        }
        for piece in lines.undone_ids
    ]
    pieces = list(known)
    lines.undone_ids._add_on_account(lines, pieces)
    lines.undone_ids.create(pieces[len(known) :])
    env.add_to_compute(lines._fields["commercial_partner_id"], lines)
    lines.flush_recordset(["commercial_partner_id"])
