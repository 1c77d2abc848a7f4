from odoo import api, models

ARRIVAL = "account.payment.return.arrival"


class MailThread(models.AbstractModel):
    _inherit = "mail.thread"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _routing_check_route(self, message, message_dict, route, raise_exception=True):
        """Override of `mail`: what goes to the files of banks is kept, whoever sent it.

        Nobody is answered: neither that he may not write there, nor anything else.
        """
        if route[0] == ARRIVAL:
            return self.env[ARRIVAL]._get_mail_route(message, route)
        return super()._routing_check_route(
            message, message_dict, route, raise_exception=raise_exception
        )
