/**
 * What came back is worked: one step after the other, several at once.
 *
 * The data comes from tests/test_tour_work.py, which starts the tours and reads the
 * database after each of them.
 */
import { registry } from "@web/core/registry";
import {
    checkNothingSticksOut,
    openCreditMenu,
} from "@account_credit_block/../tests/tours/tour_steps";

const tours = registry.category("web_tour.tours");

const CUSTOMER = "Rossi Impianti";
const OTHER = "Bianchi Carlo";

tours.add("credit_return_work", {
    url: "/odoo",
    steps: () => [
        ...openCreditMenu("account_payment_return_task_menu"),
        {
            content: "What is to be done is grouped by step",
            trigger: ".o_group_name:contains(Present again (2))",
        },
        {
            content: "Choose one that is to be presented again",
            trigger: `.o_data_row:contains(${CUSTOMER}):contains(AM04) .o_list_record_selector input`,
            run: "click",
        },
        {
            content: "And the other one",
            trigger: `.o_data_row:contains(${OTHER}):contains(AM04) .o_list_record_selector input`,
            run: "click",
        },
        {
            content: "They are assigned at once",
            trigger: ".o_control_panel button:contains(Assign to Me)",
            run: "click",
        },
        {
            content: "Somebody is responsible",
            trigger: `.o_data_row:contains(${OTHER}) [name=responsible_id] .o_avatar`,
        },
        {
            content: "A call is planned from the list",
            trigger: `.o_data_row:contains(${CUSTOMER}):contains(MS02):contains(Contact customer) button:contains(Do It)`,
            run: "click",
        },
        {
            content: "Core's dialog proposes what is asked",
            trigger:
                ".modal .o_field_widget[name=summary] input:value(Ask why it was not paid)",
        },
        {
            content: "Plan it",
            trigger: ".modal-footer button[name=action_schedule_activities]",
            run: "click",
        },
        {
            content: "One is done",
            trigger: `body:not(:has(.modal)) .o_data_row:contains(${CUSTOMER}):contains(MS02) button:contains(Done)`,
            run: "click",
        },
        {
            content: "It is gone",
            trigger: ".o_list_view:not(:has(.o_data_row:contains(MS02)))",
        },
        {
            content: "Present what came back again",
            trigger: `.o_data_row:contains(${OTHER}):contains(AM04):contains(Present again) button:contains(Do It)`,
            run: "click",
        },
        {
            content: "A draft for the bank, with the instalment",
            trigger: `.o_form_view .o_data_row:contains(${OTHER})`,
        },
    ],
});

tours.add("credit_return_work_phone", {
    url: "/odoo/returns-to-work",
    steps: () => [
        {
            content: "The first step is there, and nothing sticks out",
            trigger: ".o_kanban_group .o_kanban_record",
            run: checkNothingSticksOut,
        },
        {
            content: "One tap says that it is done",
            trigger: `.o_kanban_record:contains(${CUSTOMER}):contains(AM04) button:contains(Done)`,
            run: "click",
        },
        {
            content: "It is gone",
            trigger: `.o_kanban_view:not(:has(.o_kanban_record:contains(${CUSTOMER}):contains(AM04)))`,
        },
    ],
});
