from odoo.service.model import call_kw


class RpcMixin:
    """Calls as a client does: by the public method, as a user, with a context."""

    def rpc(self, user, model, name, *args, context=None, **kwargs):
        """Call a public method as a user would; nothing is left in the cache."""
        self.env.flush_all()
        self.env.invalidate_all()
        companies = {"allowed_company_ids": user.company_ids.ids}
        kwargs["context"] = {**companies, **(context or {})}
        env = self.env(user=user, context={}, su=False)
        result = call_kw(env[model], name, list(args), kwargs)
        self.env.flush_all()
        self.env.invalidate_all()
        return result
