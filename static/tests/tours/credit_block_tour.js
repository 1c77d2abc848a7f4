/**
 * The story of the addon, as the people of a company live it.
 *
 * Each tour is one role. The data comes from tests/test_tour.py, which starts the
 * tours and reads the database after each of them.
 */
import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";
import {
    checkNothingSticksOut,
    openCreditMenu,
    openMenu,
} from "@account_credit_block/../tests/tours/tour_steps";

const tours = registry.category("web_tour.tours");

/** Key under which the test leaves the bank's file for the browser. */
const BANK_FILE = "account_credit_block.bank_file";

const BLOCKED = "Rossi Impianti Srl";
const GOOD = "Bianchi Carlo";

// === STEPS === //

/** Give the reason in the dialog that is open. */
function sayWhy(reason) {
    return [
        {
            content: "Say why",
            trigger: ".modal .o_field_widget[name=reason] textarea",
            run: `edit ${reason}`,
        },
    ];
}

/** Give files to the upload of the list, as choosing them does. */
function attachBankFile({ anchor }) {
    const { name, text } = JSON.parse(window.sessionStorage.getItem(BANK_FILE));
    const transfer = new DataTransfer();
    transfer.items.add(new File([text], name, { type: "text/xml" }));
    anchor.files = transfer.files;
    anchor.dispatchEvent(new Event("change", { bubbles: true }));
}

function openCustomer(name) {
    return [
        ...openMenu("sale.sale_menu_root", "sale.sale_order_menu", "sale.res_partner_menu"),
        {
            content: `Open ${name}`,
            trigger: `.o_data_row td[name=complete_name]:contains(${name})`,
            run: "click",
        },
    ];
}

function openNewQuotation() {
    return [
        ...openMenu(
            "sale.sale_menu_root",
            "sale.sale_order_menu",
            "sale.menu_sale_quotations"
        ),
        {
            content: "Start a quotation",
            trigger: ".o_list_button_add",
            run: "click",
        },
    ];
}

function chooseCustomer(name) {
    return [
        {
            content: `Type ${name}`,
            trigger: ".o_field_widget[name=partner_id] input",
            run: `edit ${name}`,
        },
        {
            content: `Choose ${name}`,
            trigger: `.ui-menu-item > a:contains(${name})`,
            run: "click",
        },
    ];
}

// === TOURS === //

tours.add("credit_block_accountant", {
    url: "/odoo",
    steps: () => [
        ...openCreditMenu("account_payment_return_menu"),
        {
            content: "The returns are there",
            trigger: ".o_breadcrumb:contains(Payment Returns)",
        },
        {
            content: "Upload what the bank sent",
            trigger: ".o_control_panel .o_input_file:not(:visible)",
            run: attachBankFile,
        },
        {
            content: "One line has to be decided, and is there first",
            trigger: ".alert:contains(1 line still to match)",
        },
        {
            content: "See what was matched",
            trigger: "button[name=filter_matched]:contains(1)",
            run: "click",
        },
        {
            content: "It has its payment, and the reason in words",
            trigger:
                `.o_data_row:contains(240.00):contains(Matched):contains(${BLOCKED})` +
                " [title*='Not enough funds']",
        },
        {
            content: "Go back to what is to be decided",
            trigger: "button[name=filter_pending]:contains(1)",
            run: "click",
        },
        {
            content: "Choose the payment by one click",
            trigger: `.o_data_row:contains(70.00) button[name=take_candidate]:contains(${GOOD})`,
            run: "click",
        },
        {
            content: "Nothing is left to match",
            trigger: ".o_form_view:not(:has(.alert:contains(still to match)))",
        },
        {
            content: "Read what became of the file",
            trigger: ".nav-link:contains(Bank File)",
            run: "click",
        },
        {
            content: "The summary counts the lines",
            trigger: ".o_field_widget[name=import_note] li:contains(1 matched)",
        },
        ...stepUtils.statusbarButtonsSteps("Confirm", "Ask what confirming does"),
        {
            content: "It says what it does",
            trigger: ".modal li:contains(2 booked, 2 invoices reopened)",
        },
        {
            content: "Book the return",
            trigger: ".modal button[name=action_confirm]",
            run: "click",
        },
        {
            content: "The return is confirmed",
            trigger: ".o_statusbar_status .o_arrow_button_current:contains(Confirmed)",
        },
        {
            content: "Its entry is one click away",
            trigger: "button[name=action_open_moves]:contains(1)",
        },
        {
            content: "Open the invoices",
            trigger: "button[name=action_open_invoices]",
            run: "click",
        },
        {
            content: "Open the invoice of the customer",
            trigger: `.o_data_row:contains(${BLOCKED}) td[name=invoice_date]`,
            run: "click",
        },
        {
            content: "It was returned, and it is to be paid again",
            trigger: ".o_form_view .ribbon:contains(Returned)",
        },
        {
            content: "It says why",
            trigger: ".alert:contains(Payment returned on):contains(Not enough funds)",
        },
    ],
});

