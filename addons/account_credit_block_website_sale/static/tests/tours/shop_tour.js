/**
 * A customer whose order waits, or is refused, on the shop and on the portal.
 *
 * Each tour is one role. The data comes from tests/test_tour_shop.py, which starts the
 * tours and reads the database after each of them.
 */
import { registry } from "@web/core/registry";
import * as shop from "@website_sale/js/tours/tour_utils";

const tours = registry.category("web_tour.tours");

const PRODUCT = "Bolt of the tour";

// === STEPS === //

/** Open the payment page with a product in the cart. */
function goToPayment() {
    return [
        ...shop.addToCart({ productName: PRODUCT, expectUnloadPage: true }),
        shop.goToCart(),
        shop.goToCheckout(),
    ];
}

// === TOURS === //

tours.add("credit_hold_shop", {
    url: "/shop",
    steps: () => [
        ...goToPayment(),
        {
            content: "Type a card number",
            trigger: "input[name=customer_input]",
            run: "edit 4242424242424242",
        },
        ...shop.pay({ expectUnloadPage: true }),
        {
            content: "The shop says that the order is being reviewed",
            trigger: "[name=credit_review]:contains(Your order is being reviewed)",
        },
        {
            content: "Nothing says that it is confirmed, or why it waits",
            trigger:
                "#wrap:contains(We have received your order)" +
                ":not(:contains(Thank you for your order)):not(:contains(credit block))",
        },
        {
            content: "The payment arrived",
            trigger: "[name=order_confirmation]:contains(Your payment has been processed)",
        },
    ],
});

tours.add("credit_hold_portal_waiting", {
    url: "/my/quotes",
    steps: () => [
        {
            content: "The list says that it is being reviewed",
            trigger: "tr:contains(Being reviewed) a:contains(S0)",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "So does the order, and it asks for nothing",
            trigger:
                "#wrap:has([name=credit_review])" +
                ":not(:has(#o_sale_portal_paynow)):not(:has([name=sale_order_actions]))",
        },
    ],
});

tours.add("credit_hold_portal_released", {
    url: "/my/orders",
    steps: () => [
        {
            content: "It is among the orders",
            trigger: "td a:contains(S0)",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Nothing of the review is left",
            trigger: "#wrap:contains(Sales Order):not(:has([name=credit_review]))",
        },
    ],
});

tours.add("credit_hold_shop_refused", {
    url: "/shop",
    steps: () => [
        ...shop.addToCart({ productName: PRODUCT, expectUnloadPage: true }),
        shop.goToCart(),
        {
            content: "The cart says it before, and offers a way",
            trigger:
                ".alert[name=credit_refused]:contains(We cannot accept this order online)" +
                " [name=credit_contact] a[href='/contactus']",
        },
        shop.goToCheckout(),
        {
            content: "The payment page says it plainly",
            trigger: ".alert:contains(We cannot accept this order online at the moment)",
        },
        {
            content: "It offers a way, and nothing to confirm",
            trigger:
                "#wrap:not(:contains(Confirm order)) [name=credit_ways_out] a[href='/contactus']",
        },
        {
            content: "There is nothing to pay with",
            trigger:
                "#wrap:not(:has(button[name=o_payment_submit_button]))" +
                ":not(:contains(Doubtful))",
        },
    ],
});
