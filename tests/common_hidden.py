from odoo.tests import new_test_user

from .common_holds import HoldCommon
from .common_rpc import RpcMixin

#: In whatever is said of the order, and nowhere else.
NAME = "HIDDEN-68"


class HiddenCommon(RpcMixin, HoldCommon):
    """A company whose held orders are hidden, and everybody who might find one."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.credit_company.credit_hold_handover = "hidden"
        cls.customer.email = "acquisti@rossi.example.com"
        groups = {
            "all_documents": "sales_team.group_sale_salesman_all_leads",
            "sales_manager": "sales_team.group_sale_manager",
        }
        for role, group in groups.items():
            user = new_test_user(cls.env, login=f"acb_{role}", groups=group)
            user.email = f"{role}@seller.example.com"
            setattr(cls, f"user_{role}", user)
        cls.user_salesperson.email = "salesperson@seller.example.com"
        cls.outsiders = (
            cls.user_salesperson
            + cls.user_all_documents
            + cls.user_sales_manager
            + cls.user_credit_user
            + cls.user_accountant
        )

    def _create_talked_about(self, **vals):
        """Return an order of which its salesperson and a colleague have said much."""
        seller = self.user_salesperson
        order = self._create_order(name=NAME, client_order_ref=NAME, **vals)
        order.message_subscribe(seller.partner_id.ids)
        self.env["ir.attachment"].with_user(seller).create(
            [
                {
                    "name": f"{NAME}.txt",
                    "raw": b"offer",
                    "res_model": "sale.order",
                    "res_id": order.id,
                    "public": public,
                }
                for public in (False, True)
            ]
        )
        order.message_post(
            body=f"{NAME} is urgent",
            subtype_xmlid="mail.mt_comment",
            partner_ids=self.user_all_documents.partner_id.ids,
        )
        activities = [
            order.activity_schedule(
                "mail.mail_activity_data_todo", user_id=seller.id, summary=NAME
            )
            for _number in range(2)
        ]
        activities[1].action_feedback("done")
        return order

    def _hide(self, order=None):
        """Return an order that its salesperson handed over, by RPC; as OdooBot."""
        order = self.env["sale.order"].browse((order or self._create_talked_about()).id)
        self.rpc(
            self.user_salesperson, "sale.order", "action_confirm_or_hold", order.ids
        )
        self.assertTrue(order.hold_hidden)
        return order