tours.add("credit_block_refused", {
    url: "/odoo",
    steps: () => [
        ...openCustomer(BLOCKED),
        {
            content: "The banner says that the customer is blocked, and why",
            trigger: ".o_form_view .alert-danger:contains(Unpaid returns block)",
        },
        ...openNewQuotation(),
        ...chooseCustomer(BLOCKED),
        {
            content: "The banner says it at once, and names the customer, not the address",
            trigger: `.o_form_view .alert-danger:contains(${BLOCKED}: credit block)`,
        },
        {
            content: "Try to save all the same",
            trigger: ".o_form_button_save",
            run: "click",
        },
        {
            content: "It is refused: what, which level, since when, and who can help",
            trigger:
                ".modal:contains(No quotation for)" +
                ":contains(Unpaid):contains(since):contains(Test credit_manager)",
        },
        {
            content: "Close the refusal",
            trigger: ".modal .btn-close",
            run: "click",
        },
        ...stepUtils.discardForm(),
        ...openNewQuotation(),
        ...chooseCustomer("Fratelli Verdi"),
        ...stepUtils.saveForm(),
        {
            content: "Another customer works",
            trigger: ".o_form_view:not(:has(.alert-danger)) .o_field_widget[name=partner_id]",
        },
    ],
});

tours.add("credit_block_lifted", {
    url: "/odoo",
    steps: () => [
        ...openCustomer(BLOCKED),
        {
            content: "Open the accounting page",
            trigger: ".o_notebook .nav-link[name=accounting]",
            run: "click",
        },
        {
            content: "The level is shown",
            trigger: ".o_field_widget[name=credit_block_level_id]:contains(Unpaid)",
        },
        {
            content: "Lift the block",
            trigger: "button:contains(Lift Block)",
            run: "click",
        },
        {
            content: "Say why",
            trigger: ".modal .o_field_widget[name=reason] textarea",
            run: "edit Paid in cash at the counter",
        },
        {
            content: "Apply",
            trigger: ".modal-footer button:contains(Lift Block)",
            run: "click",
        },
        {
            content: "Nothing shows a block any more",
            trigger: ".o_form_view:not(:has(.alert-danger)):contains(Not blocked)",
        },
        {
            content: "The history does",
            trigger:
                ".o_field_widget[name=credit_block_ids] .o_data_row:contains(Lifted)" +
                ":contains(Paid in cash at the counter)",
        },
    ],
});

tours.add("credit_block_sold", {
    url: "/odoo",
    steps: () => [
        ...openNewQuotation(),
        ...chooseCustomer(BLOCKED),
        ...stepUtils.saveForm(),
        {
            content: "The quotation is there, without a banner",
            trigger: ".o_form_view:not(:has(.alert-danger)) .o_breadcrumb:contains(S0)",
        },
    ],
});

