from datetime import date

from odoo.tests import tagged
from odoo.tests.common import BaseCase

from ..parsers import pain008, parse
from .common_answers import notify, reject, reject_file
from .test_parsers import FILES

SENT = (FILES / "mockbank/input-pain.008.001.08.xml").read_bytes()
NAMES = [f"FT-2026-00{number}" for number in range(1, 5)]


@tagged("post_install", "-at_install")
class TestPain008(BaseCase):
    def test_each_collection_is_read_with_batch_file_and_mandate(self):
        found = pain008.read(SENT)
        self.assertEqual([item.end_to_end_id for item in found], NAMES)
        self.assertEqual({item.batch_id for item in found}, {"PMT-1"})
        self.assertEqual({item.message_id for item in found}, {"SDD-20261102-1"})
        self.assertEqual(found[0].mandate, "MNDT-001")
        self.assertEqual({item.due for item in found}, {date(2026, 11, 6)})

    def test_every_version_is_read(self):
        for version in (b"pain.008.001.02", b"pain.008.003.02", b"pain.008.001.04"):
            data = SENT.replace(b"pain.008.001.08", version)
            self.assertEqual(pain008.read(data), pain008.read(SENT))

    def test_what_is_no_such_file_tells_nothing(self):
        entity = b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><a>&e;</a>'
        for data in (b"", None, b"%PDF", b"<a", b"<Document/>", entity, SENT[:-200]):
            with self.subTest(data=data and data[:20]):
                self.assertEqual(pain008.read(data), ())

    def test_a_word_for_none_is_none(self):
        found = pain008.read(SENT.replace(b">MNDT-001<", b">NOTPROVIDED<"))
        self.assertEqual([item.mandate for item in found[:2]], ["", "MNDT-002"])
        found = pain008.read(SENT.replace(b">2026-11-06<", b">soon<"))
        self.assertIsNone(found[0].due)

    def test_the_answers_of_the_tests_are_what_banks_send(self):
        (document,) = parse("a.xml", reject(SENT, NAMES[:2]))
        self.assertEqual([p.end_to_end_id for p in document.payments], NAMES[:2])
        (document,) = parse("a.xml", reject_file(SENT))
        self.assertEqual([p.scope for p in document.payments], ["message"])
        (document,) = parse("a.xml", notify(SENT, NAMES, "2026-11-09"))
        self.assertEqual([p.end_to_end_id for p in document.payments], NAMES)
        self.assertEqual({p.kind for p in document.payments}, {"return"})
