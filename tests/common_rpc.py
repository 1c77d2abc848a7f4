from odoo.service.model import call_kw


class RpcMixin:
    """Calls as a client does: by the public method, as a user, with a context."""

    def rpc(self, user, model, name, *args, context=None, **kwargs):
        """Call a public method as a user would; nothing is left in the cache."""
        self.env.flush_all()
        self.env.invalidate_all()
        # The first one is the current company, as in the web client.
        ids = (user.company_id | user.company_ids).ids
        companies = {"allowed_company_ids": ids}
        kwargs["context"] = {**companies, **(context or {})}
        env = self.env(user=user, context={}, su=False)
        # A request's own environment: what core falls back to for commands.
        transaction = self.env.transaction
        default, transaction.default_env = transaction.default_env, env
        try:
            result = call_kw(env[model], name, list(args), kwargs)
            env.flush_all()
        finally:
            transaction.default_env = default
            self.env.invalidate_all()
        return result


class RemoteCalls(RpcMixin):
    """The same, by records."""

    def call(self, user, records, method, *args, context=None, **kwargs):
        """Call a public method of records, or of a model, by its name.

        :param records: what to call it on; the empty recordset calls it on the model
        """
        if records:
            args = (records.ids, *args)
        name = records._name
        return self.rpc(user, name, method, *args, context=context, **kwargs)

    def enter(self, user, model, context=None, **vals):
        """Create one record as a client does, and return it."""
        created = self.call(user, self.env[model], "create", [vals], context=context)
        return self.env[model].browse(created)