tours.add("credit_block_administrator", {
    url: "/odoo",
    steps: () => [
        ...openCreditMenu("credit_block_level_menu"),
        {
            content: "Click on a cell of the grid",
            trigger: ".o_data_row:contains(Pending) td[name=policy_delivery] .o_credit_policy",
            run: "click",
        },
        {
            content: "The row is as it was: only the policies are offered",
            trigger: ".o_list_view:not(:has(.o_selected_row))",
        },
        {
            content: "Refuse deliveries",
            trigger: ".o-dropdown-item:contains(Forbid)",
            run: "click",
        },
        {
            content: "The grid shows it",
            trigger: ".o_data_row:contains(Pending) td[name=policy_delivery]:contains(Forbid)",
        },
        {
            content: "It is saved already",
            trigger: ".o_list_view:not(:has(.o_list_button_save:visible)):not(:has(.o_selected_row))",
        },
        ...openCreditMenu("res_config_settings_menu"),
        {
            content: "The settings open where the credit's are",
            trigger: ".settings_tab .tab.selected:contains(Credit), .app_settings_block:visible h2:contains(Payment Returns)",
        },
        {
            content: "Write to nobody",
            trigger: "#credit_return_mail .o_field_widget input:checked",
            run: "click",
        },
        {
            content: "Let matched returns confirm themselves",
            trigger: "#credit_return_auto_confirm .o_field_widget input",
            run: "click",
        },
        {
            content: "Save the settings",
            trigger: ".o_control_panel .o_form_button_save",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "The page is loaded again",
            trigger: ".o_main_navbar",
        },
    ],
});

tours.add("credit_block_phone", {
    steps: () => [
        {
            content: "Returns are cards",
            trigger: `.o_kanban_view .o_kanban_record:contains(RET/):contains(Confirmed)`,
            run: checkNothingSticksOut,
        },
        {
            content: "Open a return",
            trigger: ".o_kanban_record:contains(RET/)",
            run: "click",
        },
        {
            content: "Its lines are cards too",
            trigger: `.o_form_view .o_field_x2many_kanban .o_kanban_record:contains(${BLOCKED})`,
            run: checkNothingSticksOut,
        },
    ],
});

tours.add("credit_block_desk", {
    url: "/odoo",
    steps: () => [
        ...openCreditMenu("credit_block_menu"),
        {
            content: "Blocked customers are in groups, with what they have to pay",
            trigger:
                ".o_list_view:has(.o_group_header:contains(Unpaid returns block))" +
                ` .o_data_row:contains(${BLOCKED}) td[name=overdue_total]:contains(240.00)`,
        },
        {
            content: "Choose all",
            trigger: ".o_list_view thead .o_list_record_selector input",
            run: "click",
        },
        {
            content: "Put them on another level",
            trigger: ".o_control_panel button:contains(Change Level)",
            run: "click",
        },
        {
            content: "Search the level",
            trigger: ".modal .o_field_widget[name=level_id] input",
            run: "edit Pending",
        },
        {
            content: "Choose it",
            trigger: ".o-autocomplete--dropdown-item a:contains(Pending items block)",
            run: "click",
        },
        ...sayWhy("They pay in rates"),
        {
            content: "Change the level",
            trigger: ".modal-footer button:contains(Change Level)",
            run: "click",
        },
        {
            content: "It says how many",
            trigger: ".o_notification:contains(Level changed: 2.)",
        },
        {
            content: "They are in the other group",
            trigger: ".o_group_header:contains(Pending items block):contains(2)",
        },
        {
            content: "Choose all again",
            trigger: ".o_list_view thead .o_list_record_selector input:not(:checked)",
            run: "click",
        },
        {
            content: "Lift them",
            trigger: ".o_control_panel button:contains(Lift)",
            run: "click",
        },
        {
            content: "The dialog says what it does",
            trigger: ".modal-header:contains(Lift Block)",
        },
        ...sayWhy("Paid"),
        {
            content: "Lift",
            trigger: ".modal-footer button:contains(Lift Block)",
            run: "click",
        },
        {
            content: "Nobody is blocked any more",
            trigger: ".o_list_view .o_view_nocontent:contains(No customer is blocked)",
        },
    ],
});

tours.add("credit_block_phone_blocks", {
    steps: () => [
        {
            content: "Blocked customers are cards, with what they have to pay",
            trigger:
                `.o_kanban_view .o_kanban_record:contains(${BLOCKED}):contains(Unpaid)` +
                ":contains(Overdue):contains(240.00):not(:has(button))",
            run: checkNothingSticksOut,
        },
        {
            content: "Open a block",
            trigger: `.o_kanban_record:contains(${BLOCKED})`,
            run: "click",
        },
        {
            content: "It says why",
            trigger: ".o_form_view:contains(Payment returned unpaid on)",
            run: checkNothingSticksOut,
        },
    ],
});
