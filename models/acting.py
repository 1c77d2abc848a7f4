"""Who is acting: the system, an employee or a customer. Asked nowhere else."""

from odoo import SUPERUSER_ID
from odoo.http import request

CREDIT_USER = "account_credit_block.group_credit_user"
CREDIT_MANAGER = "account_credit_block.group_credit_manager"
ACCOUNTING = "account.group_account_invoice"
SELLER = "sales_team.group_sale_salesman"
ADMINISTRATOR = "base.group_system"


def is_system(env):
    """Say whether the server's own code acts, with nobody's rights.

    No client gets there by itself: superuser mode is entered by code only.
    """
    return env.su


def is_robot(env):
    """Say whether nobody is there to read an answer: a job of the system, OdooBot."""
    return env.uid == SUPERUSER_ID


def as_robot(records):
    """Return records as OdooBot has them, who keeps nothing for himself."""
    return records.with_user(SUPERUSER_ID)


def is_employee(user):
    """Say whether a user is one of ours: not the system, a customer or nobody."""
    return bool(user) and user.id != SUPERUSER_ID and not user.share


def get_person(env):
    """Return the user behind the request.

    The website and the portal act as superuser, or as OdooBot: what may be told is a
    matter of who reads it.
    """
    behind = request.env.user if request and request.env else None
    return behind or env.user


def is_customer(env):
    """Say whether who reads the answer is a customer or a visitor, not an employee."""
    return get_person(env).share


def is_frontend():
    """Say whether a page of the website or the portal is being asked for."""
    return bool(request and getattr(request, "is_frontend", False))


def is_website(env):
    """Say whether the website is acting, not an employee in the back office.

    Constraints always run as superuser, so the user and the route have to tell: the
    website creates carts as OdooBot and changes them for whoever is shopping.
    """
    return is_robot(env) or env.user.share or is_frontend()


def has_clicked(records, name):
    """Say whether somebody has clicked the button of a method on these very records.

    The web client asks for buttons by a route of their own. A script may take it too:
    this tells what is expected for an answer, it allows nothing.
    """
    path = request.httprequest.path if request else ""
    if not path.startswith("/web/dataset/call_button"):
        return False
    asked = request.params
    clicked = (asked.get("model"), asked.get("method"), (asked.get("args") or [0])[0])
    return clicked == (records._name, name, records.ids)


def is_credit_user(env):
    """Say whether the user sees blocks, returns and the amounts of the exposure."""
    return env.user.has_group(CREDIT_USER)


def is_credit_manager(env):
    """Say whether the user blocks, lifts, decides and configures."""
    return env.user.has_group(CREDIT_MANAGER)


def is_deciding(env, companies):
    """Say whether who acts decides on credit in these companies, and not the server in
    his name.
    """
    return not is_system(env) and manages_credit(env, companies)


def is_accounting(env):
    """Say whether the user keeps the books, or the server's own code does."""
    return is_system(env) or env.user.has_group(ACCOUNTING)


def sees_hidden(env):
    """Say whether orders that are hidden until the decision show to the user.

    To managers, and to customers, whom the rules of Odoo show their own. With whatever
    rights the code runs: what is made for somebody tells no more than he may know.
    """
    return is_robot(env) or not env.user._is_internal() or is_credit_manager(env)


def has_employee_rights(env):
    """Say whether an employee's rights are in force, not those of a customer."""
    return not env.user.share


def works_in(env, company):
    """Say whether the user works in a company: a form may name any."""
    return is_system(env) or company.id in env.user._get_company_ids()


def is_seller(env):
    """Say whether the user sells: core lets who only invoices write orders too."""
    return env.user.has_group(SELLER)


def manages_every_company(user):
    """Say whether a user may change what all companies share.

    An administrator, or who works in every company there is: of one company, everybody.
    """
    if user.has_group(ADMINISTRATOR):
        return True
    companies = user.env["res.company"].sudo().search([])
    return set(companies.ids) <= set(user._get_company_ids())


def manages_credit(env, companies):
    """Say whether the user blocks, lifts and decides in all of these companies."""
    return is_system(env) or (
        is_credit_manager(env) and companies <= env.user.company_ids
    )
