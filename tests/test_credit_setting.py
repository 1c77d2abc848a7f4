"""Levels, rules, guards and reasons: of one company, or shared by all of them."""

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .common import ADDON, CreditBlockCommon
from .common_rpc import RpcMixin


@tagged("post_install", "-at_install")
class TestCreditSetting(RpcMixin, CreditBlockCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.branch = cls.env["res.company"].create(
            {"name": "Branch", "parent_id": cls.credit_company.id}
        )
        cls.other_manager = cls._create_manager("other", cls.other_company)
        cls.branch_manager = cls._create_manager("branch", cls.branch)
        companies = cls.env["res.company"].search([])
        cls.group_manager = cls._create_manager("group", companies)
        cls.own_level = cls._as(cls.user_credit_manager, "credit.block.level").create(
            {"name": "Ours", "policy_confirmation": "forbid"}
        )

    @classmethod
    def _create_manager(cls, name, companies):
        return cls.user_credit_manager.copy(
            {
                "login": f"acb_manager_{name}",
                "company_id": companies[:1].id,
                "company_ids": [Command.set(companies.ids)],
            }
        )

    @classmethod
    def _as(cls, user, model):
        cls.env.flush_all()
        cls.env.invalidate_all()
        env = cls.env(user=user, su=False, context={})
        if isinstance(model, str):
            return env[model]
        return model.with_env(env)

    def _rule_values(self, **vals):
        return {"name": "Rule", "level_id": self.level_unpaid.id, **vals}

    # === WHO MAY CHANGE WHAT === #

    def test_what_is_shared_is_changed_by_who_works_in_every_company(self):
        shared_rule = self.env["credit.block.rule"].create(self._rule_values())
        reason = self.env["account.payment.return.reason"].search([], limit=1)
        tried = (
            (self.level_unpaid, {"policy_quotation": "warn"}, "All companies share"),
            (shared_rule, {"active": False}, "All companies share this"),
            (reason, {"counts_as_default": False}, "All companies share the reasons"),
        )
        for record, values, words in tried:
            with self.subTest(model=record._name):
                for user in (self.user_credit_manager, self.other_manager):
                    with self.assertRaisesRegex(AccessError, words):
                        self._as(user, record).write(values)
                    with self.assertRaisesRegex(AccessError, words):
                        self._as(user, record).unlink()
                self._as(self.group_manager, record).write(values)
                self.assertRecordValues(record, [values])

    def test_the_only_company_is_managed_by_each_of_its_managers(self):
        others = self.env["res.company"].search([]) - self.credit_company
        self.env["res.users"].search([("company_id", "in", others.ids)]).active = False
        others.active = False
        level = self._as(self.user_credit_manager, self.level_unpaid)
        level.policy_quotation = "warn"
        self.assertEqual(self.level_unpaid.policy_quotation, "warn")
        created = level.create({"name": "New"})
        self.assertFalse(created.company_id)

    def test_an_administrator_manages_every_company(self):
        self.user_credit_manager.group_ids |= self.env.ref("base.group_system")
        level = self._as(self.user_credit_manager, self.level_unpaid)
        level.policy_quotation = "warn"
        self.assertEqual(self.level_unpaid.policy_quotation, "warn")

    def test_a_manager_of_one_company_enters_what_is_of_that_company(self):
        self.assertEqual(self.own_level.company_id, self.credit_company)
        rules = self._as(self.user_credit_manager, "credit.block.rule")
        rule = rules.create(self._rule_values())
        self.assertEqual(rule.company_id, self.credit_company)
        rule.active = False
        copied = self._as(self.user_credit_manager, self.level_unpaid).copy()
        self.assertEqual(copied.company_id, self.credit_company)
        for model, values in (
            ("credit.block.level", {"name": "Shared"}),
            ("credit.block.rule", self._rule_values()),
        ):
            with (
                self.subTest(model=model),
                self.assertRaisesRegex(AccessError, "All companies share"),
            ):
                self._as(self.user_credit_manager, model).create(
                    {**values, "company_id": False}
                )

    def test_what_is_of_a_company_is_moved_to_no_other_and_not_shared(self):
        manager = self.user_credit_manager
        settings = {
            "credit.block.level": {"name": "Own"},
            "credit.block.rule": self._rule_values(),
            "account.payment.return.debit.rule": {"name": "Own", "words": "insoluto"},
            "account.payment.return.format": {"name": "Own"},
        }
        for model, values in settings.items():
            record = self.env[model].browse(self.rpc(manager, model, "create", values))
            with self.subTest(model=model):
                for company, words in (
                    (self.other_company.id, "Companies|allowed to"),
                    (False, "All companies share this: "),
                ):
                    with self.assertRaisesRegex(AccessError, words):
                        self._move(manager, record, company_id=company)
                    self.assertEqual(record.company_id, self.credit_company)
                self._move(manager, record, company_id=self.credit_company.id)
                self._move(self.group_manager, record, company_id=False)
                self.assertFalse(record.company_id)

    def _move(self, user, record, **values):
        self.rpc(user, record._name, "write", record.ids, values)

    def test_who_reads_all_companies_moves_nothing_into_another(self):
        self.user_credit_manager.group_ids |= self.env.ref("base.group_erp_manager")
        level = self.own_level.sudo()
        with self.assertRaises(AccessError):
            self._move(self.user_credit_manager, level, company_id=self.branch.id)
        self._move(self.user_credit_manager, level, name="Still ours")
        self.assertEqual(level.company_id, self.credit_company)

    def test_rows_of_a_format_are_moved_to_no_format_of_others(self):
        manager, formats = self.user_credit_manager, "account.payment.return.format"
        rows = {
            "field": {"record": "51", "field": "receipt", "first": 1, "last": 2},
            "code": {"code": "49999"},
            "mark": {"mark": "RIF"},
        }
        commands = {f"{name}_ids": [Command.create(v)] for name, v in rows.items()}
        own, next_own = (
            self.env[formats].browse(self.rpc(manager, formats, "create", values))
            for values in ({"name": "Own", **commands}, {"name": "Next"})
        )
        shared = self.env[formats].create({"name": "Shared", "company_id": False})
        others = shared.copy({"company_id": self.other_company.id})
        for name in rows:
            row = own[f"{name}_ids"]
            with self.subTest(row=name):
                for format_ in (shared, others):
                    with self.assertRaises(AccessError):
                        self._move(manager, row, format_id=format_.id)
                    self.assertEqual(row.format_id, own)
                self._move(manager, row, format_id=next_own.id)
                self.assertEqual(row.format_id, next_own)

    def test_whoever_writes_within_a_rule_stays_within_it(self):
        writes = self.env["ir.model.access"].search([("perm_write", "=", True)])
        ruled = self.env["ir.rule"].search([("perm_write", "=", True)])
        ours = [
            model.model
            for model in writes.model_id & ruled.model_id
            if self.env[model.model]._original_module.startswith(ADDON)
        ]
        self.assertIn("account.payment.return", ours)
        reach = self.env.registry["credit.reach"]
        for model in ours:
            with self.subTest(model=model):
                self.assertTrue(issubclass(self.env.registry[model], reach))

    def test_what_is_of_a_company_is_nothing_to_the_others(self):
        rule = self.env["credit.block.rule"].create(
            self._rule_values(company_id=self.credit_company.id)
        )
        for record in (self.own_level, rule):
            record = self._as(self.other_manager, record)
            with self.subTest(model=record._name):
                self.assertNotIn(record, record.search([]))
                for name, args in (
                    ("read", (["name"],)),
                    ("write", ({"sequence": 1},)),
                    ("unlink", ()),
                ):
                    with self.assertRaises(AccessError):
                        getattr(record, name)(*args)

    def test_a_guard_of_all_companies_is_for_administrators(self):
        guard = self.env["credit.guard"].create(
            {
                "name": "Guard",
                "model_id": self.env["ir.model"]._get_id("res.partner.bank"),
                "partner_path": "partner_id",
            }
        )
        self.assertFalse(guard.company_id)
        with self.assertRaises(AccessError):
            self._as(self.group_manager, guard).active = False
        self.group_manager.group_ids |= self.env.ref("base.group_system")
        self._as(self.group_manager, guard).active = False
        self.assertFalse(guard.active)

    # === HEAD OFFICE AND BRANCHES === #

    def test_a_branch_reads_and_uses_the_levels_of_its_head_office(self):
        level = self._as(self.branch_manager, self.own_level)
        self.assertEqual(level.name, "Ours")
        with self.assertRaises(AccessError):
            level.policy_quotation = "warn"
        block = self._block(level=self.own_level, company=self.branch)
        self.assertEqual(block.level_id, self.own_level)
        verdict = self._verdict("confirmation", company=self.branch)
        self.assertEqual(verdict.policy, "forbid")

    def test_a_block_of_the_head_office_with_its_level_counts_in_the_branch(self):
        self._block(level=self.own_level)
        self.assertEqual(
            self._verdict("confirmation", company=self.branch).policy, "forbid"
        )
        partner = self._as(self.branch_manager, self.customer)
        self.assertEqual(partner.credit_block_level_id.name, "Ours")
        self.assertEqual(
            self._verdict("confirmation", company=self.other_company).policy, "allow"
        )

    def test_who_lifts_a_block_of_the_head_office_is_told_in_the_branch(self):
        self._block(level=self.own_level)
        self.user_credit_manager.name = "Head Manager"
        text = self._verdict("confirmation", company=self.branch).text
        self.assertIn("Head Manager", text)

    # === COMPANIES AGREE === #

    def test_no_company_uses_the_level_of_another(self):
        with self.assertRaisesRegex(UserError, "belongs to another company"):
            self._block(level=self.own_level, company=self.other_company)
        with self.assertRaisesRegex(UserError, "belongs to another company"):
            self.env["credit.block.rule"].create(
                self._rule_values(
                    level_id=self.own_level.id, company_id=self.other_company.id
                )
            )
        with self.assertRaisesRegex(UserError, "belongs to another company"):
            self.env["credit.block.rule"].create(
                self._rule_values(level_id=self.own_level.id, company_id=False)
            )
        with self.assertRaisesRegex(UserError, "belongs to another company"):
            self.other_company.credit_block_return_level_id = self.own_level
        self.credit_company.credit_block_return_level_id = self.own_level
        self.branch.credit_block_return_level_id = self.own_level

    def test_a_level_that_others_use_stays_shared(self):
        self._block(level=self.level_pending, company=self.other_company)
        with self.assertRaisesRegex(ValidationError, "Other companies use the level"):
            self.level_pending.company_id = self.credit_company
        self._block(level=self.level_assistance)
        self._block(level=self.level_assistance, company=self.branch)
        self.level_assistance.company_id = self.credit_company

    def test_the_dialog_offers_the_levels_of_its_company(self):
        dialogs = self._as(self.group_manager, "credit.block.change")
        dialogs = dialogs.with_context(
            allowed_company_ids=self.group_manager.company_ids.ids
        )
        for company, offered in (
            (self.credit_company, True),
            (self.branch, True),
            (self.other_company, False),
        ):
            dialog = Form(
                dialogs.with_context(
                    default_partner_ids=self.customer.ids,
                    default_company_id=company.id,
                )
            )
            with self.subTest(company=company.name):
                levels = dialog.available_level_ids
                self.assertIn(self.level_unpaid.id, levels.ids)
                self.assertEqual(self.own_level.id in levels.ids, offered)

    # === EMPTY LISTS === #

    def test_an_empty_list_says_what_to_do_to_who_may_and_whom_to_ask_to_others(self):
        for model in (
            "credit.block.level",
            "credit.block.rule",
            "account.payment.return.reason",
        ):
            with self.subTest(model=model):
                text = self._as(self.user_credit_manager, model).get_empty_list_help("")
                self.assertIn("Click New", text)
                text = self._as(self.user_credit_user, model).get_empty_list_help(
                    "<p/>"
                )
                self.assertNotIn("Click New", text)
                self.assertIn("ask yours", text)

    def test_where_nobody_is_blocked_a_manager_is_offered_the_dialog(self):
        action = self.env.ref("account_credit_block.credit_block_change_action")
        link = f'name="{action.id}"'
        text = self._as(self.user_credit_manager, "credit.block").get_empty_list_help(
            ""
        )
        self.assertIn(link, text)
        text = self._as(self.user_credit_user, "credit.block").get_empty_list_help("")
        self.assertNotIn(link, text)
        self.assertIn("ask yours", text)
