"""The simulated bank: PyPI's ``mock-bank``, spoken to over HTTP like a real one.

It takes the file of direct debits and answers with a status report (pain.002) for
what it rejects at once, notifications (camt.054) and daily statements (camt.053) in
which the returns of the following days are.
"""

import contextlib
import json
import threading
import urllib.request
from datetime import datetime, time, timedelta

import mockbank

from .data import cast

OPENING = time(9)
# How an account of the bank makes it answer; see mock-bank's table of behaviours.
REJECTING = {"AM04": "insufficient-funds", "AC04": "closed-account"}


class Bank:
    """A client of the running bank."""

    def __init__(self, port):
        self.url = f"http://127.0.0.1:{port}"
        # No proxy between us and our own machine.
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def call(self, method, path, body=None):
        """Call the bank; return what it answers, decoded."""
        data = json.dumps(body).encode() if isinstance(body, dict) else body
        request = urllib.request.Request(self.url + path, data, method=method)
        with self.opener.open(request, timeout=30) as response:
            return json.loads(response.read())

    def open_accounts(self):
        """Open the company's account, and those of debtors that will not pay."""
        self._open("OFFICINE", cast.COMPANY["name"], cast.COMPANY_IBAN)
        for collection in cast.COLLECTIONS:
            if collection.outcome != "paid":
                customer = cast.CUSTOMER_BY_KEY[collection.customer]
                behaviour = _get_behaviour(collection)
                self._open(
                    customer.key.upper(), customer.name, customer.iban, behaviour
                )

    def _open(self, key, name, iban, behaviour=None):
        account = {"id": key, "name": name, "iban": iban, "bic": cast.COMPANY_BIC}
        self.call("POST", "/_mock/accounts", {**account, **(behaviour or {})})

    def send(self, data):
        """Send a file; return how many collections were accepted and rejected."""
        answer = self.call("POST", "/payments", data)
        return answer["accepted"], answer["rejected"]

    def wait_until(self, day):
        """Let the bank's days pass."""
        self.call("POST", f"/_mock/advance?to={day.isoformat()}")

    def get_messages(self):
        """Take the messages out of the mailbox: pairs of file name and bytes."""
        own = [
            message
            for message in self.call("GET", "/_mock/mailbox")
            if message["account"] in (None, "OFFICINE")
        ]
        return [
            (f"{message['type']}-{number}.xml", message["body"].strip().encode())
            for number, message in enumerate(own, start=1)
        ]


def _get_behaviour(collection):
    """What makes the bank refuse a collection from this account."""
    if collection.outcome == "rejected":
        return {"behaviour": REJECTING[collection.reason]}
    parameters = {"days": collection.after, "reason": collection.reason}
    return {"behaviour": "return-later", "parameters": parameters}


@contextlib.contextmanager
def open_bank(day):
    """A bank that opens on the morning of a day, on a free port, for a while."""
    start = datetime.combine(day, OPENING).isoformat(timespec="minutes")
    config = mockbank.Config(port=0, clock=start, quiet=True)
    server = mockbank.make_server(config)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        bank = Bank(server.server_port)
        bank.open_accounts()
        yield bank
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def collect(data, days):
    """Send a file of direct debits and take all that the bank answers.

    :param data: the file
    :param days: the ``Days`` of the story
    :return: numbers of accepted and rejected collections, list of (name, bytes)
    """
    with open_bank(days.sent) as bank:
        accepted, rejected = bank.send(data)
        bank.wait_until(days.last + timedelta(days=1))
        return accepted, rejected, bank.get_messages()
