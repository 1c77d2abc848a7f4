import { Component, markup, useState } from "@odoo/owl";
import { KeepLast } from "@web/core/utils/concurrency";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { useRecordObserver } from "@web/model/relational_model/utils";
import { useService } from "@web/core/utils/hooks";

/** The card of a customer: its amounts lead to what they are made of. */
class CreditCard extends Component {
    static template = "account_credit_block.CreditCard";

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
    }

    get html() {
        return "";
    }

    async onClick(ev) {
        const link = ev.target.closest("a[data-figure]");
        if (!link) {
            return;
        }
        ev.preventDefault();
        const ids = [this.props.record.resId];
        const args = [ids, link.dataset.figure];
        this.action.doAction(
            await this.orm.call("res.partner", "action_open_credit_figure", args)
        );
    }
}

/** The whole card, on the page of its own. */
export class CreditCardField extends CreditCard {
    static props = { ...standardFieldProps };

    get html() {
        return this.props.record.data[this.props.name] || "";
    }
}

registry.category("fields").add("credit_card", {
    component: CreditCardField,
    supportedTypes: ["html"],
});

/**
 * Exposure and payments of a customer, asked for when somebody looks at them.
 *
 * They are read from thousands of orders and invoices, and most who open a customer
 * want the address: a field of the form would make all of them wait.
 */
export class CreditCustomerFigures extends CreditCard {
    static props = { ...standardWidgetProps };

    setup() {
        super.setup();
        this.keepLast = new KeepLast();
        this.state = useState({ html: "" });
        // Read again after saving, too: the credit limit may be another one.
        useRecordObserver(({ resId, dirty }) => {
            if (!dirty) {
                this.load(resId);
            }
        });
    }

    get html() {
        return this.state.html;
    }

    async load(resId) {
        const field = "credit_customer_figures";
        const rows = await this.keepLast.add(
            resId ? this.orm.read("res.partner", [resId], [field]) : []
        );
        this.state.html = markup(rows[0]?.[field] || "");
    }
}

registry.category("view_widgets").add("credit_customer_figures", {
    component: CreditCustomerFigures,
});
