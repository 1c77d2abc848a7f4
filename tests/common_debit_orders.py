from odoo import fields
from odoo.exceptions import AccessError, UserError

from ..models.acting import CREDIT_MANAGER
from ..parsers import pain008
from .common_answers import notify, reject, reject_file
from .common_returns import PaymentReturnCommon

OWN_FIELDS = (
    "end_to_end_id",
    "collection_batch_id",
    "collection_message_id",
    "mandate_reference",
    "collection_due_date",
)
STAYS = "stays as it is"


def get_iban(number):
    """A valid Italian IBAN."""
    bban = f"X05428111010{number:011d}"
    digits = "".join(str(int(letter, 36)) for letter in f"{bban}IT00")
    return f"IT{98 - int(digits) % 97:02d}{bban}"


class DebitOrderCommon(PaymentReturnCommon):
    """Customers with mandates, collected by debit orders of an addon of OCA's."""

    # Group that an addon asks for.
    group = ""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.user.group_ids += cls.env.ref(cls.group)
        cls.company.sudo().sepa_creditor_identifier = "IT39ZZZ0000016238271007"
        cls.bank.bank_account_id = cls.env["res.partner.bank"].create(
            {
                "acc_number": get_iban(1),
                "partner_id": cls.company.partner_id.id,
                "company_id": cls.company.id,
                "bank_id": cls.env["res.bank"]
                .create({"name": "Bank", "bic": "BPMOIT22XXX"})
                .id,
            }
        )
        cls.customers = cls.env["res.partner"].create(
            [{"name": name} for name in ("Verdi Snc", "Neri Spa", "Gallo Srl", "Riva")]
        )
        for number, customer in enumerate(cls.customers, 10):
            cls.add_mandate(customer, number)

    @classmethod
    def add_mandate(cls, customer, number, **values):
        """Sign a customer's mandate."""
        account = cls.env["res.partner.bank"].create(
            {
                "acc_number": get_iban(number),
                "partner_id": customer.id,
            }
        )
        return cls.env["account.banking.mandate"].create(
            {
                "partner_id": customer.id,
                "partner_bank_id": account.id,
                "company_id": cls.company.id,
                "signature_date": "2025-01-15",
                "unique_mandate_reference": f"MNDT-{number}",
                "state": "valid",
                "type": "recurrent",
                **values,
            }
        )

    def make_order(self, invoices):
        """Enter a debit order of the open items of some invoices."""
        raise NotImplementedError

    def get_file(self, order):
        """Return the pain.008 that was made of an order."""
        raise NotImplementedError

    def generate(self, invoices):
        """Make an order and its file; return both."""
        order = self.make_order(invoices)
        order.draft2open()
        order.open2generated()
        return order, self.get_file(order)

    def upload(self, invoices):
        """Make an order and its file, and upload it; return both."""
        order, file = self.generate(invoices)
        order.generated2uploaded()
        self.assertNotIn("not_paid", invoices.mapped("payment_state"))
        return order, file

    def invoices(self, count):
        """Invoices of several customers, of different amounts."""
        invoices = [
            self.invoice(100.0 + number, partner=self.customers[number % 4])
            for number in range(count)
        ]
        return self.env["account.move"].union(*invoices)

    def get_names(self, file):
        return [item.end_to_end_id for item in pain008.read(file)]

    def answer(self, data, name="answer.xml"):
        """Import what the bank answers; return the lines."""
        importer = self.env["account.payment.return.import"]
        return importer._import_files([(name, data)], self.company).line_ids

    def assertMatched(self, lines, payments):
        """Assert that each line is matched with its payment."""
        self.assertEqual(
            lines.mapped("match_state"),
            ["matched"] * len(lines),
            lines.mapped("match_note"),
        )
        self.assertEqual(lines.payment_id, payments)

    def forget(self, payments):
        """Let payments be as before ours was there."""
        payments.write(dict.fromkeys(OWN_FIELDS, False))


