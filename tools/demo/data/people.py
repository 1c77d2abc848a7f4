"""Users and customers of the demo."""

from odoo import Command

from . import cast

LANGUAGE = "en_GB"  # English words, European dates
CUSTOMER_LANGUAGE = "it_IT"


def load_languages(env):
    """The language of the users, and the customers' with its translations."""
    for code in (LANGUAGE, CUSTOMER_LANGUAGE):
        env["res.lang"]._activate_lang(code)
    installed = env["ir.module.module"].search([("state", "=", "installed")])
    installed._update_translations([CUSTOMER_LANGUAGE])


def create_users(env):
    """One user a role; no invitation mails."""
    env["res.users"].with_context(no_reset_password=True).create(
        [
            {
                "name": user.name,
                "login": user.login,
                "email": f"{user.login}@officine-demo.example",
                "password": cast.PASSWORD,
                "lang": LANGUAGE,
                "tz": "Europe/Rome",
                "group_ids": [
                    Command.set(
                        [env.ref(name).id for name in ("base.group_user", *user.groups)]
                    )
                ],
            }
            for user in cast.USERS
        ]
    )
    # The demo's credit manager is a person: the administrator only looks on.
    env.ref("base.user_admin").write(
        {
            "group_ids": [
                Command.unlink(env.ref("account_credit_block.group_credit_manager").id),
                Command.link(env.ref("account_credit_block.group_credit_user").id),
            ]
        }
    )


def get_user(env, key):
    """The user of a role."""
    user = next(user for user in cast.USERS if user.key == key)
    return env["res.users"].search([("login", "=", user.login)])


def acting(env, key):
    """The environment of a role's user, without superuser rights."""
    user = get_user(env, key)
    return env(user=user.id, context={"lang": user.lang, "tz": user.tz}, su=False)


def create_customers(env):
    """The customers, with address, mail and bank account."""
    country = env.ref("base.it")
    seller = get_user(env, "salesperson")
    # Core would write to the salesperson about each of them, at once.
    quiet = env["res.partner"].with_context(mail_auto_subscribe_no_notify=True)
    partners = quiet.create(
        [
            {
                "name": customer.name,
                "ref": customer.key,
                "is_company": True,
                "street": customer.street,
                "zip": customer.zip,
                "city": customer.city,
                "country_id": country.id,
                "vat": customer.vat,
                "email": customer.email,
                "lang": CUSTOMER_LANGUAGE,
                "customer_rank": 1,
                "user_id": seller.id,
                "bank_ids": [Command.create({"acc_number": customer.iban})],
            }
            for customer in cast.CUSTOMERS
        ]
    )
    return partners.with_env(env)


def get_customer(env, key):
    """The partner of a customer."""
    return env["res.partner"].search([("ref", "=", key)])


def set_credit_limits(env):
    """How much customers may owe."""
    for key, limit in cast.CREDIT_LIMITS.items():
        get_customer(env, key).credit_limit = limit


def create_shopper(env):
    """A contact of a customer who may log in to the shop and the portal."""
    key, name, login = cast.SHOPPER
    company = get_customer(env, key)
    contact = env["res.partner"].create(
        {
            "name": name,
            "parent_id": company.id,
            "type": "contact",
            "email": f"{login}@{key}.example",
            "phone": "+39 091 555 0134",
            "lang": LANGUAGE,
        }
    )
    env["res.users"].with_context(no_reset_password=True).create(
        {
            "login": login,
            "password": cast.PASSWORD,
            "partner_id": contact.id,
            "group_ids": [Command.set(env.ref("base.group_portal").ids)],
        }
    )


def get_shopper(env):
    """The contact who buys on the website."""
    login = cast.SHOPPER[2]
    return env["res.users"].search([("login", "=", login)]).partner_id
