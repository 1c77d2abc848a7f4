import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { formatMonetary, formatPercentage } from "@web/views/fields/formatters";
import { KanbanController } from "@web/views/kanban/kanban_controller";
import { KanbanRenderer } from "@web/views/kanban/kanban_renderer";
import { kanbanView } from "@web/views/kanban/kanban_view";

export class PaymentReturnRateController extends KanbanController {
    /** The figures of the groups instead of their rows. */
    get modelParams() {
        const params = super.modelParams;
        params.config.fieldsToAggregate = Object.keys(params.config.activeFields);
        params.config.openGroupsByDefault = false;
        return params;
    }
}

/**
 * A card for each group, with the rate of the whole group.
 *
 * A rate is of a customer or a bank, not of one collection: the columns that core makes
 * of groups are full of rows, and a phone has no room for the columns of the list.
 */
export class PaymentReturnRateRenderer extends KanbanRenderer {
    static template = "account_credit_block.PaymentReturnRateCards";

    setup() {
        super.setup();
        this.action = useService("action");
    }

    getFigures(group) {
        const { aggregates } = group;
        const [currencyId, ...others] = aggregates.company_currency_id || [];
        const options = others.length ? {} : { currencyId };
        const money = (name) => formatMonetary(aggregates[name] || 0, options);
        return {
            rate: aggregates.return_rate ? formatPercentage(aggregates.return_rate) : "",
            collected: money("collected_amount"),
            collections: aggregates.collected_count || 0,
            returned: money("returned_amount"),
            returns: aggregates.returned_count || 0,
        };
    }

    /** Show the rows behind a card. */
    openGroup(group) {
        this.action.doAction({
            type: "ir.actions.act_window",
            name: group.displayName,
            res_model: this.props.list.resModel,
            views: [
                [false, "kanban"],
                [false, "list"],
            ],
            domain: group.groupDomain,
        });
    }
}

registry.category("views").add("payment_return_rate_cards", {
    ...kanbanView,
    Controller: PaymentReturnRateController,
    Renderer: PaymentReturnRateRenderer,
});
