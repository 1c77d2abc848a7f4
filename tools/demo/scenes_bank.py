"""First part of the story: what goes to the bank, and what comes back."""

from . import bank, pain008
from .data import cast
from .tale import UNPAID

REPORTS = ("pain.002", "camt.054")
STATEMENT = "camt.053"


def send(tale):
    """The direct debits go to the bank in a file; days pass; its answers arrive."""
    tale.page.chapter("The direct debits go to the bank")
    payments = tale.env["account.payment"].union(*tale.payments.values())
    data = pain008.write(payments, tale.days)
    accepted, rejected, tale.messages = bank.collect(data, tale.days)
    _keep_files(tale, [("pain.008.xml", data), *tale.messages])
    total = sum(payments.mapped("amount"))
    tale.page.say(
        f"pain.008 of {tale.days.sent:%d/%m/%Y}: {len(payments)} collections of "
        f"{total:,.2f} EUR. The simulated bank (mock-bank) accepts {accepted} and "
        f"rejects {rejected}; two days later it has taken some of the others back."
    )
    tale.page.say(f"Its files are kept in {tale.folder}")
    wanted = [c for c in cast.COLLECTIONS if c.outcome == "rejected"]
    tale.page.check(rejected == len(wanted), f"{len(wanted)} rejected collections")
    for kind in (*REPORTS, STATEMENT):
        tale.page.check(_choose(tale, kind), f"an answer of the bank: {kind}")


def _keep_files(tale, files):
    tale.folder.mkdir(parents=True, exist_ok=True)
    for old in tale.folder.glob("*.xml"):
        old.unlink()
    for name, data in files:
        (tale.folder / name).write_bytes(data)


def _choose(tale, *kinds):
    return [file for file in tale.messages if file[0].startswith(kinds)]


def import_reports(tale):
    """The accountant drops the reports of the bank in the import dialog."""
    tale.page.chapter("The accountant imports the bank's reports")
    files = _choose(tale, *REPORTS)
    tale.returns = _import(tale, files)
    tale.reread()
    _print_imported(tale, files, tale.returns, "matched")
    lines = tale.returns.line_ids
    matched = lines.filtered(lambda line: line.match_state == "matched")
    wanted = tale.env["account.payment"].union(
        *(tale.payments[collection.customer] for collection in UNPAID)
    )
    tale.page.say(
        f"{len(files)} files read, {len(lines)} returned collections found, "
        f"{len(matched)} matched with their payments."
    )
    tale.page.check(
        len(matched) == len(UNPAID) and matched.payment_id == wanted,
        f"{len(UNPAID)} lines matched with the payments that came back",
    )
    for collection in UNPAID:
        codes = tale.line_of(collection.customer).mapped("reason_id.code")
        tale.page.check(
            codes == [collection.reason],
            f"reason {collection.reason} of {tale.customer(collection.customer).name}",
        )


def import_statements(tale):
    """The daily statements tell the same returns again: nothing is booked twice."""
    tale.page.chapter("The account statements tell the same returns again")
    files = _choose(tale, STATEMENT)
    tale.duplicates = _import(tale, files)
    tale.reread()
    _print_imported(tale, files, tale.duplicates, "duplicate")
    known = [c for c in UNPAID if c.outcome == "returned"]
    lines = tale.duplicates.line_ids
    again = lines.filtered(lambda line: line.match_state == "duplicate")
    tale.page.say(
        f"{len(again)} of {len(lines)} recognised as known and set aside: nothing will "
        "be booked twice."
    )
    tale.page.check(
        len(again) == len(lines) == len(known)
        and again.duplicate_line_id <= tale.returns.line_ids,
        f"{len(known)} lines of the statements recognised as duplicates",
    )


def _import(tale, files):
    dialog = tale.acting("accountant")["account.payment.return.import"]
    returns = dialog._import_files(files)
    return returns.with_env(tale.env).sorted("date")


def _print_imported(tale, files, returns, state):
    rows = []
    for name, _data in files:
        own = returns.filtered(lambda r, name=name: r.file_name == name)
        lines = own.line_ids
        rows.append(
            (
                name,
                ", ".join(own.mapped("name")) or "nothing unpaid in it",
                len(lines),
                len(lines.filtered(lambda line: line.match_state == state)),
                float(sum(lines.mapped("amount"))),
            )
        )
    tale.page.table(("file", "payment return", "lines", state, "EUR"), rows)
