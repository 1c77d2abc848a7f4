"""People whom a company's records are none of their business, and those records."""

import base64
import json
from contextlib import contextmanager
from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.service.model import get_public_method
from odoo.sql_db import Cursor

from .common import CreditBlockFixture, get_walked_classes, new_user
from .common_returns import PaymentReturnCommon
from .common_rpc import call_as

# In whatever names, texts or amounts tell who a customer is or how he stands.
SECRETS = ("Segret", "SEGRET", "7,654", "7654")
# Group and company of each stranger.
STRANGERS = {
    "public": ("base.group_public", "own"),
    "portal": ("base.group_portal", "own"),
    "employee": ("base.group_user", "own"),
    "colleague": ("sales_team.group_sale_salesman", "own"),
    "invoicing": ("account.group_account_invoice", "own"),
    "auditor": ("account.group_account_readonly", "own"),
    "other_salesperson": ("sales_team.group_sale_salesman_all_leads", "other"),
    "other_invoicing": ("account.group_account_invoice", "other"),
    "other_credit_user": ("account_credit_block.group_credit_user", "other"),
    "other_manager": ("account_credit_block.group_credit_manager", "other"),
}


def get_own_methods(model):
    """Return the names of what our addons define on a model for clients to call.

    Not what they add to every model there is, which has tests of its own.
    """
    names = set()
    for model_class in get_walked_classes(model):
        if vars(model_class).get("_inherit") not in ("base", ["base"]):
            names.update(n for n, v in vars(model_class).items() if callable(v))
    return sorted(name for name in names if _is_public(model, name))


def _is_public(model, name):
    try:
        return bool(get_public_method(model, name))
    except (AccessError, AttributeError):
        return False


