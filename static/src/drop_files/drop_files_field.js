import { registry } from "@web/core/registry";
import { useDropzone } from "@web/core/dropzone/dropzone_hook";
import { useFileUploader } from "@web/core/utils/files";
import { useRef } from "@odoo/owl";
import {
    Many2ManyBinaryField,
    many2ManyBinaryField,
} from "@web/views/fields/many2many_binary/many2many_binary_field";

/** Files of a dialog that can be dropped anywhere on it, not only chosen. */
export class DropFilesField extends Many2ManyBinaryField {
    static template = "account_credit_block.DropFilesField";

    setup() {
        super.setup();
        this.root = useRef("root");
        // Not `upload`: core's template would say that it is uploading.
        this.sendFiles = useFileUploader();
        const root = this.root;
        const dialog = {
            get el() {
                return root.el?.closest(".modal-content") || root.el;
            },
        };
        useDropzone(dialog, this.onDrop.bind(this), "o_drop_files");
    }

    async onDrop(ev) {
        const files = [...ev.dataTransfer.files];
        if (!files.length) {
            return;
        }
        const attachments = await this.sendFiles("/web/binary/upload_attachment", {
            csrf_token: odoo.csrf_token,
            ufile: files,
            model: this.props.record.resModel,
            id: this.props.record.resId || 0,
        });
        if (attachments) {
            await this.onFileUploaded(attachments);
        }
    }
}

registry.category("fields").add("drop_files", {
    ...many2ManyBinaryField,
    component: DropFilesField,
});
