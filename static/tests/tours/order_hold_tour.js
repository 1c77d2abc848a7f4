/**
 * Orders that wait for a manager, as the people of a company and a customer live it.
 *
 * Each tour is one role. The data comes from tests/test_tour_holds.py, which starts
 * the tours and reads the database after each of them.
 */
import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";
import {
    checkNothingSticksOut,
    openCreditMenu,
    openMenu,
} from "@account_credit_block/../tests/tours/tour_steps";

const tours = registry.category("web_tour.tours");

const CUSTOMER = "Officine Rossi";
const PRODUCT = "Bolt of the tour";

// === STEPS === //

/** Decide in the dialog that is open. */
function decide(button, reason) {
    return [
        {
            content: "Say why",
            trigger: ".modal .o_field_widget[name=reason] textarea",
            run: `edit ${reason}`,
        },
        {
            content: button,
            trigger: `.modal-footer button:contains(${button})`,
            run: "click",
        },
    ];
}

// === TOURS === //

tours.add("credit_hold_hand_over", {
    url: "/odoo",
    steps: () => [
        ...openMenu(
            "sale.sale_menu_root",
            "sale.sale_order_menu",
            "sale.menu_sale_quotations"
        ),
        {
            content: "Open the quotation",
            trigger: `.o_data_row td[name=partner_id]:contains(${CUSTOMER})`,
            run: "click",
        },
        {
            content: "The customer is blocked; confirming is possible all the same",
            trigger: ".o_form_view .alert-warning:contains(credit block)",
        },
        ...stepUtils.statusbarButtonsSteps("Confirm", "Confirm the quotation"),
        {
            content: "A notification says what became of it",
            trigger: ".o_notification:contains(handed over to the credit manager)",
        },
        {
            content: "The banner says since when, for whom and why",
            trigger:
                ".o_form_view .alert-info:contains(Held since)" +
                ":contains(Test credit_manager):contains(credit block)",
        },
        {
            content: "Nobody can confirm or release it here any more",
            trigger:
                ".o_form_statusbar:not(:has(button:contains(Confirm)))" +
                ":not(:has(button:contains(Release)))",
        },
        {
            content: "Go back to the quotations",
            trigger: ".o_breadcrumb a:contains(Quotations)",
            run: "click",
        },
        {
            content: "The list shows that it is held",
            trigger: `.o_data_row:contains(${CUSTOMER}) td[name=hold_state]:contains(Held)`,
        },
    ],
});

tours.add("credit_hold_release", {
    url: "/odoo",
    steps: () => [
        ...openCreditMenu("sale_order_hold_menu"),
        {
            content: "Open the order that waits",
            trigger: `.o_data_row:contains(Pending items block) td[name=partner_id]:contains(${CUSTOMER})`,
            run: "click",
        },
        {
            content: "The reason is told in full",
            trigger: ".o_form_view .alert-warning:contains(credit block)",
        },
        {
            content: "The card says how the customer stands",
            trigger:
                ".o_credit_customer_card:contains(Pending items block)" +
                ":contains(Exposure with this order):contains(No credit limit)" +
                ":contains(No payment return in the last 12 months)",
        },
        {
            content: "What is ordered is there at a glance",
            trigger: `.o_credit_order_summary:contains(${PRODUCT})`,
        },
        ...stepUtils.statusbarButtonsSteps("Release", "Release the order"),
        ...decide("Release", "Pays at the counter"),
        {
            content: "That was all",
            trigger: ".o_notification:contains(released):contains(Nothing left to decide)",
        },
        {
            content: "The list says so too",
            trigger: ".o_list_view .o_view_nocontent:contains(No order waits for a decision)",
        },
        {
            content: "Look at what was decided",
            trigger: ".o_facet_remove",
            run: "click",
        },
        {
            content: "Open the order that was released",
            trigger: `.o_data_row td[name=partner_id]:contains(${CUSTOMER})`,
            run: "click",
        },
        {
            content: "It is released",
            trigger: ".o_statusbar_status .o_arrow_button_current:contains(Released)",
        },
        {
            content: "The reason is kept",
            trigger: ".o_field_widget[name=decision_reason]:contains(Pays at the counter)",
        },
        {
            content: "Open the order",
            trigger: "button[name=action_open_order]",
            run: "click",
        },
        {
            content: "It went on where it stopped",
            trigger: ".o_statusbar_status .o_arrow_button_current:contains(Sales Order)",
        },
    ],
});

