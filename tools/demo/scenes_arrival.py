"""Last part: what comes by itself, and what of it a person has to look at."""

from email.message import EmailMessage

from .data import people

DOMAIN = "officine-demo.example"
BANK = "esiti@bank.example"
STRANGER = "fatture@elsewhere.example"


def receive(tale):
    """The bank sends its files by mail; what cannot be imported waits for a person."""
    tale.page.chapter("Files come by mail")
    company = tale.env.company
    tale.env["mail.alias.domain"].create({"name": DOMAIN})
    company.credit_arrival_alias_name = "insoluti"
    company.credit_arrival_senders = BANK
    company.credit_arrival_user_id = people.get_user(tale.env, "accountant")
    name, data = tale.messages[0]
    _send(tale, "Esiti del giorno", (name, data))
    _send(tale, "Esiti del giorno", ("esiti-parziale.xml", data[: len(data) // 2]))
    _send(tale, "Insoluti", ("insoluti.csv", b"Codice;Note\n1;x\n"), sender=STRANGER)
    _send(tale, "Il tuo rendiconto e' disponibile online")
    arrivals = tale.env["account.payment.return.arrival"].search([], order="id")
    for arrival in arrivals.filtered(lambda each: each.state == "arrived"):
        arrival._import()
    tale.reread()
    states = dict(arrivals._fields["state"]._description_selection(tale.env))
    tale.page.table(
        ("from", "file", "status"),
        [(each.sender, each.name, states[each.state]) for each in arrivals],
    )
    tale.page.check(
        arrivals.mapped("state") == ["done", "waiting", "waiting", "waiting"],
        "one file known already, three mails to look at, nothing lost",
    )


def _send(tale, subject, *files, sender=BANK):
    """Hand a mail to Odoo's gateway, as a mail server does."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, f"insoluti@{DOMAIN}", subject
    mail.set_content("Buongiorno, in allegato gli esiti.\n" if files else subject)
    for name, data in files:
        mail.add_attachment(
            data, maintype="application", subtype="octet-stream", filename=name
        )
    tale.env["mail.thread"].message_process(False, mail.as_bytes())
