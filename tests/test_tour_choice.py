from odoo.fields import Command
from odoo.tests import tagged

from .test_tour import TourCommon


class ChoiceTourCommon(TourCommon):
    """A draft return: a line to find, one of nobody that is known, one matched."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.wanted = cls._collect(cls.customer, 240.0)
        cls.foreign = cls._collect(cls.other_customer, 90.0)
        known = cls._collect(cls.customer, 55.0)
        cls.returned = cls.env["account.payment.return"].create(
            {
                "journal_id": cls.bank.id,
                "line_ids": [
                    Command.create(
                        {
                            "partner_name": "ROSSI IMPIANTI",
                            "amount": 230,
                            "reference": "1",
                        }
                    ),
                    Command.create(
                        {"partner_name": "Neri Sas", "amount": 80, "reference": "2"}
                    ),
                    Command.create({"payment_id": known.id, "amount": 55}),
                ],
            }
        )
        cls.returned.action_match()
        cls.found, cls.unknown, cls.matched = cls.returned.line_ids

    def _start(self, tour):
        address = f"/odoo/payment-returns/{self.returned.id}"
        self.start_tour(address, tour, login="acb_credit_user")


@tagged("post_install", "-at_install")
class TestTourChoice(ChoiceTourCommon):
    def test_a_draft_is_decided(self):
        self._start("credit_return_choice")
        self.assertEqual(self.found.payment_id, self.wanted)
        self.assertEqual(self.found.match_note, "Chosen by Test credit_user.")
        self.assertEqual(self.unknown.payment_id, self.foreign)
        self.assertEqual(self.unknown.partner_id, self.other_customer)
        self.assertEqual(set(self.returned.line_ids.mapped("match_state")), {"matched"})

    def test_the_dialog_shows_all_that_may_be_it(self):
        self._start("credit_return_choice_dialog")
        self.assertEqual(self.found.payment_id, self.wanted)
        self.assertEqual(self.found.partner_id, self.customer)


@tagged("post_install", "-at_install")
class TestTourChoicePhone(ChoiceTourCommon):
    browser_size = "390x844"
    touch_enabled = True

    def test_a_line_is_decided_on_a_phone(self):
        self._start("credit_return_choice_phone")
        self.assertEqual(self.found.payment_id, self.wanted)
