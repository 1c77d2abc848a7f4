"""Build what a bench works on: customers whose invoices were collected."""

from odoo import fields
from odoo.fields import Command

CHUNK = 250
IBAN = "IT60X0542811101000000123456"


def get_company(env):
    """The Italian company of the bench, made when it is missing."""
    company = env["res.company"].search([("name", "=", "Bench S.p.A.")], limit=1)
    if not company:
        company = env["res.company"].create(
            # Without a country: setting one installs modules, which a bench must not.
            {"name": "Bench S.p.A.", "currency_id": env.ref("base.EUR").id}
        )
        env.user.company_ids += company
        env["account.chart.template"].with_context(
            allowed_company_ids=company.ids
        ).try_loading("it", company=company, install_demo=False)
    journal = env["account.journal"].search(
        [("type", "=", "bank"), ("company_id", "=", company.id)], limit=1
    )
    if not journal.bank_account_id:
        journal.with_company(company).set_bank_account(IBAN)
    # The first return of a year makes the year's sequence: that is measured nowhere.
    sequences = env["ir.sequence"].with_company(company)
    sequences.next_by_code("account.payment.return")
    return company


def build(env, count, prefix="BENCH"):
    """Invoice ``count`` customers and collect each invoice by a payment.

    :return: the payments, each with an end-to-end id and a mandate
    """
    payments = env["account.payment"]
    start = 0
    while start < count:
        # Nothing is committed, so PostgreSQL plans for empty tables until it is told
        # otherwise: core's query of a payment's invoices then takes minutes.
        stop = min(count, start + max(10, min(start * 3, CHUNK)))
        payments += _build_chunk(env, start, stop, prefix)
        env.flush_all()
        analyze(env)
        start = stop
    return payments


def analyze(env):
    """Tell PostgreSQL what there is in the tables of this database.

    Not in those that all databases share: they would be locked until the end.
    """
    env.cr.execute(
        "SELECT string_agg(quote_ident(tablename), ', ') FROM pg_tables"
        " WHERE schemaname = current_schema()"
    )
    env.cr.execute(f"ANALYZE {env.cr.fetchone()[0]}")


def _build_chunk(env, start, stop, prefix):
    quiet = env(context={**env.context, "tracking_disable": True})
    numbers = range(start, stop)
    partners = quiet["res.partner"].create(
        [{"name": f"{prefix} customer {n}"} for n in numbers]
    )
    today = fields.Date.today()
    invoices = quiet["account.move"].create(
        [
            {
                "move_type": "out_invoice",
                "partner_id": partner.id,
                "invoice_date": today,
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": "Goods",
                            "price_unit": 100.0 + number % 50,
                            "tax_ids": False,
                        }
                    )
                ],
            }
            for number, partner in zip(numbers, partners, strict=True)
        ]
    )
    invoices._post(soft=False)
    payments = quiet["account.payment"].create(
        [
            _prepare_payment_values(quiet, f"{prefix}-{number}", invoice)
            for number, invoice in zip(numbers, invoices, strict=True)
        ]
    )
    payments.action_post()
    items = quiet["account.move.line"]
    plan = [
        (payment.move_id.line_ids | invoice.line_ids).filtered(
            lambda item: item.account_type == "asset_receivable"
        )
        for payment, invoice in zip(payments, invoices, strict=True)
    ]
    items.with_context(no_cash_basis=True)._reconcile_plan(plan)
    return payments.with_env(env)


def _prepare_payment_values(env, key, invoice):
    values = {
        "partner_id": invoice.partner_id.id,
        "amount": invoice.amount_total,
        "payment_type": "inbound",
        "partner_type": "customer",
        "invoice_ids": [Command.link(invoice.id)],
        "memo": invoice.name,
        "end_to_end_id": key,
        "mandate_reference": f"M-{key}",
    }
    # The same data serve where this addon, and its fields, are not installed.
    known = env["account.payment"]._fields
    return {name: value for name, value in values.items() if name in known}


def pain002(payments, keys, version="10"):
    """A pain.002 file that rejects these payments.

    :param keys: the end-to-end id of each payment
    :param version: last part of the message's name, "03" or "10"
    :return: bytes
    """
    name = "<Pty><Nm>{0}</Nm></Pty>" if version == "10" else "<Nm>{0}</Nm>"
    rows = "".join(
        f"<TxInfAndSts><OrgnlInstrId>INS-{key}</OrgnlInstrId>"
        f"<OrgnlEndToEndId>{key}</OrgnlEndToEndId><TxSts>RJCT</TxSts>"
        "<StsRsnInf><Rsn><Cd>AM04</Cd></Rsn></StsRsnInf><OrgnlTxRef>"
        f'<Amt><InstdAmt Ccy="EUR">{payment.amount:.2f}</InstdAmt></Amt>'
        f"<MndtRltdInf><MndtId>M-{key}</MndtId></MndtRltdInf>"
        f"<Dbtr>{name.format(payment.partner_id.name)}</Dbtr>"
        f"<CdtrAcct><Id><IBAN>{IBAN}</IBAN></Id></CdtrAcct>"
        "</OrgnlTxRef></TxInfAndSts>"
        for payment, key in zip(payments, keys, strict=True)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.{version}">'
        "<CstmrPmtStsRpt><GrpHdr><MsgId>BENCH-MSG</MsgId>"
        f"<CreDtTm>{fields.Date.today()}T09:00:00</CreDtTm></GrpHdr>"
        "<OrgnlGrpInfAndSts><OrgnlMsgId>SDD-BENCH</OrgnlMsgId>"
        "<OrgnlMsgNmId>pain.008.001.08</OrgnlMsgNmId></OrgnlGrpInfAndSts>"
        "<OrgnlPmtInfAndSts><OrgnlPmtInfId>BENCH</OrgnlPmtInfId>"
        f"{rows}</OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>"
    ).encode()
