"""What is said of a return line: how its payment was found, or why it has none."""

from odoo.tools.translate import LazyTranslate

from .. import labels, said

_lt = LazyTranslate(__name__)


def _tell_doubt(env, data):
    """Tell a note after why the bank's file is not clear."""
    doubts = labels.get_labels(env["account.payment.return.line"], "doubt")
    return f"{doubts[data['doubt']]} {said.tell(env, data['note'])}"


said.add(
    {
        # Found, by the key of `match_rules`
        "match.end_to_end": _lt("Found by its end-to-end ID or receipt number."),
        "match.instruction": _lt("Found by its instruction ID."),
        "match.mandate": _lt("Found by its mandate and amount."),
        "match.named": _lt("Found by its reference in the bank's text, and amount."),
        "match.number": _lt("Found by the number of the payment."),
        "match.invoice": _lt("Found by the number or reference of the invoice."),
        "match.cut": _lt("Found by the beginning of its reference and amount."),
        "match.customer": _lt("Found by customer, amount and due date."),
        "match.batch": _lt("In the batch that the bank rejected."),
        "match.message": _lt("In the file that the bank rejected."),
        "match.taken_over": _lt("Taken over with its payment."),
        "match.provider": _lt("Named by the payment provider %(provider)s."),
        "match.fitting": _lt("Its payment can come back."),
        "match.again": _lt("Its payment is collected again."),
        # By a person
        "match.chosen": _lt("Chosen by %(user)s."),
        "match.set_aside": _lt("Set aside by %(user)s."),
        # To choose
        "match.doubt": _tell_doubt,
        "match.entries": _lt(
            "%(payment)s may have come back already: %(entries)s. Choose it only if "
            "this is another return."
        ),
        "match.by_hand": _lt(
            "%(payment)s is what the bank names, but a person put the same amount on "
            "another payment of the customer: %(returns)s. If that is the wrong one, "
            "cancel it and click Match; choose this one if both came back."
        ),
        "match.one": _lt("One payment may be it, without proof: choose it if it is."),
        "match.several": _lt("Several payments fit: choose the one that came back."),
        "match.found": _lt(
            "A payment was found: choose it if it came back, or set the line aside."
        ),
        "match.called": _lt(
            "%(payment)s may be it, but it was sent to the bank as %(own)s, and the "
            "bank tells of %(called)s: choose it only if it is that one."
        ),
        "match.amount": _lt(
            "No reference leads to a payment, but the amount does: choose the one "
            "that came back."
        ),
        "match.contradicted": _lt(
            "A reference leads to %(payment)s, but the bank names another "
            "customer: choose it if it is that one."
        ),
        # Not found
        "match.gone": _lt(
            "Its payment is not there any more: click Match, or choose another one."
        ),
        "match.alone": _lt(
            "The return that told the same is not there any more: click Match."
        ),
        "match.nothing": _lt(
            "The bank names nothing by which the payment could be found."
        ),
        "match.unnamed": _lt(
            "Choose the payment that came back, or enter its number as the reference."
        ),
        "match.unmatched": _lt("No payment found. Looked for: %(references)s."),
        "match.no_batch": _lt(
            "No payment was sent to the bank with the batch or file “%(reference)s”."
        ),
        "match.not_booked": _lt(
            "The online payment %(payment)s is not booked yet. It will be put here "
            "once it is."
        ),
        # Found, but it cannot come back
        "match.not_collected": _lt(
            "%(payment)s was found, but it is not collected: nothing can come back."
        ),
        "match.withdrawn": _lt(
            "%(payment)s was found, but it was withdrawn or cancelled: nothing can "
            "come back. Set the line aside, or choose the payment that came back."
        ),
        "match.other_company": _lt(
            "%(payment)s was found, but it is of %(company)s, which does not "
            "collect by this bank: register the return there."
        ),
        "match.spent": _lt("%(payment)s was found, but it already came back in full."),
        "match.too_much": _lt(
            "%(payment)s was found, but only %(available)s of it can come back."
        ),
        "match.refunded": _lt(
            "%(payment)s was given back already, %(amount)s by %(documents)s: the "
            "customer may have the money twice. Send the provider the proof of it, and "
            "set the line aside if it gives in. If the money is gone all the same, "
            "choose the payment: the customer owes it again."
        ),
        "match.no_collection": _lt(
            "%(name)s is not what a customer paid: choose the payment, or the bank "
            "transaction, that came back."
        ),
        "match.not_ours": _lt("The payment belongs to another company."),
        "match.not_posted": _lt("The payment is not posted."),
        "match.uncollected": _lt(
            "The payment is not collected: nothing can come back."
        ),
        "match.currency": _lt("The return is in %(currency)s, the payment is not."),
        "match.no_entry": _lt(
            "%(payment)s has no journal entry, and a bank transaction of another "
            "amount paid its invoices: choose that transaction as the one that "
            "came back."
        ),
        "match.came_back": _lt("This payment already came back in full."),
        "match.clash": _lt(
            "%(returns)s takes back the same payment: beside it only %(available)s "
            "can come back. Set this line aside if both are the same return."
        ),
        "match.excess": _lt(
            "%(amount)s came back, but only %(available)s can: correct the amount "
            "or choose another payment."
        ),
        "match.no_amount": _lt("The amount is missing."),
        "match.negative": _lt("The amount cannot be negative: enter what came back."),
        "match.only_in_full": _lt(
            "A payment without a journal entry can come back only in full."
        ),
        # Nothing to find
        "match.given_back": _lt("The payment provider gave the money back on %(day)s."),
        "match.paid": _lt("The bank says that it was paid: nothing came back."),
        "match.recalled": _lt(
            "The bank confirms that %(payment)s was withdrawn: nothing came back."
        ),
        "match.group": _lt(
            "The bank rejected all of it: its %(count)s collections are lines "
            "of their own."
        ),
        "match.group_known": _lt("Its collections are in %(name)s already."),
        "match.total": _lt(
            "By amount and day the total of %(count)s receipts of %(returns)s, which "
            "has each of them. Click Match Again if it is another return."
        ),
        "match.told": _lt("%(name)s tells of the same return already."),
        "match.line_known": _lt(
            "This line of the bank's message is in %(name)s already."
        ),
        "match.payment_known": _lt("The return of %(payment)s is in %(name)s already."),
    }
)
