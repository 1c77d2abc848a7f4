from odoo.service.model import call_kw


class RemoteCalls:
    """Calls as a client makes them: by name, with nobody's cache, as one user."""

    def call(self, user, records, method, *args, context=None, **kwargs):
        """Call a public method of records, or of a model, by its name.

        :param records: what to call it on; the empty recordset calls it on the model
        """
        self.env.flush_all()
        self.env.invalidate_all()
        model = self.env[records._name].with_user(user).sudo(False)
        if records:
            args = (records.ids, *args)
        companies = user.company_id | user.company_ids
        allowed = {"allowed_company_ids": companies.ids, **(context or {})}
        result = call_kw(model, method, list(args), {**kwargs, "context": allowed})
        self.env.flush_all()
        self.env.invalidate_all()
        return result

    def enter(self, user, model, context=None, **vals):
        """Create one record as a client does, and return it."""
        created = self.call(user, self.env[model], "create", [vals], context=context)
        return self.env[model].browse(created)
