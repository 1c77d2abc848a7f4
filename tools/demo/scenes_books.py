"""Second part: one click, and the books, the mails and the blocks are right."""

from .tale import UNPAID


def confirm(tale):
    """The accountant confirms: the only thing a person does."""
    tale.page.chapter("The accountant confirms")
    tale.residuals = {
        collection.customer: _get_residuals(tale, collection.customer)
        for collection in UNPAID
    }
    accountant = tale.acting("accountant")
    tale.returns.with_env(accountant).action_confirm()
    tale.reread()
    confirmed = tale.returns.filtered(lambda r: r.state == "confirmed")
    tale.page.say(
        f"{', '.join(confirmed.mapped('name'))} confirmed by {accountant.user.name}."
    )
    tale.page.check(confirmed == tale.returns, "all returns confirmed")


def _get_residuals(tale, key):
    """What is open of each invoice that the customer's payment paid."""
    invoices = tale.payments[key].reconciled_invoice_ids.sorted("name")
    return {invoice: invoice.amount_residual for invoice in invoices}


def show_entries(tale):
    """One entry a return: receivable in debit, the collections' account in credit."""
    tale.page.chapter("In the books: one entry a return")
    for payment_return in tale.returns:
        _show_entry(tale, payment_return)


def _show_entry(tale, payment_return):
    move = payment_return.move_ids
    items = move.line_ids.sorted(lambda item: (-item.balance, item.id))
    tale.page.say(f"{payment_return.name}: {move.name} of {move.date:%d/%m/%Y}")
    tale.page.table(
        ("account", "customer", "debit", "credit"),
        [
            (
                f"{item.account_id.code} {item.account_id.name}",
                item.partner_id.name or "",
                item.debit or None,
                item.credit or None,
            )
            for item in items
        ],
    )
    owed = items.filtered(lambda i: i.account_id.account_type == "asset_receivable")
    came_back = sum(payment_return.line_ids.mapped("amount"))
    zero = move.company_currency_id.is_zero
    tale.page.check(
        len(move) == 1
        and move.state == "posted"
        and zero(sum(items.mapped("balance")))
        and zero(sum(owed.mapped("debit")) - came_back),
        f"balanced entry of {came_back:.2f} for {payment_return.name}",
    )


def show_invoices(tale):
    """Each returned payment opened its invoices again, by what came back."""
    tale.page.chapter("Invoices open again")
    rows = []
    for collection in UNPAID:
        line = tale.line_of(collection.customer)
        before = tale.residuals[collection.customer]
        reopened = 0.0
        for invoice, residual in before.items():
            reopened += invoice.amount_residual - residual
            rows.append(_get_invoice_row(invoice, residual))
        tale.page.check(
            line.currency_id.is_zero(reopened - line.amount)
            and line.invoice_ids == tale.env["account.move"].union(*before),
            f"invoices of {line.partner_id.name} open again for {line.amount:.2f}",
        )
    tale.page.table(("invoice", "customer", "total", "open before", "open now"), rows)
    opened = sum(after - before for *_head, before, after in rows)
    tale.page.say(f"{len(rows)} invoices are open again for {opened:,.2f} EUR.")


def _get_invoice_row(invoice, before):
    return (
        invoice.name,
        invoice.partner_id.name,
        invoice.amount_total,
        float(before),
        invoice.amount_residual,
    )


def show_mails(tale):
    """One mail a customer and return waits in the queue."""
    tale.page.chapter("Mails to the customers")
    notices = tale.returns.notice_ids
    mails = notices.mail_id
    tale.page.table(
        ("to", "subject"),
        [(", ".join(m.recipient_ids.mapped("email")), m.subject) for m in mails],
    )
    for collection in UNPAID:
        customer = tale.customer(collection.customer)
        own = mails.filtered(lambda m, c=customer: c in m.recipient_ids)
        tale.page.check(
            len(own) == 1 and own.state == "outgoing",
            f"one mail in the queue for {customer.name}",
        )
    tale.page.say(
        f"{len(mails)} mails in the queue. No mail server is set up here, so they stay "
        "there; they can be read on the returns."
    )


def show_blocks(tale):
    """Whose fault it was is blocked; who merely gave a wrong IBAN is not."""
    tale.page.chapter("Customers blocked, by themselves")
    rows = []
    for collection in UNPAID:
        customer = tale.customer(collection.customer)
        blocks = customer.credit_block_ids.filtered(lambda b: b.state == "in_force")
        reason = tale.line_of(collection.customer).reason_id
        why = blocks.reason or "not blocked, this reason is not the customer's default"
        rows.append((customer.name, blocks.level_id.name or "-", reason.code, why))
        is_right = (
            blocks.level_id == tale.env.company.credit_block_return_level_id
            and blocks.mapped("origin") == ["return"]
            if collection.is_default
            else not blocks
        )
        tale.page.check(is_right, f"the right block of {customer.name}")
    tale.page.table(("customer", "level", "reason", "why"), rows)
