from odoo import api, models
from odoo.fields import Domain

from ... import acting


class CreditHiddenMixin(models.AbstractModel):
    """What the chatter keeps of a document, to be as hidden as the document.

    Odoo lets who wrote a message, was notified of it or was assigned an activity read
    it whatever became of the document, and everybody the lists of followers and of
    notifications. This is asked before any of that.
    """

    _name = "credit.hidden.mixin"
    _description = "Hidden with its Document"

    # Where the record says which document it is about.
    _document_fields = ("res_model", "res_id")
    # Models whose records may be hidden: they answer `_get_hidden_domain`.
    _hiding_models = ("sale.order", "sale.order.hold")

    @api.model
    def _search(
        self, domain, offset=0, limit=None, order=None, *, bypass_access=False, **kwargs
    ):
        """Override of `base`: what is about hidden documents is not found."""
        if not (acting.is_system(self.env) or bypass_access):
            domain = Domain(domain) & ~self._get_about_hidden_domain()
        return super()._search(
            domain, offset, limit, order, bypass_access=bypass_access, **kwargs
        )

    def _check_access(self, operation):
        """Override of `base`: what is about hidden documents is nobody's to read."""
        result = super()._check_access(operation)
        if not self.ids or acting.is_system(self.env):
            return result
        hidden = self._filter_hidden()
        if not hidden:
            return result
        forbidden = (result[0] if result else self.browse()) | hidden
        rules = self.env["ir.rule"]
        return forbidden, lambda: rules._make_access_error(operation, forbidden)

    def _filter_hidden(self):
        """Return those of these that are about documents hidden from the user."""
        domain = Domain("id", "in", self.ids) & self._get_about_hidden_domain()
        found = self.sudo().with_context(active_test=False).search(domain, order="id")
        return self.browse(found.ids)

    @api.model
    def _get_about_hidden_domain(self):
        """Return the domain of what is about documents hidden from the user."""
        return Domain.OR(
            self._get_about_domain(name, self.env[name]._get_hidden_domain())
            for name in self._hiding_models
        )

    @api.model
    def _get_about_domain(self, name, domain):
        """Return the domain of what is about documents of a model in a domain."""
        if domain.is_false():
            return Domain.FALSE
        model_field, id_field = self._document_fields
        about = Domain(model_field, "=", name)
        if domain.is_true():
            return about
        return about & Domain(id_field, "in", self.env[name].sudo()._search(domain))
