/**
 * A salesperson asks for a quotation that is refused to him, and gets the answer.
 *
 * The data comes from tests/test_tour_requests.py, which starts the tours and decides
 * between them.
 */
import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";
import tourUtils from "@sale/js/tours/tour_utils";
import { checkNothingSticksOut } from "@account_credit_block/../tests/tours/tour_steps";

const tours = registry.category("web_tour.tours");

const CUSTOMER = "Officine Rossi";
const PRODUCT = "Bolt of the tour";
const REFUSED = `.modal:has(.modal-title:contains(No quotation for ${CUSTOMER}))`;

// === STEPS === //

/** Fail where a refusal is told more than once. */
function checkOneDialog() {
    const dialogs = document.querySelectorAll(".modal, .o_notification");
    if (dialogs.length !== 1) {
        throw new Error(`${dialogs.length} dialogs and notifications instead of one`);
    }
}

function enterQuotation() {
    return [
        ...stepUtils.goToAppSteps("sale.sale_menu_root", "Open Sales"),
        ...tourUtils.createNewSalesOrder(),
        ...tourUtils.selectCustomer(CUSTOMER),
        {
            content: "The form says at once that the customer is blocked, and nothing else",
            trigger: ".o_form_view:not(:has(.modal)) .alert-danger:contains(credit block)",
        },
        ...tourUtils.addProduct(PRODUCT),
        {
            content: "The line has its price",
            trigger: ".o_form_view [name=tax_totals]:contains(100.00)",
        },
    ];
}

function askInDialog(sentence) {
    return [
        {
            content: "Say why",
            trigger: `${REFUSED} textarea`,
            run: `edit ${sentence}`,
        },
        {
            content: "Ask who decides, by name",
            trigger: `${REFUSED} button:contains(Ask Test credit_manager)`,
            run: "click",
        },
    ];
}

const waiting = {
    content: "It is saved, and waits with what was asked",
    trigger:
        ".o_form_saved .alert-info:contains(They pay next week):contains(Held since)",
};

// === TOURS === //

tours.add("credit_request_ask", {
    url: "/odoo",
    steps: () => [
        ...enterQuotation(),
        {
            content: "Save",
            trigger: ".o_form_button_save",
            run: "click",
        },
        {
            content: "One dialog says why, and who decides",
            trigger: `${REFUSED}:contains(Unpaid returns block):contains(Who decides)`,
            run: checkOneDialog,
        },
        {
            content: "Without a sentence nobody is asked",
            trigger: `${REFUSED} button[name=ask]`,
            run: "click",
        },
        {
            trigger: `${REFUSED} textarea.is-invalid`,
        },
        ...askInDialog("They pay next week"),
        waiting,
        {
            content: "The lines are there, and nothing more can be done with it",
            trigger:
                `.o_form_view:has(.o_data_row:contains(${PRODUCT})) .o_form_statusbar` +
                ":not(:has(button:contains(Confirm))):not(:has(button:contains(Send)))",
        },
    ],
});

tours.add("credit_request_discard", {
    url: "/odoo",
    steps: () => [
        ...enterQuotation(),
        {
            content: "Confirm at once, which saves first",
            trigger: ".o_statusbar_buttons button[name=action_confirm]:contains(Confirm)",
            run: "click",
        },
        {
            content: "The same dialog, once",
            trigger: `${REFUSED} button[name=discard]`,
            run: checkOneDialog,
        },
        {
            content: "Close it to go on editing",
            trigger: `${REFUSED} .btn-close`,
            run: "click",
        },
        {
            content: "Leave without saving",
            trigger: "body:not(:has(.modal)) .o_breadcrumb a:contains(Quotations)",
            run: "click",
        },
        {
            content: "The same dialog again",
            trigger: `${REFUSED} button[name=discard]`,
            run: "click",
        },
        {
            content: "The list is there",
            trigger: ".o_list_view .o_list_button_add",
        },
    ],
});

