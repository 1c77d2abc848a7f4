"""The demo's company: name, chart of accounts, bank, settings."""

from odoo import Command

from . import cast

SDD_ACCOUNT = "182900"
SDD_METHOD = "SEPA Direct Debit"
RIBA_ACCOUNT = "182901"
SIA = "A1B2C"  # what the bank calls the company in its files
SDD_FINAL_DAYS = 56  # a debtor may ask for the money back for eight weeks


def set_up(env):
    """Turn the main company into the demo's one.

    :return: the company
    """
    company = env.ref("base.main_company")
    _write_company(env, company)
    env["account.chart.template"].try_loading("it", company, install_demo=False)
    bank = _set_up_bank(env, company)
    _set_up_methods(env, company, bank)
    _set_up_cards(env, company, bank)
    _set_up_holds(company)
    env["website"].search([], limit=1).name = company.name
    return company


def _write_company(env, company):
    # Core's own key: the country would install addons, which takes minutes and is
    # not needed, the Italian ones are there already.
    company.with_context(chart_template_load=True).write(
        {
            **cast.COMPANY,
            "country_id": env.ref("base.it").id,
            "currency_id": env.ref("base.EUR").id,
        }
    )
    company.partner_id.lang = "it_IT"


def get_bank(env, code=None):
    """The bank journal of the demo's company, or another one by its code."""
    wanted = ("code", "=", code) if code else ("type", "=", "bank")
    return env["account.journal"].search(
        [wanted, ("company_id", "=", env.company.id)], limit=1
    )


def _set_up_bank(env, company):
    """Give the bank journal its IBAN."""
    bank = get_bank(env)
    bank.write({"name": "Banca Demo", "code": "BNK1"})
    bank.bank_account_id = env["res.partner.bank"].create(
        {
            "acc_number": cast.COMPANY_IBAN,
            "partner_id": company.partner_id.id,
            "bank_id": env["res.bank"]
            .create({"name": "Banca Demo", "bic": cast.COMPANY_BIC})
            .id,
        }
    )
    return bank


def _set_up_methods(env, company, bank):
    """Debits and receipts wait on accounts of their own, transfers on the chart's."""
    names = {
        SDD_ACCOUNT: ("Direct debits subject to final payment", "Incassi SDD"),
        RIBA_ACCOUNT: ("Ri.Ba. subject to final payment", "Effetti Ri.Ba."),
    }
    accounts = env["account.account"].create(
        [
            {
                "name": name,
                "code": code,
                "account_type": "asset_current",
                "reconcile": True,
                "company_ids": [Command.set(company.ids)],
            }
            for code, (name, _italian) in names.items()
        ]
    )
    for account, (_name, italian) in zip(accounts, names.values(), strict=True):
        account.with_context(lang="it_IT").name = f"{italian} salvo buon fine"
    account, bills = accounts
    bank.cbi_sia_code = SIA
    bank._get_presented_methods().payment_account_id = bills
    transfer = bank.inbound_payment_method_line_ids[:1]
    transfer.payment_account_id = env["account.chart.template"].ref(
        "account_journal_payment_debit_account_id"
    )
    transfer.copy(
        {
            "name": SDD_METHOD,
            "journal_id": bank.id,
            "payment_account_id": account.id,
            "credit_final_days": SDD_FINAL_DAYS,
        }
    )


def _set_up_cards(env, company, bank):
    """Another way of collecting, for some customers: their cards."""
    cards = env["account.journal"].create(
        {
            "name": "Carte Demo",
            "code": "CARD",
            "type": "credit",
            "company_id": company.id,
        }
    )
    debit = get_method(bank, SDD_METHOD)
    debit.copy(
        {
            "name": SDD_METHOD,
            "journal_id": cards.id,
            "payment_account_id": debit.payment_account_id.id,
            "credit_final_days": SDD_FINAL_DAYS,
        }
    )


def _set_up_holds(company):
    """What a manager has to decide on, besides the orders of blocked customers."""
    company.write(
        {
            "account_use_credit_limit": True,
            "credit_hold_limit": True,
            "credit_hold_web": True,
            "credit_hold_shipping": True,
            "credit_hold_terms": True,
        }
    )


def get_method(bank, name=None):
    """An incoming payment method of the bank: direct debit by name, or transfer."""
    lines = bank.inbound_payment_method_line_ids
    return lines.filtered(lambda line: line.name == name) if name else lines[:1]
