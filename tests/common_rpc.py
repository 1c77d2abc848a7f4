from odoo.service.model import call_kw


def call_as(env, user, model, name, *args, context=None, **kwargs):
    """Call a public method as the client of a user does; nothing is left in the cache.

    :param env: of the test
    :param context: what the client sends besides the companies of the user
    """
    env.flush_all()
    env.invalidate_all()
    # The first one is the current company, as in the web client.
    companies = {"allowed_company_ids": (user.company_id | user.company_ids).ids}
    kwargs["context"] = {**companies, **(context or {})}
    own = env(user=user, context={}, su=False)
    # A request's own environment: what core falls back to for commands. Without it they
    # would run with the test's rights and hide holes.
    transaction = env.transaction
    default, transaction.default_env = transaction.default_env, own
    try:
        result = call_kw(own[model], name, list(args), kwargs)
        own.flush_all()
    finally:
        transaction.default_env = default
        env.invalidate_all()
    return result


class RpcMixin:
    """Calls as a client does: by the public method, as a user, with a context."""

    def rpc(self, user, model, name, *args, **kwargs):
        """Call a public method as a user would, see `call_as`."""
        return call_as(self.env, user, model, name, *args, **kwargs)


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
