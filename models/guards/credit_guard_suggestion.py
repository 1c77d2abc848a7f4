from markupsafe import Markup

from odoo import api, models

from .. import notification

DELIVERED_TO_CUSTOMERS = [
    ("picking_type_code", "=", "outgoing"),
    ("location_dest_id.usage", "=", "customer"),
]


class CreditGuard(models.Model):
    """Guards worth having for what is installed; none of it is needed."""

    _inherit = "credit.guard"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _get_suggestions(self):
        """Return the values of the guards to suggest for the installed addons.

        Kinds of documents that a guard of that operation looks at already, archived or
        not, are left out.
        """
        guarded = {
            (guard.model, guard.operation)
            for guard in self.with_context(active_test=False).sudo().search([])
        }
        return [
            {**vals, "model_id": self.env["ir.model"].sudo()._get_id(model)}
            for model, vals in self._get_known_suggestions()
            if (model, vals["operation"]) not in guarded
        ]

    def _get_known_suggestions(self):
        """Return pairs of an installed model and the values of a guard of it."""
        support = {
            "project.task": (["partner_id"], self.env._("Support: tasks")),
            "repair.order": (["partner_id"], self.env._("Support: repairs")),
            "helpdesk.ticket": (["partner_id"], self.env._("Support: tickets")),
            "fsm.order": (
                ["partner_id", "location_id.owner_id", "location_id.partner_id"],
                self.env._("Support: field service"),
            ),
        }
        suggestions = [
            (model, {"name": name, "partner_path": path, "operation": "support"})
            for model, (paths, name) in support.items()
            if (path := self._find_path(model, paths))
        ]
        return suggestions + self._get_delivery_suggestions()

    def _get_delivery_suggestions(self):
        """Return two guards of deliveries: a warning in time, and the last word.

        Not what customers or vendors send, not what vendors ship to customers, and not
        what is handed over at a point of sale.
        """
        if not self._find_path("stock.picking", ("partner_id",)):
            return []
        common = {
            "partner_path": "partner_id",
            "operation": "delivery",
            "trigger": "value",
            "filter_domain": repr(self._get_delivery_domain()),
        }
        return [
            (
                "stock.picking",
                {
                    **common,
                    "name": self.env._("Deliveries: warn while they are prepared"),
                    "condition": repr([("state", "in", ["confirmed", "assigned"])]),
                    "effect": "warn",
                },
            ),
            (
                "stock.picking",
                {
                    **common,
                    "name": self.env._("Deliveries: ask before they leave"),
                    "condition": repr([("state", "=", "done")]),
                },
            ),
        ]

    def _get_delivery_domain(self):
        """Return which transfers are deliveries to customers."""
        domain = list(DELIVERED_TO_CUSTOMERS)
        if "pos.config" in self.env:
            counters = self.env["pos.config"].sudo().with_context(active_test=False)
            types = counters.search([]).picking_type_id  # pylint: disable=no-search-all
            if types:
                domain.append(("picking_type_id", "not in", types.ids))
        return domain

    def _find_path(self, model_name, paths):
        """Return the first of these paths that leads from a model to a customer."""
        model = self.env.get(model_name)
        for path in paths if model is not None else ():
            found = model
            for name in path.split("."):
                field = found is not None and found._fields.get(name)
                found = self.env.get(field.comodel_name) if field else None
            if found is not None and found._name == "res.partner":
                return path
        return None

    # === ACTIONS === #

    def action_create_suggested(self):
        """Create the suggested guards, switched off, and show all there are.

        The button of a list passes the ids of what is chosen there, which is nothing
        to this.

        :return: a window action, or a notification where there is nothing to create
        :raises AccessError: for who is no administrator
        """
        guards = self.browse()
        guards.check_access("create")
        if not guards._get_known_suggestions():
            text = guards._get_nothing_installed_text()
            return guards._get_no_suggestion_notification(text)
        suggestions = guards._get_suggestions()
        if not suggestions:
            text = guards._get_all_guarded_text()
            return guards._get_no_suggestion_notification(text)
        guards.create([{**vals, "active": False} for vals in suggestions])
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account_credit_block.credit_guard_action"
        )
        action["context"] = {"active_test": False}
        action["target"] = "main"
        return action

    def _get_no_suggestion_notification(self, text):
        return notification.tell(text, title=self.env._("Suggested Guards"))

    def _get_all_guarded_text(self):
        return self.env._(
            "Everything installed is guarded already. A guard that is off does nothing:"
            " switch it on in the list."
        )

    def _get_nothing_installed_text(self):
        return self.env._(
            "There is nothing to suggest: guards are suggested for the apps Project,"
            " Repairs and Inventory and for OCA's Helpdesk and Field Service, and none"
            " of these is installed. Click New to guard documents of another app."
        )

    def _get_empty_list_hint(self):
        """Override to offer the suggestions to who may take them."""
        # The client loads actions, and their help, with the rights of the server.
        if not self.sudo(False).has_access("create"):
            return self.env._("Guards are added by an administrator: ask yours.")
        if not self._get_known_suggestions():
            return self._get_nothing_installed_text()
        action = self.env.ref("account_credit_block.credit_guard_action_suggest")
        link = Markup('<a type="action" class="btn btn-primary" name="%s">%s</a>')
        return link % (action.id, self.env._("Suggested Guards"))
