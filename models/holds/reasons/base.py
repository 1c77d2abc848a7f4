"""What every reason to hand an order over has in common."""

from dataclasses import dataclass, field

from odoo.exceptions import MissingError


@dataclass(frozen=True)
class HoldFinding:
    """One reason found on one order.

    :param code: the reason, a key of `sale.order.hold.reason.code`
    :param data: what its texts are made of, kept as JSON with the hold: ids, dates as
        text and numbers, never translated words
    :param forbids: nobody decides on the order, it is refused outright
    """

    code: str
    data: dict = field(default_factory=dict)
    forbids: bool = False


class HoldReason:
    """One reason to hold orders: a subclass of a few lines.

    An addon brings its own: `sale.order._get_hold_reasons` returns it among the others,
    and `sale.order.hold.reason.code` gets its key with `selection_add`.
    """

    #: key of `sale.order.hold.reason.code`
    code = ""
    #: its place: reasons are asked, and told, from the lowest to the highest
    sequence = 50
    #: of its tags, one of the colours of Odoo
    color = 0
    #: boolean field of `res.company` that asks for this reason
    switch = ""
    #: model of the records that the data names, by the key of their ids there
    named = {}
    #: paths from `sale.order`: what changes there is seen on a hold that is shown
    depends = ()
    #: fields of the customer that it asks about, read at once for all reasons
    reads = ()
    #: about the customer, not about how the order was entered
    is_about_customer = False
    #: asked again when a confirmed order changes, not only before confirming
    is_lasting = True

    def is_asked(self, company):
        """Say whether a company asks for this reason."""
        return company._get_credit_setting(self.switch)

    def find(self, orders, found, running=False):
        """Return a dict from order to its `HoldFinding`, of the orders concerned.

        Queries grow with nothing that grows with the orders.

        :param orders: `sale.order` records in sudo, all of one company that asks for
            this reason, quotations or confirmed
        :param dict found: order to list of findings of the reasons before this one
        :param running: the orders are confirmed together: each counts those before it
        """
        raise NotImplementedError

    def read_named(self, env, datas):
        """Read at once what the texts of many data need."""
        for key, model in self.named.items():
            ids = set()
            for data in datas:
                ids |= set(env[model].browse(data.get(key)).ids)
            env[model].sudo().browse(ids).exists().mapped("display_name")

    def get_named(self, env, data, key):
        """Return the record of a key of the data, in sudo; empty if it is gone."""
        record = env[self.named[key]].sudo().browse(data[key])
        try:
            record.mapped("display_name")
        except MissingError:
            return record.browse()
        return record

    def get_text(self, env, data):
        """Return a translated sentence for any employee: never an exposure amount."""
        raise NotImplementedError

    def get_detail(self, env, data):
        """Return a translated sentence for who decides, with the amounts."""
        return self.get_text(env, data)

    def get_short(self, env, data):
        """Return a few translated words for who decides, with the amount if any."""
        return self.get_detail(env, data)

    def is_covered(self, data, released):
        """Say whether a decision on ``released`` data still covers what is found now.

        The order itself is compared by its fingerprint, not here.
        """
        return True
