"""A mail as it arrived: who sent it, and its files, byte for byte.

Odoo's gateway hands attachments of text over as text, read in the character set that
the mail names, or does not: lists of banks are often in another one. A file is known
again by its bytes.
"""

from dataclasses import dataclass, field

from odoo.tools import email_normalize
from odoo.tools.mail import decode_message_header

# What hangs on a mail beside files: logos, letters, cards, signatures, other mails,
# whose own attachments are read.
BESIDE = (
    "application/pdf",
    "application/pgp-signature",
    "application/pkcs7-signature",
    "application/x-pkcs7-signature",
    "image/",
    "message/",
    "text/calendar",
    "text/html",
    "text/vcard",
    "text/x-vcard",
)
# Certified mail (PEC) wraps the sender's mail: RFC 6109, 2.2.1 and 3.1.4.
PEC_HEADER, PEC_DATA = "X-Trasporto", "daticert.xml"


@dataclass(frozen=True, slots=True)
class BankMail:
    """What arrived in one mail.

    :ivar sender: normal address of who says he sent it; anybody can say so
    :ivar files: pairs of name and bytes; not in the log, where routes are told
    :ivar beside: names of what is no bank's file by its kind
    """

    sender: str
    subject: str
    files: tuple = field(repr=False)
    beside: tuple


def read(message):
    """Read a mail.

    :param message: ``email.message.EmailMessage``
    :return: a ``BankMail``
    """
    files, beside = [], []
    for part in message.walk():
        if not _is_attached(part):
            continue
        name = part.get_filename() or "attachment"
        if _is_beside(part):
            beside.append(name)
        else:
            files.append((name, part.get_payload(decode=True) or b""))
    return BankMail(
        sender=email_normalize(decode_message_header(_get_original(message), "From"))
        or "",
        subject=decode_message_header(message, "Subject"),
        files=tuple(files),
        beside=tuple(beside),
    )


def _get_original(message):
    """Return the mail inside of certified mail, whose sender is its provider."""
    if message[PEC_HEADER]:
        for part in message.walk():
            if part.get_content_type() == "message/rfc822":
                return part.get_payload(0)
    return message


def _is_attached(part):
    """Say whether a part is an attachment: core's gateway reads the rest as text."""
    if part.get_content_maintype() == "multipart":
        return False
    return bool(
        part.get_filename()
        or part.get_content_disposition() == "attachment"
        or part.get_content_type() not in ("text/plain", "text/html")
    )


def _is_beside(part):
    kind, name = part.get_content_type(), part.get_filename()
    return kind.startswith(BESIDE) or name == PEC_DATA
