import { onWillStart } from "@odoo/owl";
import { registry } from "@web/core/registry";
import {
    StateSelectionField,
    stateSelectionField,
} from "@web/views/fields/state_selection/state_selection_field";
import { user } from "@web/core/user";

/**
 * A policy in the grid of levels: a click offers the others, a choice is saved.
 *
 * The row stays as it is. While somebody edits it, it is saved with the rest.
 */
export class CreditPolicyField extends StateSelectionField {
    static template = "account_credit_block.CreditPolicyField";

    setup() {
        super.setup();
        onWillStart(async () => {
            this.canWrite = await user.checkAccessRight(this.props.record.resModel, "write");
        });
    }

    get isReadonly() {
        return this.props.readonly || !this.canWrite;
    }

    async updateRecord(value) {
        const { record, name } = this.props;
        await record.update({ [name]: value }, { save: !record.isInEdition });
    }
}

registry.category("fields").add("credit_policy", {
    ...stateSelectionField,
    component: CreditPolicyField,
});