tours.add("credit_hold_desk", {
    url: "/odoo",
    steps: () => [
        ...openCreditMenu("sale_order_hold_menu"),
        {
            content: "The list says how the customer stands, of whom is over the limit",
            trigger:
                ".o_data_row:has(td[name=reason_short]:contains(Over the limit by))" +
                ":has(td[name=limit_share] .bg-danger):has(td[name=over_by]:contains(100.00))",
        },
        {
            content: "Choose all",
            trigger: ".o_list_view thead .o_list_record_selector input",
            run: "click",
        },
        {
            content: "Check them again",
            trigger: ".o_control_panel button:contains(Check Again)",
            run: "click",
        },
        {
            content: "It answers how many went on",
            trigger: ".o_notification:contains(1 let go, 2 still held)",
        },
        {
            content: "Those that wait are left in the list",
            trigger: ".o_pager_value:contains(1-2)",
        },
        {
            content: "Open the first one that waits",
            trigger: ".o_data_row td[name=partner_id]",
            run: "click",
        },
        ...stepUtils.statusbarButtonsSteps("Forward", "Nobody else may decide"),
        {
            content: "The dialog says why, and what to do",
            trigger:
                ".modal:contains(Nobody but you is chosen to decide)" +
                ":not(:has(.modal-footer button:contains(Forward):visible))",
        },
        {
            content: "Leave it",
            trigger: ".modal-footer button:contains(Discard)",
            run: "click",
        },
        ...stepUtils.statusbarButtonsSteps("Lift Block", "Lift what blocks the customer"),
        {
            content: "The dialog says what it does",
            trigger:
                ".modal-header:contains(Lift the Block and Release) ~ .modal-body " +
                `.alert:contains(${CUSTOMER}: Pending items block)`,
        },
        ...decide("Lift and Release", "Pays at the counter"),
        {
            content: "The next order that waits is there",
            trigger: ".o_form_view .alert-warning:contains(credit limit)",
        },
        {
            content: "The way back is to the list",
            trigger: ".o_breadcrumb:contains(Held Orders)",
        },
        ...stepUtils.statusbarButtonsSteps("Refuse", "Refuse that one"),
        ...decide("Refuse", "Too much"),
        {
            content: "That was all",
            trigger: ".o_notification:contains(Nothing left to decide)",
        },
        {
            content: "The empty list says so",
            trigger: ".o_list_view .o_view_nocontent:contains(No order waits for a decision)",
        },
    ],
});

tours.add("credit_hold_phone", {
    steps: () => [
        {
            content: "Held orders are cards, with their buttons",
            trigger:
                `.o_kanban_record:contains(${CUSTOMER}):contains(Pending items block)` +
                ":contains(Exposure):has(button:contains(Lift Block)) button:contains(Release)",
            run: checkNothingSticksOut,
        },
        {
            content: "Open one",
            trigger: `.o_kanban_record:contains(${CUSTOMER}) :contains(S0)`,
            run: "click",
        },
        {
            content: "The decision fits the screen",
            trigger: `.o_form_view .o_credit_order_summary:contains(${PRODUCT})`,
            run: checkNothingSticksOut,
        },
    ],
});

tours.add("credit_hold_phone_quotations", {
    steps: () => [
        {
            content: "The card of a quotation says that the customer is blocked",
            trigger: `.o_kanban_record:contains(${CUSTOMER}) .o_field_badge:contains(Pending items block)`,
            run: checkNothingSticksOut,
        },
    ],
});
