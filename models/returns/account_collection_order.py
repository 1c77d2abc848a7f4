"""Orders that collect by a file for the bank, of whatever addon they are."""

import re
import unicodedata

from odoo import api, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import split_every

from ...parsers import pain008
from .. import acting, notification
from . import return_books

# So many at once: their files are held meanwhile.
AT_ONCE = 50
MAX_NAMED = 5


class AccountCollectionOrder(models.AbstractModel):
    """What an order has that sends collections to the bank in one file.

    A mixin for orders with a ``name``, a ``state``, a ``payment_type``, a
    ``payment_method_id`` and ``payment_ids``, which have ``payment_line_ids``: as in
    the addons that make SEPA direct debits. It fills in how the bank will call the
    payments, so that returns find them, and keeps what came back from being cancelled
    with its order.
    """

    _name = "account.collection.order"
    _description = "Order that Collects by a File"

    # === WHAT THE BANK CALLS THE PAYMENTS === #

    @api.model
    def _fill_in_uploaded(self):
        """Fill in the payments of the orders uploaded before; in sudo.

        :return: how many payments
        """
        orders = self.search(
            Domain("state", "=", "uploaded")
            & Domain("payment_type", "=", "inbound")
            & Domain("payment_ids", "any", [("collection_message_id", "=", False)])
        )
        count = 0
        for ids in split_every(AT_ONCE, orders.ids):
            count += len(self.browse(ids)._fill_in_collections())
            self.env.flush_all()
            self.env.invalidate_all()
        return count

    def _fill_in_collections(self):
        """Fill in what the bank's files call the payments, and nothing knows yet.

        As the file says that was made for the bank. Where there is none, as it would.

        :return: the payments of which something was filled in
        """
        debits = self.filtered(lambda order: order.payment_type == "inbound")
        files = debits._get_sent_files()
        filled = self.env["account.payment"]
        for order in debits:
            names = [(order._get_sent_name(p), p) for p in order.payment_ids]
            sent = _find_sent(files.get(order, ()), {_get_key(n) for n, _p in names})
            for name, payment in names:
                vals = order._prepare_collection(
                    payment, name, sent.get(_get_key(name))
                )
                new = {key: vals[key] for key in vals if vals[key] and not payment[key]}
                if new:
                    # Also on one that came back: people do not change those.
                    payment.sudo().write(new)
                    filled |= payment
        return filled

    def _prepare_collection(self, payment, name, sent):
        """Return how the bank will call a payment of this order.

        :param name: the end-to-end id that the addon gives it
        :param sent: what the file says of it (``pain008.Collection``), or None
        :return: dict of values
        """
        self.ensure_one()
        if sent:
            return {
                "end_to_end_id": sent.end_to_end_id,
                "collection_batch_id": sent.batch_id,
                "collection_message_id": sent.message_id,
                "mandate_reference": sent.mandate,
                "collection_due_date": sent.due,
            }
        if not self._is_direct_debit():
            return {}
        return {
            "end_to_end_id": name,
            "collection_batch_id": self._get_sent_batch(payment),
            "collection_message_id": self.name,
            "mandate_reference": self._get_mandate(payment),
            "collection_due_date": payment.payment_line_ids[:1].date,
        }

    def _is_direct_debit(self):
        """Whether the order is one of those of which a pain.008 is made."""
        # Of another addon, which need not be there.
        method = self.payment_method_id
        has_version = "pain_version" in method._fields
        return has_version and (method.pain_version or "").startswith("pain.008")

    def _get_mandate(self, payment):
        """Return the reference of the mandate that a payment is collected by."""
        # Of another addon, which need not be there.
        line = payment.payment_line_ids[:1]
        return "mandate_id" in line._fields and line.mandate_id.unique_mandate_reference

    def _get_sent_files(self):
        """Return the files made of these orders, the last one first.

        For the addon that has the orders; in one query.

        :return: dict from order to list of bytes
        """
        return {}

    def _get_sent_name(self, payment):
        """Return the end-to-end id that a payment has in the file.

        For the addon that has the orders.
        """
        return str(payment.id)

    def _get_sent_batch(self, payment):
        """Return the name of the batch of a payment, if the addon has kept it."""
        return ""

    # === GUARD === #

    def _check_none_came_back(self):
        """Raise UserError for orders of which a collection came back unpaid."""
        lines = return_books.find_came_back(self.payment_ids, "payment_id", limit=None)
        for order in self:
            payments = order.payment_ids
            taken = lines.filtered(lambda line, own=payments: line.payment_id in own)
            if taken:
                raise UserError(order._get_came_back_refusal(taken))

    def _get_came_back_refusal(self, lines):
        """Return why this order stays, of which some return lines took back a part."""
        names = sorted(set(lines.return_id.mapped("name")))
        more = "…" if len(names) > MAX_NAMED else ""
        return self.env._(
            "%(order)s stays as it is: of its collections, %(count)s came back unpaid,"
            " in the payment returns %(names)s. Cancel those returns first.",
            order=self.display_name,
            count=len(lines.payment_id),
            names=", ".join(names[:MAX_NAMED]) + more,
        )

    # === ACTIONS === #

    def action_fill_in_collections(self):
        """Fill in what the bank's files call the payments of uploaded orders.

        Again as often as one likes: what is there stays.

        :return: the action that tells how many there were
        :raises AccessError: to who is no credit manager, or may not see the orders
        """
        if not (acting.is_system(self.env) or acting.is_credit_manager(self.env)):
            raise AccessError(
                self.env._("Only a credit manager fills in the payments of orders.")
            )
        self.check_access("read")
        uploaded = self.sudo().filtered(lambda order: order.state == "uploaded")
        count = len(uploaded._fill_in_collections())
        return notification.tell(
            self.env._("Payments with new references of the bank: %s.", count),
            "success" if count else "info",
        )


def _find_sent(files, keys):
    """Return what the last file says that names some of the payments.

    :param files: as bytes, the last one first
    :param keys: of the end-to-end ids of the payments, see `_get_key`
    :return: dict from key to `Collection`
    """
    for data in files:
        sent = {_get_key(item.end_to_end_id): item for item in pain008.read(data)}
        if not keys.isdisjoint(sent):
            return sent
    return {}


def _get_key(text):
    """Return a reference in the letters that a bank takes, however one writes others.

    Its parts stay parts: batch 1, collection 11 is not batch 11, collection 1.
    """
    letters = unicodedata.normalize("NFKD", text or "").encode("ascii", "ignore")
    return re.sub(r"[^A-Za-z0-9]", "-", letters.decode())
