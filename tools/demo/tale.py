"""What the scenes of the story share."""

from .data import cast, company, people
from .data.days import Days

UNPAID = tuple(c for c in cast.COLLECTIONS if c.outcome != "paid")


class Tale:
    """The database, the page, and what the scenes leave to the next ones."""

    def __init__(self, env, page, folder):
        self.env = env
        self.page = page
        self.folder = folder
        self.payments = self._find_payments()
        self.days = Days.starting_on(self.payments["galli"].date)
        self.messages = []
        self.returns = env["account.payment.return"]
        self.duplicates = env["account.payment.return"]
        self.residuals = {}
        self.orders = {}
        self.presentation = env["account.payment.presentation"]

    def _find_payments(self):
        """The payment of each collection, by customer."""
        method = company.get_method(company.get_bank(self.env), company.SDD_METHOD)
        payments = self.env["account.payment"].search(
            [("payment_method_line_id", "=", method.id)], order="date, id"
        )
        last = payments.filtered(lambda p: p.date == payments[-1].date)
        keys = [collection.customer for collection in cast.COLLECTIONS]
        return dict(zip(keys, last, strict=True))

    def acting(self, key):
        """The environment of a role's user, without superuser rights."""
        return people.acting(self.env, key)

    def reread(self):
        """Forget what is in memory: the next figures come from the database."""
        self.env.flush_all()
        self.env.invalidate_all()

    def customer(self, key):
        """The partner of a customer."""
        return people.get_customer(self.env, key)

    def line_of(self, key):
        """The line of the customer's return."""
        return self.returns.line_ids.filtered(
            lambda line: line.partner_id == self.customer(key)
        )
