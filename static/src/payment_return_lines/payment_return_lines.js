import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useEffect, useState } from "@odoo/owl";
import { X2ManyField, x2ManyField } from "@web/views/fields/x2many/x2many_field";

/** Whose name the filter has that hides nothing. */
const ALL = "all";
const PENDING = "pending";
/** What is counted on a draft even where there is none. */
const ALWAYS = [PENDING, "matched"];

/**
 * The lines of a payment return, with buttons that filter them by their status.
 *
 * The server says which line has which status ("line_filters"), also of the pages that
 * are not loaded. The ids of the lines shown are put first in the list, and its page
 * never reaches beyond them: so the list stays what it is, with its pager and its edits.
 * A line that was changed stays in sight until it is saved.
 */
export class PaymentReturnLinesField extends X2ManyField {
    static template = "account_credit_block.PaymentReturnLines";

    setup() {
        super.setup();
        this.pageSize = this.list.limit;
        this.filter = useState({ name: this.getFirstFilter() });
        this.resId = this.props.record.resId;
        useEffect(
            () => {
                this.followRecord();
                this.show();
            },
            () => [
                this.props.record.resId,
                this.list,
                this.list.currentIds,
                this.filter.name,
                JSON.stringify(this.groups),
            ]
        );
    }

    // -- what the filters are --

    get groups() {
        return this.props.record.data.line_filters || [];
    }

    get hasPager() {
        return this.shownIds.length > this.pageSize;
    }

    /** A new return shows all its lines, one to decide on those that wait. */
    getFirstFilter() {
        const { resId, data } = this.props.record;
        const waits = this.getCount(PENDING) && data.state === "draft";
        return resId && waits ? PENDING : ALL;
    }

    getCount(name) {
        return this.groups.find((group) => group.name === name)?.ids.length || 0;
    }

    get chips() {
        const isDraft = this.props.record.data.state === "draft";
        const chips = this.groups
            .filter(({ name, ids }) => ids.length || (isDraft && ALWAYS.includes(name)))
            .map(({ name, label, ids }) => ({ name, label, count: ids.length }));
        const total = this.list.currentIds.length;
        const differ = isDraft || chips.length > 1;
        return total && differ && this.props.record.resId
            ? [...chips, { name: ALL, label: _t("All"), count: total }]
            : [];
    }

    /** Another return starts anew; with the last line decided all are shown. */
    followRecord() {
        const { resId } = this.props.record;
        if (this.resId && resId !== this.resId) {
            this.filter.name = this.getFirstFilter();
        } else if (this.filter.name !== ALL && !this.getCount(this.filter.name)) {
            this.filter.name = ALL;
        }
        this.resId = resId;
    }

    async onChip(name) {
        if (await this.list.leaveEditMode()) {
            this.filter.name = name;
            await this.show(0);
        }
    }

    // -- what is shown --

    /** Ids of the lines to show: in the order of the list if people have sorted it. */
    get shownIds() {
        const current = this.list.currentIds;
        if (this.filter.name === ALL) {
            const rank = new Map(
                this.groups.flatMap(({ ids }, index) => ids.map((id) => [id, index]))
            );
            const getRank = (id) => rank.get(id) ?? this.groups.length;
            return this.list.orderBy.length
                ? current
                : [...current].sort((a, b) => getRank(a) - getRank(b));
        }
        const group = this.groups.find(({ name }) => name === this.filter.name);
        const ids = new Set(group?.ids || []);
        const changed = new Set(this.list._commands.map((command) => command[1]));
        return current.filter(
            (id) => ids.has(id) || changed.has(id) || typeof id === "string"
        );
    }

    /** Bring the lines of a filter to the front of the list, and show a page of them. */
    show(offset = this.list.offset) {
        const { list } = this;
        return list.model.mutex.exec(async () => {
            const shown = this.shownIds;
            if (offset >= shown.length) {
                offset = 0;
            }
            const rows = this.filter.name === ALL ? Infinity : shown.length - offset;
            const limit = Math.max(Math.min(this.pageSize, rows), 1);
            const page = shown.slice(offset, offset + limit);
            const isThere =
                list.records.length === page.length &&
                list.records.every((r, i) => (r.resId || r._virtualId) === page[i]);
            if (isThere || list.editedRecord) {
                return;
            }
            const inFront = new Set(shown);
            const rest = list.currentIds.filter((id) => !inFront.has(id));
            await list._load({ limit, offset, nextCurrentIds: [...shown, ...rest] });
        });
    }

    get pagerProps() {
        return {
            ...super.pagerProps,
            limit: this.pageSize,
            total: this.shownIds.length,
            onUpdate: async ({ offset, limit }) => {
                if (await this.list.leaveEditMode()) {
                    this.pageSize = limit;
                    await this.show(offset);
                    this.render();
                }
            },
        };
    }
}

registry.category("fields").add("payment_return_lines", {
    ...x2ManyField,
    component: PaymentReturnLinesField,
    fieldDependencies: [
        { name: "line_filters", type: "json" },
        { name: "state", type: "selection" },
    ],
});
