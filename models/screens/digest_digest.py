from odoo import fields, models
from odoo.exceptions import AccessError

from .. import acting

COLUMNS = ("kpi_col1", "kpi_col2", "kpi_col3")


class DigestDigest(models.Model):
    _inherit = "digest.digest"

    for_credit_managers = fields.Boolean(
        help="Every credit manager receives it, from the next sending on, unless they"
        " unsubscribe.",
    )
    credit_manager_ids = fields.Many2many(
        "res.users",
        "digest_digest_credit_manager_rel",
        "digest_id",
        "user_id",
        string="Credit Managers Subscribed",
        copy=False,
        help="Who was subscribed once: who unsubscribes is not subscribed again.",
    )
    kpi_credit_returns = fields.Boolean(string="Returned Collections")
    kpi_credit_returns_value = fields.Integer(
        compute="_compute_kpi_credit_returns_value"
    )
    kpi_credit_returned = fields.Boolean(string="Amount Returned")
    kpi_credit_returned_value = fields.Monetary(
        compute="_compute_kpi_credit_returned_value"
    )
    kpi_credit_blocks = fields.Boolean(string="New Credit Blocks")
    kpi_credit_blocks_value = fields.Integer(compute="_compute_kpi_credit_blocks_value")
    kpi_credit_holds = fields.Boolean(string="Held Orders")
    kpi_credit_holds_value = fields.Integer(compute="_compute_kpi_credit_holds_value")

    # === KPIS === #

    def _check_credit_user(self):
        """Raise AccessError, at which core leaves the figure out of the mail."""
        if not acting.is_credit_user(self.env):
            raise AccessError(
                self.env._("Only credit users receive the figures of credit control.")
            )

    def _compute_kpi_credit_returns_value(self):
        """Returns booked in the period, by the date at which they came back."""
        self._compute_credit_returns("kpi_credit_returns_value", "returned_count")

    def _compute_kpi_credit_returned_value(self):
        """What came back in the period, in the currency of the company."""
        self._compute_credit_returns("kpi_credit_returned_value", "returned_amount")

    def _compute_credit_returns(self, name, measure):
        self._check_credit_user()
        start, end, companies = self._get_kpi_compute_parameters()
        groups = self.env["account.payment.return.report"]._read_group(
            [
                ("kind", "=", "return"),
                ("company_id", "in", companies.ids),
                # By days, as core does with the revenue: today's are in.
                ("date", ">", start),
                ("date", "<=", end),
            ],
            ["company_id"],
            [f"{measure}:sum"],
        )
        self._set_credit_values(name, dict(groups))

    def _compute_kpi_credit_blocks_value(self):
        """Blocks set in the period, those lifted since included."""
        self._check_credit_user()
        self._calculate_company_based_kpi(
            "credit.block", "kpi_credit_blocks_value", date_field="date_from"
        )

    def _compute_kpi_credit_holds_value(self):
        """Orders that wait now, whenever they were held."""
        self._check_credit_user()
        companies = self._get_kpi_compute_parameters()[-1]
        groups = self.env["sale.order.hold"]._read_group(
            [("company_id", "in", companies.ids), ("state", "=", "held")],
            ["company_id"],
            ["__count"],
        )
        self._set_credit_values("kpi_credit_holds_value", dict(groups))

    def _set_credit_values(self, name, values):
        """Write a figure on each digest, of its company or of the reader's."""
        for digest in self:
            company = digest.company_id or self.env.company
            digest[name] = values.get(company, 0)

    def _compute_kpis(self, company, user):
        """Override of `digest`: core paints every rise green, and these are no good
        news; what waits now waits in every period.
        """
        kpis = super()._compute_kpis(company, user)
        for kpi in kpis:
            if kpi["kpi_name"].startswith("kpi_credit_"):
                for column in COLUMNS:
                    kpi[column]["margin"] = 0.0
            if kpi["kpi_name"] == "kpi_credit_holds":
                kpi[COLUMNS[0]]["col_subtitle"] = self.env._("Now")
                kpi.update(dict.fromkeys(COLUMNS[1:], {}))
        return kpis

    def _compute_kpis_actions(self, company, user):
        """Override of `digest`: the mail opens our reports."""
        actions = super()._compute_kpis_actions(company, user)
        menu = self.env.ref("account.menu_finance").id
        for kpi, action in (
            ("kpi_credit_returns", "account_payment_return_report_action_returns"),
            ("kpi_credit_returned", "account_payment_return_report_action_returns"),
            ("kpi_credit_blocks", "credit_block_action"),
            ("kpi_credit_holds", "sale_order_hold_action"),
        ):
            actions[kpi] = f"account_credit_block.{action}?menu_id={menu}"
        return actions

    # === RECIPIENTS === #

    def _action_send(self, update_periodicity=True):
        """Override of `digest`: who became a credit manager meanwhile receives it."""
        self.filtered("for_credit_managers")._subscribe_credit_managers()
        return super()._action_send(update_periodicity=update_periodicity)

    def _subscribe_credit_managers(self):
        """Subscribe the credit managers who never were; who left the group leaves."""
        managers = self.env["res.users"].search(
            [
                (
                    "all_group_ids",
                    "in",
                    self.env.ref("account_credit_block.group_credit_manager").ids,
                ),
                ("share", "=", False),
            ]
        )
        for digest in self.sudo():
            known = digest.credit_manager_ids
            digest.user_ids = digest.user_ids - (known - managers) | managers - known
            digest.credit_manager_ids = managers
