/**
 * The credit of a customer, from the form to the page of its own.
 *
 * The data comes from tests/test_tour_card.py, which starts the tours.
 */
import { registry } from "@web/core/registry";
import { checkNothingSticksOut, openMenu } from "@account_credit_block/../tests/tours/tour_steps";

const tours = registry.category("web_tour.tours");

const CUSTOMER = "Rossi Impianti Srl";

/** What the page of a customer's credit tells. */
function readCard() {
    return [
        {
            content: "The exposure has its bar",
            trigger: ".o_credit_customer_card [name=exposure] .progress-bar.bg-danger",
        },
        {
            content: "The returns are counted",
            trigger: ".o_credit_customer_card [name=returns]:contains(240.00)",
        },
        {
            content: "The history of blocks says why",
            trigger: ".o_credit_customer_card [name=past_blocks]:contains(came back twice)",
        },
        {
            content: "So does the one of orders",
            trigger: ".o_credit_customer_card [name=decisions]:contains(Refused)",
            run: checkNothingSticksOut,
        },
    ];
}

tours.add("credit_card", {
    url: "/odoo",
    steps: () => [
        ...openMenu(
            "account.menu_finance",
            "account.menu_finance_receivables",
            "account.menu_account_customer"
        ),
        {
            content: "Open the customer",
            trigger: `.o_data_row td[name=complete_name]:contains(${CUSTOMER}), .o_kanban_record:contains(${CUSTOMER})`,
            run: "click",
        },
        {
            content: "Open the accounting page",
            trigger: ".o_notebook .nav-link[name=accounting]",
            run: "click",
        },
        {
            content: "It shows the figures",
            trigger: ".tab-pane .o_credit_customer_card [name=exposure] .progress-bar",
        },
        {
            content: "Open the page of the credit",
            trigger: "button[name=action_open_credit_customer_card]",
            run: "click",
        },
        ...readCard(),
        {
            content: "Go back to the customer",
            trigger: `.breadcrumb a:contains(${CUSTOMER}), .o_back_button a`,
            run: "click",
        },
        {
            content: "The customer is there again",
            trigger: "button[name=action_open_credit_customer_card]",
        },
        {
            content: "Open the accounting page again",
            trigger: ".o_notebook .nav-link[name=accounting]",
            run: "click",
        },
        {
            content: "See what the returned amount is made of",
            trigger: ".tab-pane .o_credit_customer_card [name=returned] a[data-figure=returned]",
            run: "click",
        },
        {
            content: "It is one invoice; open it",
            trigger: ".o_list_view .o_data_row:contains(240.00) td[name=move_id]",
            run: "click",
        },
        {
            content: "It is the one that came back",
            trigger: ".o_form_view .ribbon:contains(Returned)",
        },
    ],
});

tours.add("credit_card_phone", {
    steps: () => readCard(),
});

tours.add("credit_portal_pay_again", {
    url: "/my/invoices",
    steps: () => [
        {
            content: "The invoice is marked; open it",
            trigger: "tr:has([name=payment_returned]) td a:first",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "It says what happened and takes another payment",
            trigger: "[name=payment_returned]:contains(came back unpaid) a[name=pay_again]",
            run: "click",
        },
        {
            content: "Type a card number",
            trigger: "#pay_with.show input[name=customer_input]",
            run: "edit 4242424242424242",
        },
        {
            content: "Pay",
            trigger: "#pay_with button[name=o_payment_submit_button]:enabled",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "The invoice is paid and says nothing of it any more",
            trigger: "#wrapwrap:has([name=invoice_paid_badge]):not(:has([name=payment_returned]))",
        },
    ],
});
