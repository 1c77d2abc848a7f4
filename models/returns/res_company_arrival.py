import re

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import email_normalize

from .. import acting
from .mail_thread import ARRIVAL

_BETWEEN = re.compile(r"[\s,;]+")
_DOMAIN = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")


class ResCompany(models.Model):
    """Where the files of a company's banks arrive, from whom, and who looks after."""

    _inherit = "res.company"  # pylint: disable=consider-merging-classes-inherited

    credit_arrival_alias_id = fields.Many2one(
        "mail.alias",
        string="Alias of Bank Files",
        readonly=True,
        copy=False,
        ondelete="set null",
        index="btree_not_null",
    )
    credit_arrival_alias_name = fields.Char(
        string="Address for Bank Files",
        compute="_compute_credit_arrival_alias_name",
        inverse="_inverse_credit_arrival_alias_name",
        help="Files that your banks send to it are imported by themselves.",
    )
    credit_arrival_senders = fields.Text(
        string="Senders of Bank Files",
        groups=acting.ADMINISTRATOR,
        copy=False,
        help="Addresses, or whole domains such as bank.example. Files from anybody else"
        " wait until a person has looked at them. Nobody, if empty.",
    )
    credit_arrival_user_id = fields.Many2one(
        "res.users",
        string="Responsible for Bank Files",
        domain=lambda self: [
            ("all_group_ids", "in", self.env.ref(acting.ACCOUNTING).ids),
            ("share", "=", False),
        ],
        help="Who is asked to look at files that could not be imported; the first"
        " credit manager if empty.",
    )

    @api.depends("credit_arrival_alias_id.alias_name")
    def _compute_credit_arrival_alias_name(self):
        for company in self:
            alias = company.sudo().credit_arrival_alias_id
            company.credit_arrival_alias_name = alias.alias_name

    def _inverse_credit_arrival_alias_name(self):
        """Give these companies an address, another one, or none any more."""
        names = {company: company.credit_arrival_alias_name for company in self}
        for company, name in names.items():
            alias = company.sudo().credit_arrival_alias_id
            if alias and name:
                alias.alias_name = name
            elif alias:
                alias.unlink()
            elif name:
                company.sudo().credit_arrival_alias_id = company._create_alias(name)

    def _create_alias(self, name):
        """Create the address. Its defaults say nothing: the company names its alias."""
        return (
            self.env["mail.alias"]
            .sudo()
            .create(
                {
                    "alias_name": name,
                    "alias_domain_id": self.alias_domain_id.id,
                    "alias_model_id": self.env["ir.model"]._get_id(ARRIVAL),
                    "alias_contact": "everyone",
                }
            )
        )

    def write(self, vals):
        """Override of `base`: the address goes along to another domain."""
        result = super().write(vals)
        if "alias_domain_id" in vals:
            for company in self.sudo().filtered("credit_arrival_alias_id"):
                company.credit_arrival_alias_id.alias_domain_id = (
                    company.alias_domain_id
                )
        return result

    @api.constrains("credit_arrival_senders")
    def _check_credit_arrival_senders(self):
        """Raise ValidationError for what is neither an address nor a domain."""
        for sender in self._get_arrival_senders():
            if "@" in sender[1:]:
                is_known = email_normalize(sender) == sender and "*" not in sender
            else:
                is_known = _DOMAIN.fullmatch(sender.removeprefix("@"))
            if not is_known:
                raise ValidationError(
                    self.env._(
                        "“%s” is neither an address, such as reports@bank.example, nor"
                        " a domain, such as bank.example.",
                        sender,
                    )
                )

    @api.constrains("credit_arrival_user_id")
    def _check_credit_arrival_user_id(self):
        """Raise ValidationError for who may not look at the files."""
        for company in self:
            user = company.sudo().credit_arrival_user_id
            if user and not company._may_look_at_arrivals(user):
                raise ValidationError(
                    self.env._(
                        "%(user)s cannot look at the bank files of %(company)s: choose"
                        " somebody who may invoice there.",
                        user=user.name,
                        company=company.sudo().name,
                    )
                )

    def _get_arrival_senders(self):
        """Return the addresses and domains of these companies, in lower case."""
        texts = (company.credit_arrival_senders or "" for company in self.sudo())
        return [each for text in texts for each in _BETWEEN.split(text.lower()) if each]

    def _is_arrival_sender(self, address):
        """Say whether files from an address are imported.

        A domain lets in its subdomains too: they are of the same owner.

        :param address: normal form; may be empty
        """
        self.ensure_one()
        domain = address.rpartition("@")[2]
        return bool(domain) and any(
            sender == address or f".{domain}".endswith(f".{sender.removeprefix('@')}")
            for sender in self._get_arrival_senders()
        )

    def _get_arrival_user(self):
        """Return who is asked to look at files: chosen here or above, else a manager.

        :return: ``res.users``, perhaps empty
        """
        self.ensure_one()
        chosen = self._get_of_parents("credit_arrival_user_id").sudo()
        if chosen.active and self._may_look_at_arrivals(chosen):
            return chosen
        return self._get_credit_managers(limit=1)

    def _may_look_at_arrivals(self, user):
        """Say whether a user may import in this company."""
        works_here = self.id in user._get_company_ids()
        return works_here and user.has_group(acting.ACCOUNTING)
