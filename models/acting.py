"""Who is acting: the system, an employee or a customer. Asked nowhere else."""

from odoo import SUPERUSER_ID
from odoo.http import request

CREDIT_USER = "account_credit_block.group_credit_user"
CREDIT_MANAGER = "account_credit_block.group_credit_manager"


def is_system(env):
    """Say whether the server's own code acts, with nobody's rights.

    No client gets there by itself: superuser mode is entered by code only.
    """
    return env.su


def is_robot(env):
    """Say whether nobody is there to read an answer: a job of the system, OdooBot."""
    return env.uid == SUPERUSER_ID


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


def is_credit_user(env):
    """Say whether the user sees blocks, returns and the amounts of the exposure."""
    return env.user.has_group(CREDIT_USER)


def is_credit_manager(env):
    """Say whether the user blocks, lifts, decides and configures."""
    return env.user.has_group(CREDIT_MANAGER)


def manages_credit(env, companies):
    """Say whether the user blocks, lifts and decides in all of these companies."""
    return is_system(env) or (
        is_credit_manager(env) and companies <= env.user.company_ids
    )