tours.add("credit_request_leave", {
    url: "/odoo",
    steps: () => [
        ...enterQuotation(),
        {
            content: "Leave without saving",
            trigger: ".o_breadcrumb a:contains(Quotations)",
            run: "click",
        },
        ...askInDialog("They pay next week"),
        waiting,
        {
            content: "Duplicate it",
            trigger: ".o_cp_action_menus button:has(.fa-cog)",
            run: "click",
        },
        {
            trigger: ".o-dropdown--menu .o_menu_item:contains(Duplicate)",
            run: "click",
        },
        ...askInDialog("Once more of it"),
        {
            content: "The copy waits too",
            trigger: ".o_form_view .alert-info:contains(Once more of it)",
        },
    ],
});

tours.add("credit_request_lift", {
    url: "/odoo",
    steps: () => [
        ...enterQuotation(),
        {
            content: "Save",
            trigger: ".o_form_button_save",
            run: "click",
        },
        {
            content: "Who decides asks nobody, and lifts the block",
            trigger: `${REFUSED}:not(:has(button[name=ask])) button[name=lift]`,
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=reason] textarea",
            run: "edit Has paid",
        },
        {
            trigger: ".modal-footer button[name=action_apply]:contains(Lift)",
            run: "click",
        },
        {
            content: "What was entered is there still: save it",
            trigger: "body:not(:has(.modal)) .o_form_button_save",
            run: "click",
        },
        {
            trigger: `.o_form_saved .o_data_row:contains(${PRODUCT})`,
        },
    ],
});

tours.add("credit_request_answer", {
    url: "/odoo",
    steps: () => [
        {
            content: "Open the activities",
            trigger: ".o_menu_systray i[aria-label=Activities]",
            run: "click",
        },
        {
            trigger: ".o-mail-ActivityMenu .o-mail-ActivityGroup:contains(Sales Order)",
            run: "click",
        },
        {
            content: "The quotation is there",
            trigger: `.o_data_row:contains(Go on with the quotation) td[name=partner_id]:contains(${CUSTOMER})`,
            run: "click",
        },
        {
            content: "It says what was decided",
            trigger: ".o_form_view .alert-success:contains(Pays at the counter)",
        },
        ...stepUtils.statusbarButtonsSteps("Confirm", "Confirm the quotation"),
        {
            content: "It is an order",
            trigger: ".o_statusbar_status .o_arrow_button_current:contains(Sales Order)",
        },
    ],
});

tours.add("credit_request_to_confirm", {
    steps: () => [
        {
            content: "Confirm the quotation that was entered before",
            trigger: ".o_statusbar_buttons button[name=action_confirm]:contains(Confirm)",
            run: "click",
        },
        {
            content: "It may stay a quotation",
            trigger: `.modal:has(.modal-title:contains(No order for ${CUSTOMER})) button:contains(Save Without Confirming)`,
            run: checkOneDialog,
        },
        {
            content: "Say why",
            trigger: ".modal textarea",
            run: "edit They pay next week && press Enter",
        },
        {
            content: "It waits, and the form shows it",
            trigger: ".o_form_view .alert-info:contains(They pay next week)",
        },
    ],
});

tours.add("credit_request_phone", {
    steps: () => [
        {
            content: "Save",
            trigger: ".o_field_widget[name=partner_id] input",
            run: `edit ${CUSTOMER}`,
        },
        {
            trigger: `.o-autocomplete--dropdown-item:contains(${CUSTOMER}), .o_kanban_record:contains(${CUSTOMER})`,
            run: "click",
        },
        {
            trigger: ".o_form_button_save",
            run: "click",
        },
        {
            content: "The dialog fits the screen",
            trigger: `${REFUSED} button[name=ask]`,
            run: checkNothingSticksOut,
        },
        ...askInDialog("They pay next week"),
        {
            content: "It waits",
            trigger: ".o_form_view .alert-info:contains(They pay next week)",
            run: checkNothingSticksOut,
        },
    ],
});
