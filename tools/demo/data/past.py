"""What happened before the story: older returns, blocks by hand, quotations."""

from datetime import datetime, time
from itertools import groupby

from freezegun import freeze_time

from odoo import Command

from . import cast, company, people, trade
from .days import last_working_day, working_day

MORNING = time(8, 30)


def create_past(env, today):
    """Play what the cast did before the story, in the order of the days.

    Each day is lived on its own morning, for the dates of blocks and of mails.
    """
    events = [*_get_return_events(env, today), *_get_block_events(env, today)]
    events.sort(key=lambda event: event[0])
    env.flush_all()
    with freeze_time(today) as frozen:
        for day, play in events:
            frozen.move_to(datetime.combine(day, MORNING))
            play(day)
            env.flush_all()
    # Those mails went out in their time.
    env["mail.mail"].search([("state", "=", "outgoing")]).write({"state": "sent"})


def create_steady(env, today):
    """Collections that were paid: without them everything would have come back."""
    plan = [(days, steady) for days in cast.STEADY_DAYS for steady in cast.STEADY]
    values = [
        trade.prepare_invoice(
            env, steady.customer, trade.days_before(today, days + 34), steady.products
        )
        for days, steady in plan
    ]
    invoices = zip(plan, trade.post_invoices(env, values), strict=True)
    number = 100
    # Of one day, a bank collects all at once.
    for (days, bank), group in groupby(invoices, lambda pair: _get_run(*pair[0])):
        items = {
            steady.customer: trade.get_instalments(invoice)
            for (_days, steady), invoice in group
        }
        day = last_working_day(trade.days_before(today, days))
        trade.collect_each(env, items, day, number, bank)
        number += len(items)


def _get_run(days, steady):
    return days, steady.bank


def _get_return_events(env, today):
    """Each old return comes back on a day, and is perhaps paid on another one."""
    values = [
        trade.prepare_invoice(
            env,
            past.customer,
            trade.days_before(today, past.days_ago + 34),
            past.products,
        )
        for past in cast.PAST_RETURNS
    ]
    invoices = trade.post_invoices(env, values)
    for number, past in enumerate(cast.PAST_RETURNS):
        invoice = invoices[number]
        came_back = working_day(trade.days_before(today, past.days_ago))
        items = trade.get_instalments(invoice)
        collected = last_working_day(last_working_day(came_back))
        payment = trade.collect(
            env, past.customer, items, collected, 900 + number, past.bank
        )
        yield came_back, _returning(env, payment, past.reason)
        if past.paid_days_ago:
            paid = working_day(trade.days_before(today, past.paid_days_ago))
            yield paid, _paying(env, items)


def _returning(env, payment, code):
    """The accountant registers a return by hand and confirms it."""
    acting = people.acting(env, "accountant")
    reason = env["account.payment.return.reason"].search([("code", "=", code)], limit=1)

    def play(day):
        payment_return = acting["account.payment.return"].create(
            {
                "journal_id": payment.journal_id.id,
                "date": day,
                "line_ids": [
                    Command.create(
                        {
                            "payment_id": payment.id,
                            "reference": payment.end_to_end_id,
                            "amount": payment.amount,
                            "fee_amount": 4.5,
                            "reason_id": reason.id,
                        }
                    )
                ],
            }
        )
        payment_return.action_confirm()

    return play


def _paying(env, items):
    """The customer pays by bank transfer what came back."""
    method = company.get_method(company.get_bank(env))

    def play(day):
        trade.pay(people.acting(env, "accountant"), items, day, method)

    return play


def _get_block_events(env, today):
    """The credit manager blocks customers by the dialog."""
    acting = people.acting(env, "manager")
    for block in cast.HAND_BLOCKS:
        dialog_values = {
            "partner_ids": [Command.set(people.get_customer(env, block.customer).ids)],
            "level_id": env.ref(
                f"account_credit_block.credit_block_level_{block.level}"
            ).id,
            "reason": block.reason,
        }

        def play(_day, values=dialog_values):
            acting["credit.block.change"].create(values).action_apply()

        yield working_day(trade.days_before(today, block.days_ago)), play


def create_quotations(env):
    """Quotations that the salesperson entered before anybody was blocked."""
    acting = people.acting(env, "salesperson")
    for key, quantities in cast.QUOTATIONS:
        acting["sale.order"].create(
            {
                "partner_id": people.get_customer(env, key).id,
                "order_line": trade.prepare_order_lines(env, quantities),
            }
        )
