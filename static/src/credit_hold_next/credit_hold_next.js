import { registry } from "@web/core/registry";

const HELD_ORDERS = "account_credit_block.sale_order_hold_action";

/**
 * Lead from an order that was decided on to the next one that waits, if there is one.
 *
 * In its place, so that the way back is to the list, as it was filtered.
 */
async function openNextHold(env, { params }) {
    const { action, notification } = env.services;
    notification.add(params.message, { type: "success" });
    await action.doAction({ type: "ir.actions.act_window_close" });
    if (params.res_ids.length) {
        const [resId] = params.res_ids;
        await action.switchView("form", { resId, resIds: params.res_ids });
    } else {
        await action.doAction(HELD_ORDERS, { clearBreadcrumbs: true });
    }
}

registry.category("actions").add("credit_hold_next", openNextHold);
