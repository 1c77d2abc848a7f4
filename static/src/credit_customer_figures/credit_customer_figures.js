import { Component, markup, useState } from "@odoo/owl";
import { KeepLast } from "@web/core/utils/concurrency";
import { registry } from "@web/core/registry";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { useRecordObserver } from "@web/model/relational_model/utils";
import { useService } from "@web/core/utils/hooks";

/**
 * Exposure and payments of a customer, asked for when somebody looks at them.
 *
 * They are read from thousands of orders and invoices, and most who open a customer
 * want the address: a field of the form would make all of them wait.
 */
export class CreditCustomerFigures extends Component {
    static template = "account_credit_block.CreditCustomerFigures";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.keepLast = new KeepLast();
        this.state = useState({ html: "" });
        // Read again after saving, too: the credit limit may be another one.
        useRecordObserver(({ resId, dirty }) => {
            if (!dirty) {
                this.load(resId);
            }
        });
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
