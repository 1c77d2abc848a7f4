from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..reference_form import normal

# A receipt's number has ten digits: two of the year, and eight that never start anew.
RECEIPTS = "account.payment.receipt"
DIGITS, PREFIX = 10, "%(y)s"


class ResCompany(models.Model):
    _inherit = "res.company"  # pylint: disable=consider-merging-classes-inherited

    def _draw_receipt_numbers(self, count):
        """Return as many new numbers of receipts; branches share those of their head.

        An outcome names a receipt by its number alone: one that a payment has already,
        whoever entered it, is left out.

        :raises UserError: when somebody has changed the sequence into something else
        """
        numbers = []
        while len(numbers) < count:
            drawn = self._draw_ten_digits(count - len(numbers))
            taken = self._find_taken_numbers(drawn)
            numbers += [number for number in drawn if normal(number) not in taken]
        return numbers

    def _draw_ten_digits(self, count):
        """Return as many numbers of the sequence, whether payments have them or not."""
        sequence = self._get_receipt_sequence()
        numbers = self._draw(sequence, count)
        if any(len(text) > DIGITS or not text.isdecimal() for text in numbers):
            raise UserError(
                self.env._(
                    "“%(number)s” cannot be the number of a receipt: banks take ten"
                    " digits. Correct the sequence %(sequence)s.",
                    number=numbers[0],
                    sequence=sequence.name,
                )
            )
        return [text.zfill(DIGITS) for text in numbers]

    def _find_taken_numbers(self, numbers):
        """Return which numbers payments of the company's tree have, in normal form.

        Withdrawn ones too: the bank may tell of them yet.
        """
        payments = self.env["account.payment"].sudo()
        forms = {"end_to_end_id": set(map(normal, numbers))}
        known = self.env["account.payment.return.match"]._get_forms_domain(
            payments, forms
        )
        in_tree = Domain("company_id", "child_of", self.sudo().root_id.id)
        found = payments.search_fetch(known & in_tree, ["end_to_end_id"])
        return set(map(normal, found.mapped("end_to_end_id")))

    def _draw(self, sequence, count):
        """Return as many numbers of a sequence; as core, but all at once."""
        if sequence.implementation != "standard" or sequence.use_date_range:
            return [sequence.next_by_id() for _number in range(count)]
        rows = self.env.execute_query(
            SQL(
                "SELECT nextval(%s) FROM generate_series(1, %s)",
                f"ir_sequence_{sequence.id:03d}",
                count,
            )
        )
        return [sequence.get_next_char(number) for (number,) in rows]

    def _get_receipt_sequence(self):
        """Return the sequence of the company at the top, made when it is first asked.

        Whoever asks at the same time waits, and then starts again.
        """
        self.ensure_one()
        root = self.sudo().root_id
        sequences = self.env["ir.sequence"].sudo()
        domain = [("code", "=", RECEIPTS), ("company_id", "=", root.id)]
        sequence = sequences.search(domain, limit=1)
        if sequence:
            return sequence
        root._lock_rows()
        return sequences.create(
            {
                "name": self.env._("Receipts of %s", root.name),
                "code": RECEIPTS,
                "company_id": root.id,
                "implementation": "standard",
                "prefix": PREFIX,
                "padding": DIGITS - 2,
            }
        )

    def _lock_rows(self):
        """Change the rows, so that of two transactions only one goes on."""
        self.env.cr.execute(
            SQL("UPDATE res_company SET id = id WHERE id IN %s", tuple(self.ids))
        )
