/**
 * A payment came back: registered on the invoice, and confirmed with its outcome said.
 *
 * The data comes from tests/test_tour.py.
 */
import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";
import { checkNothingSticksOut } from "@account_credit_block/../tests/tours/tour_steps";

const tours = registry.category("web_tour.tours");

const CUSTOMER = "Rossi Impianti Srl";

// Three clicks from the invoice: the button, the reason, Confirm.
tours.add("credit_payment_returned", {
    steps: () => [
        {
            content: "The payment of the invoice came back",
            trigger: "button[name=action_open_payment_returned]",
            run: "click",
        },
        {
            content: "It is said what confirming does",
            trigger:
                ".modal .alert:contains(Books):contains(240.00)" +
                `:contains(writes to rossi@example.com):contains(blocks ${CUSTOMER})`,
            run: checkNothingSticksOut,
        },
        {
            content: "Say why by one click",
            trigger: ".modal .o_selection_badge:contains(Not enough funds)",
            run: "click",
        },
        {
            content: "The reason is in the search too",
            trigger: ".modal .o_field_many2one[name=reason_id] input:value(/AM04/)",
        },
        {
            content: "Confirm",
            trigger: ".modal button[name=action_confirm]",
            run: "click",
        },
        {
            content: "What has come of it is said",
            trigger: ".o_notification:contains(1 booked, 1 invoice reopened)",
        },
        {
            content: "The invoice is open again, and cannot come back twice",
            trigger:
                ".o_form_view:has(.ribbon:contains(Returned))" +
                ":not(:has(button[name=action_open_payment_returned]))",
        },
    ],
});

tours.add("credit_return_outcome", {
    steps: () => [
        ...stepUtils.statusbarButtonsSteps("Confirm", "Ask what confirming does"),
        {
            content: "It says what it does, and asks for the reason",
            trigger:
                ".modal li:contains(1 booked, 1 invoice reopened)" +
                " ~ li:contains(1 customer gets a mail) ~ li:contains(1 blocked)",
            run: checkNothingSticksOut,
        },
        {
            content: "Look for the reason",
            trigger: ".modal .o_field_widget[name=reason_id] input",
            run: "edit AC01",
        },
        {
            content: "A wrong account number",
            trigger: ".ui-menu-item > a:contains(AC01)",
            run: "click",
        },
        {
            content: "It is nobody's default: nobody is blocked",
            trigger: ".modal li:contains(no customer is blocked)",
        },
        {
            content: "The button says how many",
            trigger: ".modal button[name=action_confirm]:contains(1)",
            run: "click",
        },
        {
            content: "The same is said afterwards",
            trigger: ".o_notification:contains(1 booked, 1 invoice reopened)",
        },
        {
            content: "The line is booked, and the mail is one click away",
            trigger:
                ".o_form_view:has(.o_data_row:contains(Booked))" +
                " button[name=action_open_notices]:contains(1)",
        },
        {
            content: "It is in the chatter",
            trigger: ".o-mail-Message:contains(1 booked, 1 invoice reopened)",
        },
        ...stepUtils.statusbarButtonsSteps("Cancel", "Ask what cancelling does"),
        {
            content: "It says what goes",
            trigger: ".modal li:contains(1 reversed)",
        },
        {
            content: "Cancel it",
            trigger: ".modal button[name=action_cancel]",
            run: "click",
        },
        {
            content: "The line is out of the books",
            trigger: ".o_data_row:contains(Reversed)",
        },
    ],
});
