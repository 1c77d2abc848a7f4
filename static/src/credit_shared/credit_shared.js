import { registry } from "@web/core/registry";
import { kanbanView } from "@web/views/kanban/kanban_view";
import { listView } from "@web/views/list/list_view";

/** What all companies share: where New would be it is said who enters them. */
registry.category("views").add("credit_shared_list", {
    ...listView,
    buttonTemplate: "account_credit_block.SharedListButtons",
});

registry.category("views").add("credit_shared_kanban", {
    ...kanbanView,
    buttonTemplate: "account_credit_block.SharedKanbanButtons",
});
