"""Who pays by Ri.Ba., and what the bank answers in its fixed width."""

import base64

from .data.company import SIA

RECORDS = 7  # of a receipt in the file
NO_FUNDS = "42010"


def present(tale):
    """The accountant hands open instalments to the bank: receipts and their file."""
    tale.page.chapter("Others pay by Ri.Ba.")
    accountant = tale.acting("accountant")
    items = _choose(tale)
    action = items.with_env(accountant).action_open_presentation()
    tale.presentation = accountant[action["res_model"]].browse(action["res_id"])
    tale.presentation.action_present()
    tale.reread()
    receipts = tale.presentation.payment_ids
    tale.page.table(
        ("receipt", "customer", "due", "EUR"),
        [
            (
                receipt.end_to_end_id,
                receipt.partner_id.name,
                f"{receipt.collection_due_date:%d/%m/%Y}",
                receipt.amount,
            )
            for receipt in receipts
        ],
    )
    tale.page.say(
        f"{tale.presentation.name}: {len(receipts)} receipts in "
        f"{tale.presentation.file_name}, for the bank."
    )
    tale.page.check(
        len(receipts) == len(items) and not sum(items.mapped("amount_residual")),
        f"{len(items)} instalments in receipts",
    )


def _choose(tale):
    """What is due later, of customers who owe nothing else."""
    items = tale.env["account.move.line"].search(
        [("is_to_present", "=", True)], order="date_maturity, id"
    )
    today = tale.env.company._get_credit_today()
    late = items.filtered(lambda item: item.date_maturity < today)
    return (items - late).filtered(lambda i: i.partner_id not in late.partner_id)[:3]


def answer(tale):
    """The bank's outcomes: one receipt comes back, and the debit for it."""
    lines = tale.presentation.line_ids
    receipt = lines[0].payment_id
    invoice = lines[0].move_id
    data = _write_outcomes(tale.presentation, receipt)
    (tale.folder / "esiti.txt").write_bytes(data)
    accountant = tale.acting("accountant")
    dialog = accountant["account.payment.return.import"]
    returned = dialog._import_files([("esiti.txt", data)])
    line = returned.line_ids
    tale.page.check(line.payment_id == receipt, "the outcome finds its receipt")
    returned.action_confirm()
    accountant["account.bank.statement.line"].create(
        {
            "journal_id": returned.journal_id.id,
            "payment_ref": f"INSOLUTO RI.BA. N. {receipt.end_to_end_id}",
            "amount": -line.amount - line.fee_amount,
            "date": returned.date,
        }
    )
    tale.reread()
    tale.page.say(
        f"The bank answers: {receipt.end_to_end_id} was not paid ({NO_FUNDS}). "
        f"{returned.name} opens {invoice.name} again; the bank's debit waits in Bank "
        "Debits to Check, one click away."
    )
    tale.page.check(
        invoice.amount_residual and returned.state == "confirmed",
        f"{invoice.name} open again",
    )


def _write_outcomes(presentation, receipt):
    """The bank's file: the receipt's records again, the banks the other way round."""
    content = base64.b64decode(presentation.with_context(bin_size=False).file)
    header, *body, trailer = content.decode("ascii").split("\r\n")[:-1]
    at = next(
        start
        for start in range(0, len(body), RECORDS)
        if body[start + 5][10:20] == receipt.end_to_end_id
    )
    first, *others = (
        f"{record[:3]}{1:07}{record[10:]}" for record in body[at : at + RECORDS]
    )
    ours, his = first[47:69], first[69:79]
    first = f"{first[:28]}{NO_FUNDS}{first[33:47]}{his}{'':12}{ours}{first[91:]}"
    abi = ours[:5]
    header, trailer = (
        f"{end[:3]}{abi}{SIA}{end[13:19]}{'ESITI':20}{end[39:]}"
        for end in (header, trailer)
    )
    cents = int(first[33:46])
    records = RECORDS + 2
    trailer = f"{trailer[:45]}{1:07}{cents:015}{0:015}{records:07}{trailer[89:]}"
    return "\r\n".join([header, first, *others, trailer, ""]).encode("ascii")
