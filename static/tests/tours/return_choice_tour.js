/**
 * The lines of a draft return are decided: whose payment came back, and which one.
 *
 * The data comes from tests/test_tour_choice.py, which starts the tours and reads the
 * database after each of them.
 */
import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";
import { checkNothingSticksOut } from "@account_credit_block/../tests/tours/tour_steps";

const tours = registry.category("web_tour.tours");

const DEBTOR = "ROSSI IMPIANTI";
const NOBODY = "Neri Sas";
const PAYER = "Bianchi Carlo";

tours.add("credit_return_choice", {
    steps: () => [
        {
            content: "What is to be decided comes first",
            trigger: "button[name=filter_pending][aria-pressed=true]:contains(2)",
        },
        {
            content: "Nothing else is there",
            trigger: ".o_field_x2many_list:not(:has(.o_data_row:contains(Matched)))",
        },
        {
            content: "Choose one of the customer's payments by one click",
            trigger: `.o_data_row:contains(${DEBTOR}) button[name=take_candidate]:contains(240.00)`,
            run: "click",
        },
        {
            content: "One line less is left",
            trigger: "button[name=filter_pending]:contains(1)",
        },
        {
            content: "Look for the payment of the other one",
            trigger: `.o_data_row:contains(${NOBODY}) td[name=payment_id]`,
            run: "click",
        },
        {
            content: "By the customer's name and the amount",
            trigger: ".o_selected_row .o_field_widget[name=payment_id] input",
            run: "edit bianchi 90",
        },
        {
            content: "It says whose it is",
            trigger: `.ui-menu-item > a:contains(${PAYER}):contains(90.00)`,
            run: "click",
        },
        {
            content: "The bank names somebody else: that is said",
            trigger: `.modal:contains(The bank names ${NOBODY}):contains(${PAYER}) .modal-footer button`,
            run: "click",
        },
        ...stepUtils.saveForm(),
        {
            content: "With nothing left to decide all lines are there",
            trigger: "button[name=filter_all][aria-pressed=true]:contains(3)",
        },
        {
            content: "Filter by what was matched",
            trigger: "button[name=filter_matched]:contains(3)",
            run: "click",
        },
        {
            content: "The line has its customer and payment",
            trigger: `.o_data_row:contains(Matched):contains(${PAYER}) td[name=payment_id]:contains(${PAYER})`,
        },
    ],
});

tours.add("credit_return_choice_dialog", {
    steps: () => [
        {
            content: "See all that may be it",
            trigger: `.o_data_row:contains(${DEBTOR}) button[name=look_up_candidate]`,
            run: "click",
        },
        {
            content: "Look for one that is not in the list",
            trigger: ".modal .o_field_widget[name=payment_id] input",
            run: "edit bianchi",
        },
        {
            content: "Pick it",
            trigger: `.modal .ui-menu-item > a:contains(${PAYER})`,
            run: "click",
        },
        {
            content: "The dialog names both firms",
            trigger: `.modal .alert:contains(${DEBTOR}):contains(${PAYER})`,
        },
        {
            content: "Choose one of the list after all",
            trigger: ".modal .o_data_row:contains(240.00) button[name=action_choose]",
            run: "click",
        },
        {
            content: "The line is decided",
            trigger: "button[name=filter_pending]:contains(1)",
        },
    ],
});

tours.add("credit_return_choice_phone", {
    steps: () => [
        {
            content: "The filters and the cards fit the screen",
            trigger: `.o_kanban_record:contains(${DEBTOR}) button[name=take_candidate]:contains(240.00)`,
            run: checkNothingSticksOut,
        },
        {
            content: "Choose by one touch",
            trigger: `.o_kanban_record:contains(${DEBTOR}) button[name=take_candidate]:contains(240.00)`,
            run: "click",
        },
        {
            content: "One line less is left",
            trigger: "button[name=filter_pending]:contains(1)",
        },
        {
            content: "See all",
            trigger: "button[name=filter_all]:contains(3)",
            run: "click",
        },
        {
            content: "They are there",
            trigger: ".o_kanban_record:contains(Matched):contains(230.00)",
            run: checkNothingSticksOut,
        },
    ],
});
