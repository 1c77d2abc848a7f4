from odoo import api, fields, models
from odoo.exceptions import UserError

from .. import acting
from ..call_marks import LEAVE_IN_DRAFT, POSTING
from ..const import STOPPING


class AccountMove(models.Model):
    """The gate that every customer invoice passes when it is posted."""

    _inherit = "account.move"  # pylint: disable=consider-merging-classes-inherited

    def _post(self, soft=True):
        """Override of `account` to ask about what is invoiced, to whom and on terms.

        The only one of this addon: what is refused first, then what is noted. Where a
        payment depends on it, what may not be posted is left in draft with a note.

        :raises UserError: that names the invoices that may not be posted
        """
        asked = self._filter_posted_now(soft)
        verdicts = asked._get_gated_verdicts()
        refusals = asked._get_posting_refusals(verdicts)
        if refusals and not LEAVE_IN_DRAFT.get(self.env):
            raise UserError(self._get_posting_refusal(refusals))
        stopped = self.browse().union(*refusals)._note_left_in_draft(refusals)
        with (
            # Money counts at once, but when all is posted.
            self.env["credit.block.evaluation"]._evaluate_together(),
            POSTING.set(self.env, (*(POSTING.get(self.env) or ()), *self.ids)),
        ):
            posted = super(AccountMove, self - stopped)._post(soft=soft)
        posted._note_credit_warning(verdicts)
        return posted

    @api.model_create_multi
    def create(self, vals_list):
        """Override of `account`.

        A default can do that, which core does not look at.

        :raises UserError: for what is born posted, as `_post`
        """
        moves = super().create(vals_list)
        moves.filtered(lambda move: move.state == "posted")._check_posted()
        return moves

    def write(self, vals):
        """Override of `account`.

        Asked after the write, which may change the customer too.

        :raises UserError: as `_post`, for who posts without it
        """
        self._check_type_stays(vals)
        if "state" in vals:
            self._keep_let_go(vals["state"])
        entering = self.browse()
        if vals.get("state") == "posted":
            entering = self.filtered(lambda move: move.state != "posted")
            entering -= self.browse(POSTING.get(self.env) or ())
        res = super().write(vals)
        entering._check_posted()
        return res

    def _check_type_stays(self, vals):
        """Raise UserError for who makes another kind of document of a posted one."""
        if "move_type" not in vals or acting.is_system(self.env):
            return
        if any(m.state == "posted" and m.move_type != vals["move_type"] for m in self):
            raise UserError(
                self.env._(
                    "What is posted stays the kind of document that it is: reset it to"
                    " draft first."
                )
            )

    def _check_posted(self):
        """Raise UserError if something was posted by another way that may not be."""
        refusals = self._get_posting_refusals(self._get_gated_verdicts())
        if refusals:
            raise UserError(self._get_posting_refusal(refusals))

    def _leaving_blocked_in_draft(self):
        """Within this, an invoice that may not be posted is set aside, not refused."""
        return LEAVE_IN_DRAFT.set(self.env)

    # === ASKING === #

    def _filter_posted_now(self, soft):
        """Return the invoices that are posted now, and not on a later day by core."""
        drafts = self.filtered(lambda move: move.state == "draft")
        if not soft:
            return drafts
        # Core's own day, by which it leaves the others.
        today = fields.Date.context_today(self)
        return drafts.filtered(lambda move: not move.date or move.date <= today)

    def _get_gated_verdicts(self):
        """Return a dict from invoice to its verdict, of those blocks have a say on."""
        gated = self.filtered(lambda move: move._is_credit_gated())
        return gated._get_credit_invoice_verdicts()

    def _get_posting_refusals(self, verdicts):
        """Return a dict from invoice to why it may not be posted.

        :param dict verdicts: see `_get_gated_verdicts`
        """
        refusals = {
            **self._get_terms_refusals(),
            **self._get_reversal_refusals(),
            **self._get_late_refusals(),
        }
        for move, verdict in verdicts.items():
            if verdict.policy in STOPPING:
                refusals[move] = move._get_stopped_text(verdict)
        return refusals

    def _is_credit_gated(self):
        """Say whether blocks have a say on posting this document.

        Not what claims the bank's fee on a return again, and not what was sold, paid
        and taken away at a point of sale.
        """
        return (
            self.move_type in ("out_invoice", "out_receipt")
            and bool(self.partner_id)
            and not self._claims_return_fee()
            and not ("pos_order_ids" in self._fields and self.sudo().pos_order_ids)
        )

    def _claims_return_fee(self):
        """Say whether this charges the fee of a booked return again, and nothing else.

        Or what the law gives for late payment, as it was proposed. Naming a return on
        an invoice of goods does not get it through.
        """
        source = self.sudo().fee_return_id
        if source.state != "confirmed":
            return False
        returned = source.line_ids.filtered(
            lambda line: (
                line.commercial_partner_id == self.commercial_partner_id
                and line.currency_id == self.currency_id
            )
        )
        fees = sum(returned.mapped("fee_amount"))
        fees += sum(self.sudo().invoice_line_ids.mapped("late_amount"))
        return self.currency_id.compare_amounts(self.amount_untaxed, fees) <= 0

    def _get_credit_invoice_verdicts(self):
        """Return a dict from customer invoice to its `CreditVerdict`.

        Queries grow with the companies of the invoices, not with the invoices. What
        was delivered is only stopped by levels that say so.
        """
        verdicts = {}
        for company, moves in self.grouped("company_id").items():
            by_partner = moves.partner_id._get_credit_verdicts("invoice", company)
            verdicts.update((move, by_partner[move.partner_id.id]) for move in moves)
        stopped = self.filtered(lambda move: verdicts[move].policy in STOPPING)
        verdicts.update(stopped._filter_delivered()._get_credit_delivered_verdicts())
        return verdicts

    def _get_credit_delivered_verdicts(self):
        """Return the same for invoices of delivered goods."""
        verdicts = {}
        for company, moves in self.grouped("company_id").items():
            blocks = moves.partner_id._get_credit_blocks(company)
            hints = self.env["credit.block"].union(*blocks.values())._get_hints()
            for move in moves:
                counting = blocks[move.partner_id.id].filtered(
                    "level_id.invoice_delivered"
                )
                verdicts[move] = counting._get_verdict(
                    "invoice", hints, move.partner_id
                )
        return verdicts

    def _filter_delivered(self):
        """Return the invoices that charge nothing but what orders have delivered.

        What is given back (down payments, discounts) and the cost of shipping go along.
        In sudo: who posts them may not see the orders.
        """
        lines = self.sudo().invoice_line_ids.sale_line_ids
        delivered = lines._filter_invoiced_as_delivered()
        goods = delivered - delivered._filter_shipping()
        return self.filtered(lambda move: move.sudo()._charges_only(delivered, goods))

    def _charges_only(self, lines, goods):
        """Say whether it charges nothing but these order lines, some goods of them."""
        charged = self.invoice_line_ids.filtered(
            lambda item: (
                item.display_type == "product"
                and self.currency_id.compare_amounts(item.price_subtotal, 0.0) > 0
            )
        )
        return bool(charged.sale_line_ids & goods) and all(
            item.sale_line_ids and item.sale_line_ids <= lines for item in charged
        )

    # === TELLING === #

    def _get_posting_refusal(self, refusals):
        """Return why these invoices are not posted; customers read no reason."""
        if acting.is_customer(self.env):
            return self.env._(
                "We cannot do this online at the moment. Please contact us."
            )
        texts = list(refusals.values())
        if len(texts) > 1:
            texts.insert(
                0,
                self.env._(
                    "%s invoices cannot be posted. Take them out of the selection to"
                    " post the others.",
                    len(texts),
                ),
            )
        return "\n\n".join(texts)

    def _get_stopped_text(self, verdict):
        """Return why one invoice is not posted, and who can help."""
        lines = [
            self.env._(
                "%(invoice)s to %(partner)s for %(amount)s cannot be posted.",
                invoice=self.display_name,
                partner=self.partner_id.name,
                amount=self.currency_id.format(self.amount_total),
            ),
            *verdict.messages,
        ]
        if verdict.policy == "hold":
            # Nothing queues invoices: the last sentence says who can help.
            lines[-1:] = [
                self.env._("A manager has to decide on this first."),
                self.company_id._get_hold_decider_hint(),
            ]
        return "\n".join(lines)

    def _note_left_in_draft(self, refusals):
        """Tell who is responsible that these invoices wait to be posted.

        :return: these invoices
        """
        for move in self:
            explanation = self.env._(
                "It was paid for, so the payment is recorded and the invoice left in"
                " draft. Decide whether to post it."
            )
            texts = (refusals[move], explanation)
            self.env["credit.document.note"]._leave(move, move.company_id, texts)
        return self

    def _note_credit_warning(self, verdicts):
        """Leave a note on the posted invoices that the grid warns about."""
        notes = {
            move.id: self.env["credit.document.note"]._get_body(verdicts[move].messages)
            for move in self
            if move in verdicts and verdicts[move].policy == "warn"
        }
        if notes:
            self.browse(notes).sudo()._message_log_batch(notes)

    @api.depends("partner_id", "company_id", "move_type")
    @api.depends_context("lang", "tz")
    def _compute_alerts(self):
        """Override of `account`, for what `_get_alerts` adds."""
        return super()._compute_alerts()

    def _get_alerts(self):
        """Override of `account` to show the blocks of the customer on a draft."""
        alerts = super()._get_alerts()
        is_gated = self.state == "draft" and self._is_credit_gated()
        if is_gated and self.env.user._is_internal():
            verdict = self._get_credit_invoice_verdicts()[self]
            text = (
                self._get_stopped_text(verdict)
                if verdict.policy in STOPPING
                else self._get_blocks_text()
            )
            if text:
                alerts["account_credit_block"] = {
                    "level": "danger" if verdict.policy in STOPPING else "warning",
                    "message": text,
                }
        return alerts

    def _get_blocks_text(self):
        """Return the blocks of the customer, a sentence each, the first one first."""
        blocks = self.partner_id._get_credit_blocks(self.company_id)
        in_force = blocks[self.partner_id.id]._sort_by_importance()
        return "\n".join(block._get_sentence() for block in in_force)
