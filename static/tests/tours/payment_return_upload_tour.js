/**
 * The bank's files, dropped wherever people look at what came back.
 *
 * The data comes from tests/test_tour_upload.py, which starts the tours.
 */
import { registry } from "@web/core/registry";
import { checkNothingSticksOut } from "@account_credit_block/../tests/tours/tour_steps";

const tours = registry.category("web_tour.tours");

/** Key under which the test leaves the bank's files for the browser. */
const BANK_FILES = "account_credit_block.bank_files";

// === STEPS === //

/** The files of the test, as they are dragged. */
function getTransfer() {
    const transfer = new DataTransfer();
    for (const { name, text } of JSON.parse(sessionStorage.getItem(BANK_FILES))) {
        transfer.items.add(new File([text], name, { type: "text/xml" }));
    }
    return transfer;
}

/** Drag files of the desktop over, or drop them on, an element. */
function drag(type, selector) {
    return ({ anchor }) => {
        const element = selector ? document.querySelector(selector) : anchor;
        element.dispatchEvent(
            new DragEvent(type, {
                bubbles: true,
                cancelable: true,
                dataTransfer: getTransfer(),
            })
        );
    };
}

function dropOn(trigger, zone) {
    return [
        { content: "Drag the files over", trigger, run: drag("dragenter") },
        { content: "Drop them", trigger: zone, run: drag("drop") },
    ];
}

/** Give files to an upload button, as choosing them does. */
function upload({ anchor }) {
    anchor.files = getTransfer().files;
    anchor.dispatchEvent(new Event("change", { bubbles: true }));
}

function isMatched() {
    return {
        content: "The draft is there, matched",
        trigger: ".o_form_view .o_data_row:contains(Matched)",
    };
}

// === TOURS === //

tours.add("payment_return_drop_list", {
    steps: () => [
        {
            content: "Nothing came back yet, and there is a button for it",
            trigger: ".o_view_nocontent a.btn-primary:contains(Import Bank Files)",
        },
        ...dropOn(".o_list_renderer", ".o_drop_area:contains(Drop the bank's files)"),
        isMatched(),
    ],
});

tours.add("payment_return_drop_two", {
    steps: () => [
        {
            content: "Choose two files, of which one is bad",
            trigger: ".o_control_panel .o_input_file:not(:visible)",
            run: upload,
        },
        isMatched(),
        {
            content: "The bad one is named, as it is called",
            trigger:
                ".o_notification:has(.bg-danger):contains(<b>bad</b> %s.xml)" +
                ":contains(The file is cut or damaged)",
        },
    ],
});

tours.add("payment_return_drop_bad", {
    steps: () => [
        {
            content: "Choose a file that is none of a bank",
            trigger: ".o_control_panel .o_input_file:not(:visible)",
            run: upload,
        },
        {
            content: "It says what is wrong",
            trigger: ".modal:contains(<b>bad</b> %s.xml: The file is cut or damaged)",
        },
        {
            content: "Close",
            trigger: ".modal-footer button",
            run: "click",
        },
        {
            content: "The list is still there",
            trigger: ".o_list_view:not(:has(.modal))",
        },
    ],
});

tours.add("payment_return_drop_dialog", {
    steps: () => [
        {
            content: "Drag the file over",
            trigger: ".modal .oe_fileupload",
            run: drag("dragenter"),
        },
        {
            content: "Drop it on the whole dialog, which a zone covers now",
            trigger: "body:has(.o_drop_files) .modal",
            run: drag("drop", ".o_drop_files"),
        },
        {
            content: "The file is in the dialog, not in a new tab",
            trigger: ".modal .o_attachment:contains(rejects.xml)",
        },
        {
            content: "Import it",
            trigger: ".modal button[name=action_import]",
            run: "click",
        },
        isMatched(),
    ],
});

