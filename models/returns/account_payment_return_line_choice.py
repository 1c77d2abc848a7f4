from odoo import api, fields, models
from odoo.exceptions import LockError, UserError, ValidationError

from . import match_rules
from .return_states import STANDING, WAITING

# So many are shown beside a line; the dialog has all.
SHOWN = 3


class AccountPaymentReturnLine(models.Model):
    """What a person decides on a line: whose payment came back, and which one.

    The customer of a line is the one who paid. A payment of somebody else is never
    taken without a word: it is refused, unless the customer is given with it.
    """

    _inherit = "account.payment.return.line"  # pylint: disable=consider-merging-classes-inherited

    candidates = fields.Json(
        compute="_compute_candidates",
        string="Proposals",
        help="The payments that may be it: one click chooses.",
    )

    # === THE CUSTOMER === #

    def _get_payers(self):
        """Who paid what came back, the owner of the returned item first."""
        self.ensure_one()
        return self.move_line_id.partner_id | self.payment_id.partner_id

    def _is_of_another(self, payers):
        """Whether what somebody paid is not of the customer of the line."""
        self.ensure_one()
        customer = self.partner_id.commercial_partner_id
        return (
            bool(customer and payers) and customer not in payers.commercial_partner_id
        )

    @api.constrains("partner_id", "payment_id", "move_line_id")
    def _check_customer(self):
        """Raise ValidationError for a payment of another customer than the line's."""
        for line in self.filtered("partner_id"):
            payers = line._get_payers()
            if line._is_of_another(payers):
                raise ValidationError(line._get_other_customer_text(payers[:1]))

    def _get_other_customer_text(self, payer):
        self.ensure_one()
        return self.env._(
            "%(payment)s was paid by %(payer)s, but the line is of %(customer)s. "
            "Choose a payment of %(customer)s, or change the customer first.",
            payment=self.payment_id.name or self.move_line_id.move_name or "",
            payer=payer.display_name,
            customer=self.partner_id.display_name,
        )

    @api.onchange("partner_id")
    def _onchange_partner_id(self):
        """Let go of a payment that is not of the customer now entered."""
        for line in self:
            if line._is_of_another(line._get_payers()):
                line.move_line_id = line.payment_id = False

    def _put_back_of_another(self):
        """Take back the choice of a payment of another customer.

        :return: the warning that says so; empty if there is none
        """
        warning = {}
        for line in self:
            payer = line.payment_id.partner_id
            if line._is_of_another(payer):
                warning = self._prepare_warning(line._get_other_customer_text(payer))
                line.payment_id = line._origin.payment_id
        return warning

    def _warn_of_debtor(self):
        """Ask where the bank named somebody else than who paid.

        :return: a warning; None if there is none
        """
        doubts = [
            # The customer may be the one of this very payment.
            line._ask_for_debtor(line._get_payers()[:1])
            for line in self
            if line.payment_id != line._origin.payment_id
            and not line._origin.partner_id
        ]
        text = "\n".join(filter(None, doubts))
        return self._prepare_warning(text) if text else None

    def _prepare_warning(self, message):
        title = self.env._("Another Customer")
        return {"warning": {"title": title, "message": message}}

    def _get_doubt(self, payer):
        """Ask whether the payment of somebody may be that of the line.

        :param payer: ``res.partner`` who paid
        :return: a question; empty where nobody else was named
        """
        self.ensure_one()
        customer = self.partner_id
        if not customer:
            return self._ask_for_debtor(payer)
        if not payer or customer.commercial_partner_id == payer.commercial_partner_id:
            return ""
        return self.env._(
            "The line is of %(customer)s, but this payment is of %(payer)s: did it "
            "come back all the same? Then the customer of the line is changed.",
            customer=customer.display_name,
            payer=payer.display_name,
        )

    def _ask_for_debtor(self, payer):
        """The same about whom the bank names, whatever the customer of the line is."""
        names = (payer.name, payer.commercial_partner_id.name)
        told = match_rules.clean_name(self.partner_name)
        if not told or not match_rules.is_nobody_of(told, names):
            return ""
        return self.env._(
            "The bank names %(debtor)s, but this payment is of %(payer)s: did it come "
            "back all the same?",
            debtor=self.partner_name,
            payer=payer.display_name,
        )

    # === PROPOSALS === #

    @api.depends(
        "state",
        "match_state",
        "amount",
        "partner_id",
        "partner_name",
        "kind",
        "return_date",
        "candidate_line_ids.parent_state",
        "candidate_payment_ids.state",
    )
    def _compute_candidates(self):
        """The nearest payments that may be it, for buttons; in batch."""
        targets = self._get_candidates()
        home = self.env["account.payment.return.candidate"]
        faces = home._describe({t for found in targets.values() for t in found})
        for line in self:
            near = line._sort_near(targets[line], faces)[:SHOWN]
            line.candidates = [
                line._prepare_candidate(target, faces[target]) for target in near
            ]

    def _get_candidates(self):
        """The collections that a person may choose from by one click.

        Those proposed that the user may see and that can still come back, of a draft
        line that waits for one.

        :return: dict from line to list of (receivable item, payment)
        """
        waiting = self.filtered(
            lambda line: line.state == "draft" and line.match_state in WAITING
        )
        items = waiting.candidate_line_ids._origin._filtered_access("read")
        payments = waiting.candidate_payment_ids._origin | items.payment_id
        payments = payments._filtered_access("read").filtered(
            lambda payment: payment.state in STANDING
        )
        items = items.filtered(
            lambda item: item.parent_state == "posted" and item.payment_id <= payments
        )
        found = {line: [] for line in self}
        for line in waiting:
            theirs = line.candidate_line_ids._origin & items
            alone = line.candidate_payment_ids._origin & payments
            found[line] = [
                (item, payment)
                for item, payment in (
                    *((item, item.payment_id) for item in theirs),
                    *((items.browse(), payment) for payment in alone),
                )
                if self._is_within(
                    (item or payment).company_id, line.return_id.company_id
                )
            ]
        return found

    def _sort_near(self, targets, faces):
        """Those first that are nearest to what the bank told; of a later day, last.

        It is not refused: the day of a payment is often that on which somebody
        entered it, and the bank may have taken the money before.

        :param faces: dict from target to `Face`
        """
        self.ensure_one()
        told, currency = self._get_told()
        day = self.due_date or self.return_date

        def get_distance(target):
            face = faces[target]
            amount = face.amount if face.currency == currency else None
            near = match_rules.get_distance(told, amount, day, face.day)
            return self._is_too_late(face.day), near

        return sorted(targets, key=get_distance)

    def _is_too_late(self, day):
        """Whether what was paid on a day would have come back before.

        Of a reject the day does not tell: it comes before the day of the collection.
        """
        self.ensure_one()
        today = self.return_id.company_id._get_credit_today()
        return self.kind != "reject" and match_rules.is_too_late(
            day, self.return_date, today
        )

    def _prepare_candidate(self, target, face):
        """What the screen needs for the button of one collection."""
        item, payment = target
        record = item or payment
        home = self.env["account.payment.return.candidate"]
        customer, debtor = face.partner.commercial_partner_id, self.partner_name
        is_said = customer == self.partner_id.commercial_partner_id or (
            match_rules.clean_name(debtor) == match_rules.clean_name(customer.name)
        )
        return {
            "model": record._name,
            "id": record.id,
            "label": home._say_shortly(face, with_partner=not is_said),
            "tooltip": home._say(face),
            "ask": self._get_doubt(face.partner),
        }

    # === CHOICE === #

    def action_choose_candidate(self):
        """Open the dialog in which a person picks the payment that came back.

        :return: a window action
        :raises AccessError: for who may not write the line
        :raises UserError: when the return is no longer in draft
        """
        self.ensure_one()
        self.check_access("write")
        self._check_chosen_in_draft()
        return self.env["account.payment.return.choose"]._open(self)

    def action_take_candidate(self, model, res_id):
        """Take one of the payments proposed for the line.

        :param model: "account.move.line", or "account.payment" for one without an entry
        :param res_id: its id
        :return: True
        :raises AccessError: for who may not write the line
        :raises UserError: when somebody chose meanwhile, the return is not in draft any
            more, or that payment is not proposed
        """
        self.ensure_one()
        self._lock_to_choose()
        for item, payment in self._get_candidates()[self]:
            record = item or payment
            if (record._name, record.id) == (model, res_id):
                self.env["account.payment.return.match"]._choose(self, item, payment)
                return True
        if self.match_state not in WAITING:
            raise UserError(
                self.env._(
                    "The payment of this line has been chosen meanwhile. Reload the "
                    "page to see which one."
                )
            )
        raise UserError(
            self.env._(
                "This payment is not proposed any more. Reload the page to see those "
                "that are."
            )
        )

    def _lock_to_choose(self):
        """Lock a line before its payment is chosen, and look at it anew.

        :raises AccessError: for who may not write the line
        :raises UserError: when somebody else is choosing, or the return left the draft
        """
        self.check_access("write")
        try:
            self.lock_for_update()
        except LockError as error:
            raise UserError(
                self.env._(
                    "Somebody is choosing the payment of this line right now. Reload "
                    "the page in a moment to see which one."
                )
            ) from error
        self.invalidate_recordset()
        self._check_chosen_in_draft()

    def _check_chosen_in_draft(self):
        if any(line.state != "draft" for line in self):
            raise UserError(
                self.env._("Payments are chosen on draft payment returns only.")
            )
