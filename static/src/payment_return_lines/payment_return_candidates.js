import { _t } from "@web/core/l10n/translation";
import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** What a line may still be given a payment for. */
const OPEN = ["ambiguous", "unmatched", "duplicate"];

/**
 * The payments that a return line may be about: one click chooses.
 *
 * The server asks where one is of somebody else than the line.
 */
export class PaymentReturnCandidatesField extends Component {
    static template = "account_credit_block.PaymentReturnCandidates";
    static props = { ...standardFieldProps };

    get candidates() {
        return this.props.record.data[this.props.name] || [];
    }

    get canLookUp() {
        const { data, resId } = this.props.record;
        return resId && data.state === "draft" && OPEN.includes(data.match_state);
    }

    get lookUpLabel() {
        return this.candidates.length ? _t("More…") : _t("Choose…");
    }

    take({ model, id, ask }) {
        return this.call({
            name: "action_take_candidate",
            args: JSON.stringify([model, id]),
            confirm: ask,
            "confirm-title": _t("A payment of another customer?"),
            "confirm-label": _t("Choose it"),
            "cancel-label": _t("Go back"),
        });
    }

    lookUp() {
        return this.call({ name: "action_choose_candidate" });
    }

    /** As a button of the view does: what was changed is saved before. */
    call(clickParams) {
        const { record } = this.props;
        return this.env.onClickViewButton({
            clickParams: { type: "object", ...clickParams },
            getResParams: () => ({
                context: record.context,
                evalContext: record.evalContext,
                resModel: record.resModel,
                resId: record.resId,
                resIds: record.resIds,
            }),
        });
    }
}

registry.category("fields").add("payment_return_candidates", {
    component: PaymentReturnCandidatesField,
    displayName: _t("Payments that may have come back"),
    supportedTypes: ["json"],
    fieldDependencies: [
        { name: "state", type: "selection" },
        { name: "match_state", type: "selection" },
    ],
});