class DebitOrderCases:
    """What holds of the debit orders of each addon of OCA's."""

    allow_inherited_tests_method = True

    def test_an_uploaded_payment_is_called_as_in_the_file(self):
        order, file = self.upload(self.invoices(4))
        sent = {item.end_to_end_id: item for item in pain008.read(file)}
        self.assertEqual(len(sent), 4)
        for payment in order.payment_ids:
            item = sent[payment.end_to_end_id]
            self.assertEqual(payment.collection_batch_id, item.batch_id)
            self.assertEqual(payment.collection_message_id, item.message_id)
            self.assertEqual(payment.collection_message_id, order.name)
            self.assertEqual(payment.mandate_reference, item.mandate)
            self.assertEqual(payment.collection_due_date, item.due)
            self.assertTrue(item.batch_id and item.mandate and item.due)

    def test_before_the_upload_nothing_is_filled_in(self):
        order, _file = self.generate(self.invoices(1))
        self.assertFalse(order.payment_ids.end_to_end_id)

    def test_rejects_find_their_collections(self):
        order, file = self.upload(self.invoices(5))
        names = self.get_names(file)[1:3]
        lines = self.answer(reject(file, names))
        rejected = order.payment_ids.filtered(lambda p: p.end_to_end_id in names)
        self.assertEqual(len(lines), 2)
        self.assertMatched(lines, rejected)

    def test_the_reject_of_a_file_finds_all_its_collections(self):
        other, _file = self.upload(self.invoices(2))
        order, file = self.upload(self.invoices(9))
        lines = self.answer(reject_file(file))
        lines = lines.filtered(lambda line: line.scope == "payment")
        self.assertEqual(len(lines), 9)
        self.assertMatched(lines, order.payment_ids)
        lines.return_id.action_confirm()
        self.assertEqual(set(order.payment_ids.mapped("state")), {"rejected"})
        self.assertNotIn("rejected", other.payment_ids.mapped("state"))

    def test_the_notification_of_returns_finds_its_collections(self):
        order, file = self.upload(self.invoices(4))
        day = fields.Date.add(fields.Date.today(), days=3)
        lines = self.answer(notify(file, self.get_names(file), day))
        self.assertMatched(lines, order.payment_ids)

    def test_what_was_uploaded_before_is_filled_in_once(self):
        order, file = self.upload(self.invoices(4))
        other, _file = self.upload(self.invoices(1))
        draft, _file = self.generate(self.invoices(1))
        payments = order.payment_ids | other.payment_ids
        before = payments.read(OWN_FIELDS)
        self.forget(payments)
        orders = self.env["account.payment.order"].sudo()
        self.assertEqual(orders._fill_in_uploaded(), 5)
        self.assertEqual(payments.read(OWN_FIELDS), before)
        self.assertFalse(draft.payment_ids.end_to_end_id)
        self.assertEqual(orders._fill_in_uploaded(), 0)

    def test_what_somebody_entered_stays(self):
        order, _file = self.generate(self.invoices(1))
        order.payment_ids.end_to_end_id = "MINE"
        order.generated2uploaded()
        self.assertEqual(order.payment_ids.end_to_end_id, "MINE")
        self.assertEqual(order.payment_ids.collection_message_id, order.name)

    def test_without_its_file_it_is_called_as_the_addon_calls_it(self):
        order, file = self.upload(self.invoices(2))
        names = self.get_names(file)
        self.forget(order.payment_ids)
        self.drop_file(order)
        order.sudo()._fill_in_uploaded()
        filled = order.payment_ids.mapped("end_to_end_id")
        self.assertEqual(sorted(filled), sorted(names))
        self.assertEqual(
            set(order.payment_ids.mapped("collection_message_id")), {order.name}
        )
        for name in ("mandate_reference", "collection_due_date"):
            self.assertTrue(all(order.payment_ids.mapped(name)))

    def test_orders_are_filled_in_by_a_manager_only(self):
        order, _file = self.upload(self.invoices(1))
        self.forget(order.payment_ids)
        with self.assertRaises(AccessError):
            order.action_fill_in_collections()
        self.env.user.sudo().group_ids += self.env.ref(CREDIT_MANAGER)
        for count in (1, 0):
            told = order.action_fill_in_collections()["params"]["message"]
            self.assertIn(f": {count}.", told)
        self.assertTrue(order.payment_ids.end_to_end_id)

    def test_many_orders_take_few_queries(self):
        def count(number):
            orders = [self.upload(self.invoices(2))[0] for _number in range(number)]
            payments = self.env["account.payment"].union(
                *(o.payment_ids for o in orders)
            )
            self.forget(payments)
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.cr.sql_log_count
            self.env["account.payment.order"].sudo()._fill_in_uploaded()
            return self.cr.sql_log_count - start

        few = count(1)
        self.assertLessEqual(count(6), few + 2)

    def test_an_order_of_which_something_came_back_is_not_cancelled(self):
        order, file = self.upload(self.invoices(3))
        lines = self.answer(reject(file, self.get_names(file)[:1]))
        lines.return_id.action_confirm()
        payments = order.payment_ids
        with self.assertRaisesRegex(UserError, STAYS) as refused:
            order.action_cancel()
        self.assertIn(lines.return_id.name, str(refused.exception))
        self.assertIn("Cancel those returns first", str(refused.exception))
        lines.return_id.action_cancel()
        order.action_cancel()
        self.assertEqual(order.state, "cancel")
        self.assertEqual(set(payments.mapped("state")), {"canceled"})

    def test_a_return_in_draft_holds_no_order(self):
        order, file = self.upload(self.invoices(1))
        self.answer(reject(file, self.get_names(file)))
        order.action_cancel()
        self.assertEqual(order.state, "cancel")

    def test_what_came_back_is_not_made_anew_either(self):
        order, file = self.upload(self.invoices(1))
        self.answer(reject(file, self.get_names(file))).return_id.action_confirm()
        # As if the order had been cancelled in another way.
        order.state = "cancel"
        with self.assertRaisesRegex(UserError, STAYS):
            self.redo(order)

    def test_an_account_of_which_a_debit_came_back_is_not_asked_again(self):
        order, file = self.upload(self.invoices(1))
        account = order.payment_ids.payment_line_ids.partner_bank_id
        returned = self.answer(reject(file, self.get_names(file))).return_id
        self.assertFalse(account.is_unfit)
        returned.action_confirm()
        self.assertTrue(account.is_unfit)
        another = self.make_order(self.invoices(2))
        with self.assertRaisesRegex(UserError, "Take these debits off") as refused:
            another.draft2open()
        self.assertIn(account.acc_number, str(refused.exception))
        self.assertEqual(str(refused.exception).count("\n"), 1)
        account.sudo().action_mark_fit()
        another.draft2open()
        self.assertEqual(another.state, "open")

    def redo(self, order):
        """Confirm a cancelled order again."""
        order.cancel2draft()
        order.draft2open()

    def drop_file(self, order):
        """Delete the file that was made of an order."""
        raise NotImplementedError

    def test_an_order_redone_is_called_as_in_its_new_file(self):
        order, _file = self.upload(self.invoices(1))
        order.action_cancel()
        self.redo(order)
        order.open2generated()
        order.generated2uploaded()
        (name,) = self.get_names(self.get_file(order))
        self.assertEqual(order.payment_ids.end_to_end_id, name)

    def test_an_order_of_payments_to_suppliers_is_no_collection(self):
        order, _file = self.upload(self.invoices(1))
        self.forget(order.payment_ids)
        self.cr.execute(
            "UPDATE account_payment_order SET payment_type = 'outbound' WHERE id = %s",
            [order.id],
        )
        order.invalidate_recordset()
        self.assertFalse(order._fill_in_collections())