tours.add("payment_return_drop_tile", {
    steps: () => [
        ...dropOn(
            ".o_kanban_record:contains(Second Bank) [name=payment_returns]",
            ".o_kanban_record:contains(Second Bank) .o_drop_area:contains(payment returns)"
        ),
        isMatched(),
        {
            content: "It is of the bank of the tile",
            trigger: ".o_field_widget[name=journal_id] input:value(Second Bank)",
        },
    ],
});

tours.add("payment_return_tile_links", {
    steps: () => [
        {
            content: "The tile counts what is to be done",
            trigger: "[name=payment_returns]:contains(1 draft):contains(this month)",
        },
        {
            content: "Go to what is to be matched",
            trigger: "[name=payment_returns] a:contains(2 to match)",
            run: "click",
        },
        {
            content: "Of that bank",
            trigger: ".o_searchview_facet:contains(Bank)",
        },
        {
            content: "A click opens the line",
            trigger: ".o_data_row:contains(LOST-1) td[name=reference]",
            run: "click",
        },
        {
            content: "With what can be done",
            trigger: ".o_form_view:contains(LOST-1) button[name=action_choose_candidate]",
        },
        {
            content: "Look again",
            trigger: "button[name=action_match]",
            run: "click",
        },
        {
            content: "It says that it found nothing",
            trigger: ".o_notification:contains(Nothing new found)",
        },
        {
            content: "Go back",
            trigger: ".o_back_button",
            run: "click",
        },
        {
            content: "Select all",
            trigger: ".o_list_view thead .o_list_record_selector input",
            run: "click",
        },
        {
            content: "Set them aside together",
            trigger: ".o_control_panel button[name=action_skip]",
            run: "click",
        },
        {
            content: "Yes",
            trigger: ".modal-footer .btn-primary",
            run: "click",
        },
        {
            content: "Nothing is left",
            trigger: ".o_view_nocontent:contains(Nothing to match)",
        },
    ],
});

tours.add("payment_return_known", {
    steps: () => [
        {
            content: "Upload what was told before",
            trigger: ".o_control_panel .o_input_file:not(:visible)",
            run: upload,
        },
        {
            content: "It says where it is",
            trigger: ".o_notification:contains(was already imported on)",
        },
        {
            content: "Go there",
            trigger: ".o_notification button:contains(Open the Payment Return)",
            run: "click",
        },
        {
            content: "The first one",
            trigger: ".o_form_view .o_statusbar_status:contains(Confirmed)",
        },
    ],
});

tours.add("payment_return_no_drop", {
    steps: () => [
        {
            content: "Who only reads has no button",
            trigger: ".o_list_view:not(:has(.o_payment_return_upload))",
        },
        {
            content: "Drag a file over the list",
            trigger: ".o_list_renderer",
            run: drag("dragenter"),
        },
        {
            content: "Nothing takes it",
            trigger: ".o_list_view:not(:has(.o_drop_area))",
        },
    ],
});

tours.add("payment_return_phone", {
    steps: () => [
        {
            content: "The upload is beside the new return, not behind dots",
            trigger: ".o_control_panel_main_buttons .o_payment_return_upload:visible",
            run: checkNothingSticksOut,
        },
        {
            content: "Upload the file",
            trigger: ".o_control_panel .o_input_file:not(:visible)",
            run: upload,
        },
        {
            content: "The draft is there",
            trigger: ".o_form_view .o_kanban_record:contains(Matched)",
        },
    ],
});

tours.add("payment_return_rate_phone", {
    steps: () => [
        {
            content: "Each customer is a card with the rate",
            trigger:
                ".o_payment_return_rate:contains(Rossi Impianti Srl)" +
                ":contains(Returned (1)):contains(100%)",
            run: checkNothingSticksOut,
        },
        {
            content: "Open the rows behind it",
            trigger: ".o_payment_return_rate:contains(Rossi Impianti Srl)",
            run: "click",
        },
        {
            content: "They are cards as well",
            trigger: ".o_kanban_record:contains(Payment Return)",
            run: checkNothingSticksOut,
        },
    ],
});
