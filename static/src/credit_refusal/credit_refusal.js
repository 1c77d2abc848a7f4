/**
 * Where refusals come up: on saving a form, on leaving it, by its buttons, or anywhere.
 *
 * What the server has refused is told by one dialog. Where the form with the draft is at
 * hand, the request is saved together with the draft: nothing of it is lost.
 */
import { _t } from "@web/core/l10n/translation";
import { FormController } from "@web/views/form/form_controller";
import { patch } from "@web/core/utils/patch";
import { registry } from "@web/core/registry";
import { RPCError } from "@web/core/network/rpc";
import { CreditRefusalDialog } from "./credit_refusal_dialog";

/** Return what is told of a refusal of ours, nothing of another error. */
function getRefusal(error) {
    return error instanceof RPCError ? error.data?.context?.credit_refusal : undefined;
}

// === ANYWHERE === //

/** Tell it instead of the plain text; what is entered already can be asked for. */
function refusalHandler(env, error, originalError) {
    const refusal = getRefusal(originalError);
    if (!refusal) {
        return false;
    }
    error.unhandledRejectionEvent?.preventDefault();
    const { action, dialog, orm } = env.services;
    const props = { refusal };
    if (refusal.order_ids.length) {
        props.ask = async (request) =>
            action.doAction(
                await orm.call("sale.order", "action_ask_to_confirm", [
                    refusal.order_ids,
                    request,
                ])
            );
    }
    dialog.add(CreditRefusalDialog, props);
    return true;
}

registry
    .category("error_handlers")
    .add("account_credit_block.refusal", refusalHandler, { sequence: 90 });

// === ON A FORM === //

patch(FormController.prototype, {
    async onSaveError(error, { discard }, leaving) {
        const refusal = getRefusal(error);
        if (!refusal) {
            return super.onSaveError(...arguments);
        }
        if (!leaving) {
            this.tellCreditRefusal(refusal, { discard: () => this.discard() });
            return false;
        }
        return new Promise((resolve) => {
            this.tellCreditRefusal(refusal, {
                // Saved once this attempt is over: it keeps other ones waiting.
                beforeAsking: () => resolve(false),
                discard: () => {
                    discard();
                    resolve(true);
                },
                stay: () => resolve(false),
            });
        });
    },

    async beforeExecuteActionButton() {
        try {
            return await super.beforeExecuteActionButton(...arguments);
        } catch (error) {
            const refusal = getRefusal(error);
            if (!refusal) {
                throw error;
            }
            this.tellCreditRefusal(refusal, { discard: () => this.discard() });
            return false;
        }
    },

    async duplicateRecord() {
        try {
            return await super.duplicateRecord();
        } catch (error) {
            const refusal = getRefusal(error);
            if (!refusal) {
                throw error;
            }
            this.dialogService.add(CreditRefusalDialog, {
                refusal,
                ask: (request) => this.duplicateWithCreditRequest(refusal, request),
            });
        }
    },

    tellCreditRefusal(refusal, { beforeAsking, ...props }) {
        this.dialogService.add(CreditRefusalDialog, {
            ...props,
            refusal,
            ask: (request) => {
                beforeAsking?.();
                return this.saveWithCreditRequest(refusal, request);
            },
        });
    },

    async saveWithCreditRequest(refusal, request) {
        const record = this.model.root;
        await record.update({ credit_request: request });
        let saved = false;
        try {
            saved = await this.save();
        } finally {
            if (!saved) {
                // Saving again asks for nothing by itself.
                await record.update({ credit_request: false });
            }
        }
        if (saved && record.data.hold_state === "held") {
            this.notifyAsked(refusal);
        }
    },

    async duplicateWithCreditRequest(refusal, request) {
        const { resModel, resId, resIds, context } = this.model.root;
        const [copyId] = await this.orm.call(
            resModel,
            "copy",
            [[resId], { credit_request: request }],
            { context }
        );
        await this.model.load({ resId: copyId, resIds: [...resIds, copyId], mode: "edit" });
        this.notifyAsked(refusal);
    },

    notifyAsked(refusal) {
        this.env.services.notification.add(
            _t("%s is asked. The answer comes back to you as an activity.", refusal.decider),
            { type: "success" }
        );
    },
});
