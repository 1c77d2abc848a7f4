import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import {
    AccountFileUploader,
    accountFileUploader,
} from "@account/components/account_file_uploader/account_file_uploader";
import { FileUploadKanbanController } from "@account/views/file_upload_kanban/file_upload_kanban_controller";
import { FileUploadKanbanRenderer } from "@account/views/file_upload_kanban/file_upload_kanban_renderer";
import { fileUploadKanbanView } from "@account/views/file_upload_kanban/file_upload_kanban_view";
import { FileUploadListController } from "@account/views/file_upload_list/file_upload_list_controller";
import { FileUploadListRenderer } from "@account/views/file_upload_list/file_upload_list_renderer";
import { fileUploadListView } from "@account/views/file_upload_list/file_upload_list_view";

/**
 * The bank's files, dropped where people look at what came back.
 *
 * All of it is core's upload of documents, with other words, for who may import.
 */

export class PaymentReturnListController extends FileUploadListController {
    get hideUploadButton() {
        return !this.activeActions.create;
    }
}

export class PaymentReturnListRenderer extends FileUploadListRenderer {
    setup() {
        super.setup();
        this.dropZoneTitle = _t("Drop the bank's files");
        this.dropZoneDescription = _t("Each becomes a payment return to confirm.");
    }

    onDragStart(ev) {
        if (this.props.activeActions.create) {
            super.onDragStart(ev);
        }
    }
}

registry.category("views").add("payment_return_list", {
    ...fileUploadListView,
    Controller: PaymentReturnListController,
    Renderer: PaymentReturnListRenderer,
    buttonTemplate: "account_credit_block.PaymentReturnListButtons",
});

export class PaymentReturnKanbanController extends FileUploadKanbanController {
    get hideUploadButton() {
        return !this.props.archInfo.activeActions.create;
    }
}

export class PaymentReturnKanbanRenderer extends FileUploadKanbanRenderer {
    setup() {
        super.setup();
        this.dropZoneTitle = _t("Drop the bank's files");
        this.dropZoneDescription = _t("Each becomes a payment return to confirm.");
    }

    onDragStart(ev) {
        if (this.props.archInfo.activeActions.create) {
            super.onDragStart(ev);
        }
    }
}

registry.category("views").add("payment_return_kanban", {
    ...fileUploadKanbanView,
    Controller: PaymentReturnKanbanController,
    Renderer: PaymentReturnKanbanRenderer,
    buttonTemplate: "account_credit_block.PaymentReturnKanbanButtons",
});

/** The button on the tile of a bank; what is dropped on the tile takes it, too. */
export class PaymentReturnUpload extends AccountFileUploader {
    static template = "account_credit_block.PaymentReturnUpload";

    getResModel() {
        return "account.payment.return";
    }

    /** Where another addon reads statements that are dropped, it goes on with it. */
    get inputClass() {
        const tile = JSON.parse(this.props.record.data.kanban_dashboard);
        return tile.payment_returns?.takes_drop ? "document_file_uploader" : "";
    }
}

registry.category("view_widgets").add("payment_return_upload", {
    ...accountFileUploader,
    component: PaymentReturnUpload,
});
