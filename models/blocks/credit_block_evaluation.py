import logging
from collections import defaultdict
from contextlib import contextmanager

from odoo import api, models
from odoo.tools import split_every

from .. import said
from ..call_marks import PENDING

_logger = logging.getLogger(__name__)

# Customers of one transaction of the nightly pass.
CHUNK = 500


class CreditBlockEvaluation(models.AbstractModel):
    """Who must be blocked and who must be lifted, and when that is asked.

    One statement says it for all rules, in `credit_block_evaluation_statement`.
    """

    _name = "credit.block.evaluation"
    _description = "Evaluation of the Credit Block Rules"

    @api.model
    def _evaluate(self, partners, company, because=False):
        """Make the automatic blocks of customers what the rules say now.

        Trusted: no access check. Inside `_evaluate_together` it waits for the end.

        :param partners: `res.partner` whose commercial partners count
        :param company: the `res.company` whose rules, items and blocks count
        :param because: why blocks by return are lifted, as in `said`, if the caller
            knows better
        """
        owners = partners.sudo().commercial_partner_id
        pending = PENDING.get(self.env)
        if not owners or not company:
            return
        if pending is not None:
            pending[company.id].update(owners.ids)
            return
        self.sudo()._evaluate_now(owners, company, because)

    @api.model
    def _evaluate_items(self, items):
        """Evaluate the customers of journal items whose reconciliation changed."""
        for company, partners in self._get_concerned(items).items():
            self._evaluate(partners, company)

    @api.model
    def _evaluate_counting(self, items):
        """Evaluate the customers of items that are, were or will be no more.

        Of receivable ones of what has been posted. In draft again it is being
        corrected: the rules know it still.
        """
        self._evaluate_items(
            items.sudo().filtered(
                lambda item: (
                    (item.move_id.posted_before or item.move_id.state == "posted")
                    and item.account_type == "asset_receivable"
                )
            )
        )

    @api.model
    def _get_concerned(self, items):
        """Return a dict from company to the customers of these items.

        Of receivable ones, and of those on which collections wait for the bank.
        """
        concerned = items.sudo().filtered(
            lambda item: (
                item.partner_id
                and (
                    item.account_type == "asset_receivable"
                    or item.payment_id._is_presented()
                )
            )
        )
        groups = concerned.grouped("company_id")
        return {company: group.partner_id for company, group in groups.items()}

    @api.model
    @contextmanager
    def _evaluate_together(self, because=False):
        """Evaluate once at the end what changes several times within.

        A return undoes and makes reconciliations: what is true in between blocks and
        unblocks nobody.
        """
        if PENDING.get(self.env) is not None:
            yield
            return
        with PENDING.set(self.env, defaultdict(set)) as pending:
            yield
        for company_id, partner_ids in pending.items():
            self._evaluate(
                self.env["res.partner"].browse(partner_ids),
                self.env["res.company"].browse(company_id),
                because,
            )

    def _evaluate_now(self, partners, company, because=False):
        """Block and lift these commercial partners; in sudo."""
        # Two at once, one seeing a cause and keeping the block, the other seeing none
        # and lifting it: the second is replayed on what the first one did.
        assessments = self._find(company, partners, locking=True)
        self._close([a for a in assessments if a.is_closing], because)
        self._open([a for a in assessments if a.is_opening], company)

    def _close(self, assessments, because):
        """Lift what no rule wants any more, a note per reason and customer."""
        blocks = self.env["credit.block"]
        groups = {}
        for assessment in assessments:
            key = assessment.successor_id, assessment.origin
            groups.setdefault(key, []).append(assessment.block_row)
        for key, rows in groups.items():
            reason = self._get_lift_reason(*key, because)
            blocks._keep_in_force(rows)._lift(reason)

    def _get_lift_reason(self, successor_id, origin, because):
        if successor_id:
            level = self.env["credit.block.level"].browse(successor_id)
            return said.say("lift.level", level=said.name(level))
        if origin == "return":
            return because or said.say("lift.paid")
        return said.say("lift.not_overdue")

    def _open(self, assessments, company):
        """Set what the rules want, in a batch per rule and level."""
        rules = self.env["credit.block.rule"].browse({a.rule_id for a in assessments})
        self._read_told(assessments)
        groups = {}
        returns = {
            assessment.partner_id: assessment.line_id for assessment in assessments
        }
        for assessment in assessments:
            rule = rules.browse(assessment.rule_id)
            key = (rule, assessment.level_id)
            groups.setdefault(key, {})[assessment.partner_id] = rule._get_reason(
                assessment
            )
        for (rule, level_id), reasons in groups.items():
            self.env["credit.block"]._open_each(
                reasons,
                self.env["credit.block.level"].browse(level_id),
                company,
                origin=rule.kind,
                rule=rule,
                returns=returns,
            )

    def _read_told(self, assessments):
        """Read at once what the reasons tell of the last returns."""
        lines = self.env["account.payment.return.line"]
        lines = lines.browse({a.line_id for a in assessments if a.line_id})
        lines.return_id.mapped("name")
        lines.reason_id.mapped("name")

    # === NIGHTLY PASS === #

    @api.model
    def _cron_evaluate(self):
        """Apply the rules to all customers of all companies, as time has changed them.

        A run that is stopped leaves the rest to the next one, which finds it again. A
        customer that fails is logged and does not stop the others.
        """
        work = self._get_work()
        progress = self.env["ir.cron"]._commit_progress
        progress(remaining=sum(len(partners) for _company, partners in work))
        for company, partners in work:
            self._evaluate_safely(partners, company)
            if not progress(len(partners)):
                break

    def _get_work(self):
        """Return a list of (company, customers of one transaction) to be evaluated."""
        partners = self.env["res.partner"]
        return [
            (company, partners.browse(chunk))
            for company in self.env["res.company"].search([])
            for chunk in split_every(CHUNK, self._find_changing(company))
        ]

    def _find_changing(self, company):
        """Return the ids of the customers whose blocks are not what the rules say."""
        assessments = self._find(company)
        return sorted({assessment.partner_id for assessment in assessments})

    def _evaluate_safely(self, partners, company):
        """Evaluate these customers; one by one where they do not go together."""
        try:
            with self.env.cr.savepoint():
                self._evaluate_now(partners, company)
        except Exception:  # whatever is wrong with one must not stop the others
            if len(partners) > 1:
                for partner in partners:
                    self._evaluate_safely(partner, company)
            else:
                _logger.exception(
                    "The credit block rules of %s failed for customer %s (id %s)",
                    company.name,
                    partners.name,
                    partners.id,
                )