class CallersCommon(CreditBlockFixture, PaymentReturnCommon):
    """Company A with a secret record of each model, and people who may not touch it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Users are made by the system, not by the accountant of the fixture.
        cls.env = cls.env(
            user=cls.env.ref("base.user_root"),
            context={**cls.env.context, "allowed_company_ids": cls.company.ids},
        )
        cls._setup_credit_block(cls.company)
        cls.other_company = cls.env["res.company"].create({"name": "Altra Srl"})
        cls.user_credit_manager.name = "Manager Segreto"
        cls.user_salesperson.name = "Venditore Segreto"
        cls.strangers = {
            name: cls._create_stranger(name, *who) for name, who in STRANGERS.items()
        }
        cls.secret = cls._create_customer(
            "Cliente Segreto Spa", company_id=cls.company.id
        )
        cls.secret.credit_limit = 7654.32
        cls.level_secret = cls.level_pending.copy(
            {"name": "Livello Segreto", "policy_confirmation": "hold"}
        )
        if "company_id" in cls.level_secret:
            cls.level_secret.company_id = cls.company
        cls.product = cls.env["product.product"].create(
            {"name": "Prodotto Segreto", "type": "service", "taxes_id": False}
        )
        cls._create_records()

    @classmethod
    def _create_stranger(cls, name, group, company):
        company = cls.company if company == "own" else cls.other_company
        if name == "public":
            return cls.env.ref("base.public_user")
        return new_user(
            cls.env, f"acb_stranger_{name}", group, company, name=f"Estraneo {name}"
        )

    @classmethod
    def _create_order(cls, **vals):
        vals = {
            "partner_id": cls.secret.id,
            "user_id": cls.user_salesperson.id,
            "company_id": cls.company.id,
            "order_line": [
                Command.create({"product_id": cls.product.id, "price_unit": 7654.32})
            ],
            **vals,
        }
        order = cls.env["sale.order"].with_user(cls.user_salesperson).create(vals)
        order.sudo().name = f"SEGRETO{order.id}"
        return order

    @classmethod
    def _create_records(cls):
        """Give each model of the addon a record that is none of the strangers'."""
        cls.free_order = cls._create_order(partner_id=cls.good_customer.id)
        cls.block = cls.secret._set_credit_block(
            cls.level_secret, "Motivo Segreto", cls.company
        )
        cls.order = cls._create_order()
        cls.order.action_confirm_or_hold()
        cls.quotation = cls._create_order()
        cls.hold = cls.order.sudo().hold_ids
        cls.rule = cls.env["credit.block.rule"].create(
            {
                "name": "Regola Segreta",
                "company_id": cls.company.id,
                "level_id": cls.level_secret.id,
                "active": False,
            }
        )
        cls.guard = cls.env["credit.guard"].create(
            {
                "name": "Guardia Segreta",
                "company_id": cls.company.id,
                "model_id": cls.env["ir.model"]._get_id("res.partner.bank"),
                "partner_path": "partner_id",
            }
        )
        cls._create_returns()
        cls.records = {record._name: record for record in cls._get_records()}

    @classmethod
    def _create_returns(cls):
        partner = cls.secret
        cls.secret_invoice = cls.invoice(7654.32, partner=partner)
        cls.paid = cls.pay(cls.secret_invoice)
        cls.secret_invoice.payment_reference = "SEGRETO/1"
        cls.returned = cls.make_return(cls.paid)
        cls.returned.action_confirm()
        cls.returned.name = "SEGRETO/RET"
        notices = cls.env["account.payment.return.notice"].sudo()
        cls.notice = notices.search([("return_id", "=", cls.returned.id)])
        cls.notice = cls.notice or notices._create_for(cls.returned)
        works = cls.env["account.payment.return.work"].sudo()
        values = {"return_id": cls.returned.id, "kind": "confirm"}
        cls.work = works.create({**values, "user_id": cls.env.uid})
        cls.second_payment = cls.pay(cls.invoice(7654.0, partner=partner))
        cls.draft_return = cls.make_return(cls.second_payment, line_reference="SEGRETO")
        cls.transaction = cls.env["account.bank.statement.line"].create(
            {
                "journal_id": cls.bank.id,
                "date": "2026-10-06",
                "payment_ref": "SEGRETO",
                "partner_id": partner.id,
                "amount": -7654.0,
            }
        )

    @classmethod
    def _get_records(cls):
        """Yield the record that is tried of each model."""
        yield from (cls.order, cls.order.order_line, cls.hold, cls.hold.reason_ids)
        yield from (cls.secret, cls.block, cls.level_secret, cls.rule, cls.guard)
        yield from (cls.company, cls.guard.sudo().automation_ids)
        yield from (cls.returned.move_ids[:1], cls.paid, cls.draft_return)
        yield from (cls.secret_invoice.line_ids[:1], cls._create_transaction())
        yield from (cls.returned.line_ids.undone_ids[:1], cls.draft_return.line_ids)
        yield cls.env["account.late.interest.rate"].search([], limit=1)
        yield from (cls.returned.line_ids.task_ids, cls._create_account())
        yield from (cls.notice[:1], cls.transaction, cls.reason_funds, cls.work)
        yield cls.env["account.payment.return.debit.rule"].search([], limit=1)
        yield cls.second_payment.move_id.line_ids.matched_debit_ids[:1]
        for name in (
            "account.payment.return.report",
            "credit.exposure.report",
            "sale.order.hold.report",
        ):
            domain = [("company_id", "=", cls.company.id)]
            yield cls.env[name].sudo().search(domain, limit=1)
        yield from cls._create_presentation()
        yield cls.env["account.payment.return.arrival"].create(
            {
                "name": "SEGRETO.xml",
                "state": "waiting",
                "source": "mail",
                "sender": "segreto@example.com",
                "company_id": cls.company.id,
                "file": base64.b64encode(b"SEGRETO"),
                "file_hash": "SEGRETO",
            }
        )
        yield cls.env["ir.attachment"].create(
            {
                "name": "SEGRETO.txt",
                "raw": b"SEGRETO",
                "res_model": cls.draft_return._name,
                "res_id": cls.draft_return.id,
            }
        )
        yield cls.draft_return._message_log(body="SEGRETO")
        yield from cls._create_dialogs()

    @classmethod
    def _create_presentation(cls):
        """Yield a draft of an instalment for the bank, its line, and a method."""
        invoice = cls.invoice(7654.32, partner=cls.secret)
        item = invoice.line_ids.filtered(
            lambda item: item.account_type == "asset_receivable"
        )
        presentation = cls.env["account.payment.presentation"].create(
            {
                "journal_id": cls.bank.id,
                "line_ids": [Command.create({"move_line_id": item.id})],
            }
        )
        yield from (presentation, presentation.line_ids)
        yield cls.bank.inbound_payment_method_line_ids[:1]

    @classmethod
    def _create_account(cls):
        """Return an account of the secret customer."""
        return cls.env["res.partner.bank"].create(
            {"acc_number": "SEGRETO", "partner_id": cls.secret.id}
        )

    @classmethod
    def _create_transaction(cls):
        """Return an online payment of the secret customer."""
        provider = cls.env["payment.provider"].sudo().search([], limit=1)
        method = cls.env.ref("payment.payment_method_card")
        return (
            cls.env["payment.transaction"]
            .sudo()
            .create(
                {
                    "provider_id": provider.id,
                    "payment_method_id": method.id,
                    "amount": 7654.32,
                    "currency_id": cls.company.currency_id.id,
                    "partner_id": cls.secret.id,
                    "reference": "SEGRETO/TX",
                }
            )
        )

    @classmethod
    def _create_format(cls, env):
        """Yield a bank format with a row of each kind, and its dialog."""
        format_ = env["account.payment.return.format"].create(
            {
                "name": "Formato Segreto",
                "company_id": cls.company.id,
                "journal_ids": [Command.set(cls.bank.ids)],
                "abi": "05034",
                "field_ids": [
                    Command.create(
                        {"record": "51", "field": "receipt", "first": 11, "last": 20}
                    )
                ],
                "code_ids": [Command.create({"code": "SEGRETO", "kind": "paid"})],
                "mark_ids": [Command.create({"mark": "SEGRETO", "meaning": "reason"})],
            }
        )
        yield from (format_, format_.field_ids, format_.code_ids, format_.mark_ids)
        yield env["account.payment.return.format.preview"].create(
            {"format_id": format_.id, "text": "SEGRETO"}
        )

    @classmethod
    def _create_dialogs(cls):
        """Yield the dialogs of ours, as a credit manager of the company opened them."""
        env = cls.env(user=cls.user_credit_manager)
        choose = env["account.payment.return.choose"].create(
            {
                "line_id": cls.draft_return.line_ids.id,
                "payment_id": cls.second_payment.id,
                "row_ids": [Command.create({"payment_id": cls.second_payment.id})],
            }
        )
        preview = env["credit.block.rule.preview"].create({"rule_id": cls.rule.id})
        yield from (choose, choose.row_ids, preview)
        yield env["credit.block.rule.preview.line"].create(
            {
                "preview_id": preview.id,
                "partner_id": cls.secret.id,
                "company_id": cls.company.id,
                "level_id": cls.level_secret.id,
                "reason": "Motivo Segreto",
            }
        )
        register = env["account.payment.return.register"].create(
            {
                "company_id": cls.company.id,
                "row_ids": [Command.create({"payment_id": cls.second_payment.id})],
            }
        )
        register.row_id = register.row_ids
        yield from (register, register.row_ids)
        yield env["account.payment.return.decision"].create(
            {"return_ids": [Command.set(cls.draft_return.ids)]}
        )
        yield env["account.payment.return.import"].create({})
        yield from cls._create_format(env)
        yield env["credit.block.change"].create(
            {
                "partner_ids": [Command.set(cls.secret.ids)],
                "level_id": cls.level_secret.id,
                "reason": "Motivo Segreto",
            }
        )
        yield env["credit.tie.decision"].create(
            {
                "partner_id": cls.secret.id,
                "company_id": cls.company.id,
                "other_ids": [Command.set(cls.good_customer.ids)],
                "reason": "Motivo Segreto",
            }
        )
        reversals = env["account.move.reversal"].with_context(
            active_model="account.move", active_ids=cls.secret_invoice.ids
        )
        yield reversals.create({"journal_id": cls.secret_invoice.journal_id.id})
        decisions = env["sale.order.hold.decision"]
        decisions = decisions.with_context(default_hold_ids=cls.hold.ids)
        yield decisions.create({"reason": "Motivo Segreto"})

    # === CALLING === #

    def _call(self, user, model, name, *args, **kwargs):
        """Call a method as a client does: a fresh environment, ids and plain values."""
        return call_as(self.env, user, model, name, *args, **kwargs)

    @contextmanager
    def _watching_writes(self):
        """Yield the list of the statements that change rows until the end."""
        seen, execute = [], Cursor.execute

        def watched(cr, query, *args, **kwargs):
            res = execute(cr, query, *args, **kwargs)
            statement = (cr._obj.query or b"").lstrip()[:200].decode(errors="replace")
            if statement.upper().startswith(("INSERT", "UPDATE", "DELETE")):
                seen.append(statement)
            return res

        with patch.object(Cursor, "execute", watched):
            yield seen

    def _tells(self, answer):
        """Return the secrets that an answer or an error gives away."""
        text = json.dumps(answer, default=str, ensure_ascii=False)
        return [secret for secret in SECRETS if secret in text]
