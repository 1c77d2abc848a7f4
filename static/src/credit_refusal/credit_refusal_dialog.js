import { Component, useState } from "@odoo/owl";
import { Dialog } from "@web/core/dialog/dialog";
import { useAutofocus, useService } from "@web/core/utils/hooks";

/**
 * Why something is refused to a salesperson, who decides, and a way to ask him.
 *
 * One dialog, whatever was refused and wherever it was noticed.
 */
export class CreditRefusalDialog extends Component {
    static template = "account_credit_block.CreditRefusalDialog";
    static components = { Dialog };
    static props = {
        close: Function,
        // As in `sale.order`._explain_refusal.
        refusal: Object,
        // Sends the request; nobody is asked where there is no way to.
        ask: { type: Function, optional: true },
        discard: { type: Function, optional: true },
        // Called once the dialog is gone without any of the two.
        stay: { type: Function, optional: true },
    };

    setup() {
        this.action = useService("action");
        this.input = useAutofocus({ refName: "request" });
        this.state = useState({ request: "", invalid: false, busy: false });
        this.env.dialogData.dismiss = () => this.props.stay?.();
    }

    get canAsk() {
        return Boolean(this.props.ask && this.props.refusal.decider);
    }

    onKeydown(ev) {
        if (ev.key === "Enter" && !ev.shiftKey && !ev.isComposing) {
            ev.preventDefault();
            this.ask();
        }
    }

    ask() {
        const request = this.state.request.trim();
        this.state.invalid = !request;
        if (!request) {
            this.input.el.focus();
            return;
        }
        return this.leave(() => this.props.ask(request));
    }

    discard() {
        return this.leave(() => this.props.discard());
    }

    stay() {
        return this.leave(() => this.props.stay?.());
    }

    lift() {
        return this.leave(() => {
            this.props.stay?.();
            return this.action.doAction(this.props.refusal.lift);
        });
    }

    /** Close before anything else is said: there is never a second dialog on this one. */
    leave(callback) {
        if (!this.state.busy) {
            this.state.busy = true;
            this.props.close();
            return callback();
        }
    }
}
