from .common import CreditBlockFixture

# What a customer may read of a refusal by a guard, or of an invoice.
GUARD_NEUTRAL_TEXT = "We cannot do this online at the moment. Please contact us."


class GuardFixture(CreditBlockFixture):
    """Guards for a test; core's registry has to forget them afterwards."""

    def _create_guard(self, model, **vals):
        guard = self.env["credit.guard"].create(
            {
                "name": f"Guard of {model}",
                "model_id": self.env["ir.model"]._get_id(model),
                "partner_path": "partner_id",
                "fallback_company_id": self.credit_company.id,
                **vals,
            }
        )
        # The database rolls back, the methods patched into the models do not.
        self.addCleanup(lambda: guard.exists().unlink())
        return guard
