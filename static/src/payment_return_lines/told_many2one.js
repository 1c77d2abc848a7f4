import { Many2One } from "@web/views/fields/many2one/many2one";
import { Many2OneField, buildM2OFieldDescription } from "@web/views/fields/many2one/many2one_field";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";

/**
 * A record, or what the bank called it where nobody knows the record yet.
 *
 * Options: "told_field" and "told_title_field" hold the bank's words, the second one as a
 * tooltip; "code_only" shows of "[AM04] Not enough funds" the code, the rest as a tooltip.
 */
export class ToldMany2OneField extends Many2OneField {
    static template = "account_credit_block.ToldMany2One";
    static components = { Many2One };
    static props = {
        ...Many2OneField.props,
        toldField: { type: String, optional: true },
        toldTitleField: { type: String, optional: true },
        codeOnly: { type: Boolean, optional: true },
    };

    get value() {
        return this.props.record.data[this.props.name];
    }

    get told() {
        return this.props.record.data[this.props.toldField] || "";
    }

    get toldTitle() {
        return this.props.record.data[this.props.toldTitleField] || this.told;
    }

    get code() {
        const name = this.value.display_name || "";
        return /^\[(.+?)\]/.exec(name)?.[1] ?? name;
    }
}

const description = buildM2OFieldDescription(ToldMany2OneField);

registry.category("fields").add("told_many2one", {
    ...description,
    displayName: _t("Many2one, or what the bank called it"),
    extractProps: (staticInfo, dynamicInfo) => ({
        ...description.extractProps(staticInfo, dynamicInfo),
        toldField: staticInfo.options.told_field,
        toldTitleField: staticInfo.options.told_title_field,
        codeOnly: Boolean(staticInfo.options.code_only),
    }),
    fieldDependencies: ({ options }) =>
        [options.told_field, options.told_title_field]
            .filter(Boolean)
            .map((name) => ({ name, type: "char" })),
});
