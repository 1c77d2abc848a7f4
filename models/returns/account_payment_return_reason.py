from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from ..reference_form import normal

# What the codes of the banks come down to.
CATEGORIES = [
    ("funds", "No funds"),
    ("refusal", "Refused by the debtor"),
    ("refund", "Refund asked by the debtor"),
    ("mandate", "Mandate"),
    ("account", "Account"),
    ("party", "Debtor data"),
    ("amount", "Amount"),
    ("cheque", "Cheque"),
    ("card", "Card"),
    ("legal", "Legal"),
    ("fraud", "Fraud"),
    ("recall", "Recall"),
    ("duplicate", "Duplicate"),
    ("regulatory", "Regulatory"),
    ("technical", "Technical"),
    ("charges", "Charges"),
    ("status", "Status"),
    ("other", "Other"),
]

# What an office does about what came back.
NEXT_STEPS = [
    ("present", "Present again"),
    ("fix", "Fix bank data"),
    ("contact", "Contact customer"),
    ("plan", "Payment plan"),
    ("legal", "Legal steps"),
]

# How many reasons are one click away, and of which kinds where none was used yet.
COMMON = 5
LIKELY = ("funds", "account", "refusal", "refund", "mandate")


class AccountPaymentReturnReason(models.Model):
    """Why a collection came back, as the banks code it.

    The codes are data: ISO 20022's external code set (return and status
    reasons), the outcome codes of the Italian interbank flows (CBI: RiBa, RID,
    MAV) and the ABI codes of statement movements. What a reason means for the
    customer (``counts_as_default``) is the company's choice, not the bank's.
    """

    _name = "account.payment.return.reason"
    _inherit = ["credit.empty.list", "credit.reach", "credit.shared", "credit.shipped"]
    _description = "Payment Return Reason"
    _order = "code"
    _rec_names_search = ["code", "name"]
    _shipped_key = "code"

    code = fields.Char(required=True, index=True)
    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    scheme = fields.Selection(
        selection=[
            ("iso", "ISO 20022"),
            ("riba", "RiBa outcome"),
            ("rid", "RID outcome"),
            ("mav", "MAV outcome"),
            ("abi", "Statement movement"),
            ("other", "Bank's own code"),
        ],
        required=True,
        default="other",
    )
    category = fields.Selection(
        selection=CATEGORIES,
        required=True,
        default="other",
    )
    counts_as_default = fields.Boolean(
        string="Counts as Default",
        default=True,
        help="A return for this reason is the customer's fault: it blocks the customer "
        "when the company asks for it. Recalls, duplicates and wrong bank details "
        "should not.",
    )
    represent = fields.Selection(
        selection=[
            ("yes", "Yes"),
            ("fix", "After correcting the data"),
            ("contact", "After contacting the customer"),
            ("maybe", "To be judged"),
            ("no", "No"),
        ],
        string="Present Again",
        default="maybe",
    )
    next_step = fields.Selection(
        selection=NEXT_STEPS,
        required=True,
        default="contact",
        help="What is to be done about what comes back for this reason. Fix bank data "
        "marks the customer's account as unfit for collection, until its number is "
        "changed or somebody says that it is fit.",
    )
    outcome = fields.Selection(
        selection=[
            ("unpaid", "Unpaid"),
            ("recalled", "Recalled"),
            ("paid", "Paid"),
            ("other", "Not an outcome"),
        ],
        required=True,
        default="unpaid",
        help="Codes that do not say 'unpaid' never become a return.",
    )

    _code_uniq = models.UniqueIndex(
        "(code)", "There is already a payment return reason with this code."
    )

    def _get_shared_error(self):
        """Override of `credit.shared`."""
        return AccessError(
            self.env._(
                "All companies share the reasons of payment returns. Only a credit"
                " manager who works in every company can change them."
            )
        )

    def _take_shipped(self, vals):
        """Override of `credit.shipped`: what a bank told, and nobody has described."""
        if self.name == self.code:
            self.write(vals)

    def _check_unpaid(self):
        """Raise UserError for a reason that does not say that anything came back."""
        for reason in self:
            if reason.outcome != "unpaid":
                raise UserError(
                    self.env._(
                        "%s does not say that a payment came back unpaid: choose"
                        " another reason.",
                        reason.display_name,
                    )
                )

    @api.depends("code", "name")
    def _compute_display_name(self):
        """Override of `base` to show the bank's code before the plain words."""
        for reason in self:
            reason.display_name = f"[{reason.code}] {reason.name}"

    def copy_data(self, default=None):
        """Override of `base` to give copies a code of their own, which is unique."""
        vals_list = super().copy_data(default)
        if "code" in (default or {}):
            return vals_list
        known = self.sudo().with_context(active_test=False).search_fetch([], ["code"])
        taken = set(known.mapped("code"))
        for vals in vals_list:
            while vals["code"] in taken:
                vals["code"] = self.env._("%s (copy)", vals["code"])
            taken.add(vals["code"])
        return vals_list

    @api.model
    def _get_or_create_by_code(self, codes):
        """Give the reason of each code, creating the ones never seen before.

        Banks send proprietary codes (ISO 20022 ``Prtry``): they are kept as
        reasons of their own, to be described later, never dropped.

        :param codes: iterable of bank codes
        :return: dict from code to reason record; two queries whatever the number
        """
        codes = {code for code in codes if code}
        reasons = self.sudo().with_context(active_test=False)
        found = {
            reason.code: reason
            for reason in reasons.search_fetch(
                Domain("code", "in", list(codes)), ["category", "code", "outcome"]
            )
        }
        missing = sorted(codes - found.keys())
        created = reasons.create([{"code": code, "name": code} for code in missing])
        found.update(zip(missing, created, strict=True))
        return {code: reason.with_env(self.env) for code, reason in found.items()}

    @api.model
    def _find_common(self, methods, company):
        """Return the reasons that are likely, for a person to choose by one click.

        Those that came most, of collections by the same methods; then of any; then one
        of each kind that is the customer's default.

        :param methods: `account.payment.method` records
        :param company: a `res.company`
        :return: five reasons that mean unpaid
        """
        of_method = Domain(
            "payment_id.payment_method_line_id.payment_method_id", "in", methods.ids
        )
        found = self._find_used(of_method, company)
        if len(found) < COMMON:
            found |= self._find_used(Domain.TRUE, company)
        if len(found) < COMMON:
            likely = self.search(
                Domain("outcome", "=", "unpaid")
                & Domain("scheme", "=", "iso")
                & Domain("counts_as_default", "=", True)
                & Domain("category", "in", LIKELY)
            )
            kinds = likely.grouped("category")
            found |= self.union(*(kinds[kind][:1] for kind in LIKELY if kind in kinds))
        return found[:COMMON]

    def _find_used(self, domain, company):
        """Return the reasons of a company's returns, the most frequent first."""
        lines = self.env["account.payment.return.line"].sudo()
        groups = lines._read_group(
            domain
            & Domain("company_id", "child_of", company.root_id.id)
            & Domain("reason_id.outcome", "=", "unpaid")
            & Domain("reason_id.active", "=", True),
            ["reason_id"],
            order="__count DESC, reason_id",
            limit=COMMON,
        )
        return self.union(*(reason.sudo(False) for (reason,) in groups))

    @api.model
    def _find_unpaid(self, codes):
        """The reason of the first of some codes that is known and says "unpaid".

        :param codes: iterable of codes
        :return: a reason, or none
        """
        found = self.search(
            Domain("code", "in", list(codes)) & Domain("outcome", "=", "unpaid")
        )
        by_code = {reason.code: reason for reason in found}
        return next((by_code[code] for code in codes if code in by_code), self.browse())

    @api.model
    def _take_over(self, names):
        """Give the reason of each code of another system, creating the unknown ones.

        Codes are known in other letters too (``am 04``). What nobody here has judged
        counts as nobody's default: such lists hold "transmission was successful".

        :param names: dict from code to the reason's name there
        :return: (dict from code to reason record, the reasons that were created)
        """
        reasons = self.sudo().with_context(active_test=False)
        ours = reasons.search([])  # pylint: disable=no-search-all  # hundreds
        by_code = {reason.code: reason for reason in ours}
        by_form = ours.grouped(lambda reason: normal(reason.code))
        found = {
            code: by_code.get(code) or by_form.get(normal(code), reasons.browse())[:1]
            for code in names
        }
        missing = [code for code, reason in found.items() if not reason]
        created = reasons.create(
            [
                {"code": code, "name": names[code] or code, "counts_as_default": False}
                for code in missing
            ]
        )
        found.update(zip(missing, created, strict=True))
        found = {code: reason.with_env(self.env) for code, reason in found.items()}
        return found, created.with_env(self.env)
