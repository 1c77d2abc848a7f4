"""Make the demo's data in a database that has the addon and nothing else.

Run by ``tools/launcher/run-script``, which gives ``env`` and commits.
"""

from datetime import date

from demo.data import cast, company, past, people, trade
from demo.data.days import Days


def main(env):
    """Make everything that is there before the story begins."""
    today = date.today()
    _set_addresses(env)
    people.load_languages(env)
    company.set_up(env)
    people.create_users(env)
    people.create_customers(env)
    people.set_credit_limits(env)
    people.create_shopper(env)
    trade.create_products(env)
    trade.create_terms(env)
    past.create_quotations(env)
    past.create_steady(env, today)
    past.create_past(env, today)
    _create_open_invoices(env, today)
    _create_collections(env, Days.ending_before(today))
    _keep_mails(env)


def _set_addresses(env):
    """Links lead to where ``make serve`` answers; invoices carry none to terms."""
    parameters = env["ir.config_parameter"]
    parameters.set_param("web.base.url", "http://127.0.0.1:8069")
    parameters.set_param("web.base.url.freeze", "True")
    parameters.set_param("account.use_invoice_terms", False)


def _create_open_invoices(env, today):
    values = [
        trade.prepare_invoice(env, key, trade.days_before(today, days), quantities)
        for key, days, quantities in cast.OPEN_INVOICES
    ]
    trade.post_invoices(env, values)


def _create_collections(env, days):
    """The invoices of the story, and the direct debits that collect them."""
    issued = trade.days_before(days.settled, 30)
    values = [
        trade.prepare_invoice(env, collection.customer, issued, quantities, term)
        for collection in cast.COLLECTIONS
        for quantities, term in collection.invoices
    ]
    invoices = iter(trade.post_invoices(env, values))
    for number, collection in enumerate(cast.COLLECTIONS, start=1):
        own = env["account.move"].union(
            *(next(invoices) for _invoice in collection.invoices)
        )
        items = trade.first_instalments(own)
        trade.collect(env, collection.customer, items, days.sent, number)


def _keep_mails(env):
    """There is no mail server: leave the mails in the queue, to be looked at."""
    env.ref("mail.ir_cron_mail_scheduler_action").active = False


main(globals()["env"])
