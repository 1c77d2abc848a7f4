import ast

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Command, Domain

from ..const import OPERATIONS

# What a guard writes into its automated action.
SYNCED_FIELDS = {
    "name",
    "active",
    "model_id",
    "partner_path",
    "trigger",
    "condition",
    "filter_domain",
}


class CreditGuard(models.Model):
    """One kind of document that is asked about before it goes on.

    A guard is a description. What makes it work is one automated action of Odoo's,
    which it keeps in step: an archived guard has none that runs, and costs nothing.
    """

    _name = "credit.guard"
    _inherit = ["credit.setting"]
    _description = "Credit Guard"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(
        default=True, help="An archived guard asks nothing and costs nothing."
    )
    model_id = fields.Many2one(
        "ir.model",
        string="Document",
        required=True,
        ondelete="cascade",
        domain=[("transient", "=", False), ("abstract", "=", False)],
        help="What is guarded: tickets, tasks, repairs, transfers…",
    )
    model = fields.Char(related="model_id.model", string="Technical Name")
    is_mail_thread = fields.Boolean(related="model_id.is_mail_thread")
    partner_path = fields.Char(
        string="Customer Field",
        required=True,
        help="Where the document says who the customer is.",
    )
    company_path = fields.Char(
        string="Company Field",
        compute="_compute_company_path",
        store=True,
        readonly=False,
        help="Where the document says which company it belongs to.",
    )
    company_id = fields.Many2one(
        help="Guard the documents of this company and its branches only."
    )
    fallback_company_id = fields.Many2one(
        "res.company",
        string="Company If None",
        compute="_compute_fallback_company_id",
        store=True,
        readonly=False,
        required=True,
        precompute=True,
        help="Documents without a company are asked about in this one.",
    )
    operation = fields.Selection(
        selection="_get_operations",
        required=True,
        default="support",
        help="The column of the grid of block levels that decides.",
    )
    trigger = fields.Selection(
        [
            ("create", "It is created"),
            ("value", "A field takes a value"),
        ],
        string="Ask When",
        required=True,
        default="create",
        help="A change of the customer is always asked about too.",
    )
    condition = fields.Char(
        string="The Value",
        help="Asked when one of these fields changes and the document then fulfils all"
        " this.",
    )
    filter_domain = fields.Char(
        string="Only If",
        help="Documents that do not fulfil this are never asked about.",
    )
    effect = fields.Selection(
        [
            ("refuse", "As the grid says"),
            ("warn", "Warn only"),
        ],
        required=True,
        default="refuse",
        help="Warn only: hold and forbid leave a note too, instead of refusing.",
    )
    automation_ids = fields.One2many(
        "base.automation",
        "credit_guard_id",
        string="Automated Action",
        context={"active_test": False},
        copy=False,
        groups="base.group_system",
    )

    @api.model
    def _get_operations(self):
        """Return the columns of the grid, under the names that they have there."""
        levels = self.env["credit.block.level"]
        labels = levels.fields_get(
            [f"policy_{name}" for name in OPERATIONS], ["string"]
        )
        return [(name, labels[f"policy_{name}"]["string"]) for name in OPERATIONS]

    # === COMPUTE === #

    @api.depends("model_id")
    def _compute_company_path(self):
        """By default the company field that every document of Odoo's has."""
        for guard in self:
            model = self.env.get(guard.model_id.model)
            has_company = model is not None and "company_id" in model._fields
            guard.company_path = "company_id" if has_company else False

    @api.depends("company_id")
    def _compute_fallback_company_id(self):
        """The guard's company, or else the one it is entered in."""
        for guard in self:
            guard.fallback_company_id = (
                guard.company_id or guard.fallback_company_id or self.env.company
            )

    @api.onchange("model_id")
    def _onchange_model_id(self):
        """Propose the customer field; what was said about another model is void."""
        model = self.env.get(self.model_id.model)
        has_partner = model is not None and "partner_id" in model._fields
        self.partner_path = "partner_id" if has_partner else False
        self.condition = self.filter_domain = False

    # === CONSTRAINS === #

    @api.constrains("model_id", "partner_path", "company_path")
    def _check_paths(self):
        """Raise ValidationError for what can never be asked about."""
        for guard in self:
            guard._check_model()
            guard._check_path(guard.partner_path, "res.partner")
            if guard.company_path:
                guard._check_path(guard.company_path, "res.company")

    def _check_model(self):
        """Raise ValidationError for a model whose records nobody creates."""
        model = self.env.get(self.model_id.sudo().model)
        if model is None or model._abstract or model._transient or not model._auto:
            raise ValidationError(
                self.env._(
                    "“%s” cannot be guarded: it is not stored.",
                    self.model_id.sudo().display_name,
                )
            )

    def _check_path(self, path, comodel):
        """Raise ValidationError unless a path leads to one record of a model."""
        names, model = (path or "").split("."), self.env[self.model_id.sudo().model]
        for position, name in enumerate(names):
            field = model._fields.get(name)
            if not field or field.type != "many2one" or not (position or field.store):
                raise ValidationError(
                    self.env._(
                        "“%(path)s” does not lead to one record of “%(wanted)s”:"
                        " choose a stored field, or one of a linked record.",
                        path=path,
                        wanted=self.env["ir.model"]._get(comodel).name,
                    )
                )
            model = self.env[field.comodel_name]
        if model._name != comodel:
            raise ValidationError(
                self.env._(
                    "“%(path)s” leads to “%(found)s” instead of “%(wanted)s”.",
                    path=path,
                    found=self.env["ir.model"]._get(model._name).name,
                    wanted=self.env["ir.model"]._get(comodel).name,
                )
            )

    @api.constrains("model_id", "trigger", "condition", "filter_domain")
    def _check_domains(self):
        """Raise ValidationError for conditions that cannot be evaluated."""
        for guard in self:
            model = self.env[guard.model_id.sudo().model]
            try:
                guard._parse(guard.filter_domain).validate(model)
                condition = guard._parse(guard.condition)
                condition.validate(model)
            except (ValueError, SyntaxError, TypeError) as error:
                raise ValidationError(
                    self.env._(
                        "The condition of “%(guard)s” cannot be understood, use fixed"
                        " values: %(error)s",
                        guard=guard.name,
                        error=error,
                    )
                ) from error
            if guard.trigger == "value" and condition.is_true():
                raise ValidationError(
                    self.env._(
                        "Say for “%s” which field takes which value.", guard.name
                    )
                )

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        """Give every guard its automated action."""
        guards = super().create(vals_list)
        if guards:
            guards._create_automations()
        return guards

    def write(self, vals):
        """Keep the automated actions in step."""
        res = super().write(vals)
        if "model_id" in vals:
            self._unlink_automations()
            self._create_automations()
        elif SYNCED_FIELDS & set(vals):
            for guard in self.sudo():
                automation = guard.automation_ids
                values = guard._prepare_automation_values()
                # Writing it, even as it is, makes every worker reload.
                if automation.active == values["active"]:
                    del values["active"]
                automation.write(values)
        return res

    def unlink(self):
        """Take the automated actions away; the database would, but tell no worker."""
        self._unlink_automations()
        return super().unlink()

    # === ACTIONS === #

    def action_open_automation(self):
        """Open the automated action of this guard (smart button).

        :return: a window action
        :raises AccessError: for who may not see automated actions
        """
        self.check_access("read")
        self.env["base.automation"].check_access("read")
        return self.automation_ids._get_records_action(
            name=self.env._("Automation Rules")
        )

    # === THE AUTOMATED ACTION === #

    def _create_automations(self):
        """Create one automated action per guard, with the one thing it does."""
        # During an import of a file core would not make them work.
        automations = self.env["base.automation"].sudo()
        automations = automations.with_context(import_file=False)
        automations = automations.create(
            [
                {
                    **guard._prepare_automation_values(),
                    "credit_guard_id": guard.id,
                    "model_id": guard.model_id.id,
                    "trigger": "on_create_or_write",
                }
                for guard in self.sudo()
            ]
        )
        self.env["ir.actions.server"].sudo().create(
            [
                {
                    "name": automation.name,
                    "base_automation_id": automation.id,
                    "model_id": automation.model_id.id,
                    "usage": "base_automation",
                    "state": "code",
                    "code": f"env['credit.guard']"
                    f".browse({automation.credit_guard_id.id})._check(records)",
                }
                for automation in automations
            ]
        )

    def _unlink_automations(self):
        """Delete the automated actions of these guards."""
        self.sudo().automation_ids.with_context(import_file=False).unlink()

    def _prepare_automation_values(self):
        """Return what the automated action has to know of this guard."""
        self.ensure_one()
        condition = self._get_condition()
        watched = {self.partner_path.split(".")[0]}
        watched.update(
            leaf.field_expr.split(".")[0] for leaf in condition.iter_conditions()
        )
        asked = Domain(self.partner_path, "!=", False) & condition
        asked &= self._parse(self.filter_domain)
        get_field = self.env["ir.model.fields"].sudo()._get
        field_ids = [
            get_field(self.model_id.model, name).id for name in sorted(watched)
        ]
        return {
            "name": self.env._("Credit guard: %s", self.name),
            "active": self.active,
            "filter_domain": repr(list(asked)),
            "trigger_field_ids": [Command.set(field_ids)],
        }

    def _get_condition(self):
        """Return the domain that a document has to come to, which may be all."""
        return self._parse(self.condition) if self.trigger == "value" else Domain.TRUE

    @api.model
    def _parse(self, domain):
        """Return a domain that was entered as text; only fixed values are taken.

        :raises ValueError, SyntaxError, TypeError: for anything else
        """
        return Domain(ast.literal_eval(domain)) if domain else Domain.TRUE
