"""The pictures of the README: who sees what, and how one gets there.

All of them read the demo's data. The refused quotation is refused, and the file in
the import dialog is not imported, so they can be taken again and again; only the
picture of the shop leaves one more order, which is why it is the last one.
"""

import tempfile
import time
from pathlib import Path

DESKTOP = (1280, 800)
PHONE = (390, 844)
SHOP_PRODUCT = "/shop?search=manutenzione"


def take_import_wizard(page):
    """The import dialog with a file of the bank."""
    page.wait(".modal .o_field_drop_files")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "camt.054-2026-11-24.xml")
        path.write_text("<Document/>")
        page.attach(".modal input[type=file]", path)
        page.wait(".modal .o_attachment", path.name)
        page.wait(".modal .o_attachment_uploaded")


LONGEST = """() => {
    const count = (row) => Number(row.querySelector("[name=line_count]").innerText);
    const rows = [...document.querySelectorAll(".o_data_row")];
    rows.filter((row) => row.innerText.includes("Confirmed"))
        .sort((a, b) => count(b) - count(a))[0]
        .querySelector("[name=name]")
        .click();
}"""


def open_return(page):
    """The confirmed return of the demo with the most lines."""
    page.wait(".o_data_row", "Confirmed")
    page.run(LONGEST)
    page.wait(".o_form_view .o_statusbar_status", "Confirmed")


def take_import_summary(page):
    """What became of the rows of the file."""
    open_return(page)
    page.click(".nav-link", "Bank File")
    page.wait("[name=import_note] li")


def take_returned_invoice(page):
    """An invoice that is open again, from its return."""
    open_return(page)
    page.click("button[name=action_open_invoices]")
    page.wait(".o_list_view, .o_form_view [name=invoice_line_ids]")
    if page.run("() => Boolean(document.querySelector('.o_list_view'))"):
        page.click(".o_data_row .o_data_cell[name=name]")
    page.wait(".o_form_view .ribbon", "Returned")


def take_customer(page):
    """A customer's accounting page with the block and its history."""
    page.click(".o_data_row [name=complete_name], .o_kanban_record", "Fabbri")
    page.click(".o_notebook .nav-link[name=accounting]")
    page.scroll_to(".o_horizontal_separator", "Credit Control")


def take_refused_quotation(page):
    """What a salesperson reads who tries all the same."""
    page.fill(".o_field_widget[name=partner_id] input", "Idraulica Moretti")
    page.click(".ui-menu-item a", "Idraulica Moretti")
    page.wait(".o_form_view .alert-danger")
    page.click(".o_form_button_save")
    page.wait(".modal .btn-primary", "Ask")


def take_level_grid(page):
    """Which level does what."""
    page.wait(".o_data_row .o_data_cell[name=policy_support]")


def take_block_rules(page):
    """Whom a rule would block today."""
    page.click(".o_data_row .o_data_cell[name=name]", "Overdue")
    page.click("button[name=action_preview]")
    page.wait(".modal .o_data_row")


def take_customer_credit(page):
    """All there is to know of a customer, on one page."""
    page.click(".o_data_row [name=complete_name], .o_kanban_record", "Fabbri")
    page.click("button[name=action_open_credit_customer_card]")
    page.wait(".o_credit_customer_card")


def take_return_rate(page):
    """What came back of what each bank collected."""
    page.wait(".o_graph_renderer canvas, .o_pivot table")


def take_settings(page):
    """The switches of the company."""
    page.scroll_to("h2", "Payment Returns")


def take_blocked_customers(page):
    """The list of blocked customers on a phone."""
    page.wait(".o_kanban_record")


def take_held_orders(page):
    """The queue of the credit manager."""
    page.wait(".o_data_row", "De Luca")


def take_held_orders_phone(page):
    """The queue on a phone."""
    page.wait(".o_kanban_record", "De Luca")


def take_hold_decision(page):
    """Everything there is to know about an order before deciding."""
    page.click(".o_data_row .o_data_cell[name=partner_id]", "De Luca")
    page.wait(".o_credit_customer_card", "over the limit")


def take_hold_settings(page):
    """What is held, who decides, and what others see of it."""
    page.scroll_to("h2", "Order Holds")


def take_shop_review(page):
    """What the customer reads after paying."""
    page.click(".oe_product a", "Ora di manutenzione")
    page.wait("#product_detail #add_to_cart")
    time.sleep(3)  # the scripts of the page start after it is shown
    page.click("#product_detail #add_to_cart")
    page.click("a[href='/shop/cart']", "1")
    page.click("a[name=website_sale_main_button]")
    page.fill("input[name=customer_input]", "4242424242424242")
    page.click("button[name=o_payment_submit_button]")
    page.wait("[name=credit_review]")


# name of the picture, user, address, way there, size
SHOTS = (
    (
        "import-wizard",
        "accountant",
        "action-account_credit_block.account_payment_return_import_action",
        take_import_wizard,
        DESKTOP,
    ),
    ("import-summary", "accountant", "payment-returns", take_import_summary, DESKTOP),
    ("return-confirmed", "accountant", "payment-returns", open_return, DESKTOP),
    (
        "invoice-returned",
        "accountant",
        "payment-returns",
        take_returned_invoice,
        DESKTOP,
    ),
    (
        "customer-block",
        "manager",
        "action-account.res_partner_action_customer",
        take_customer,
        DESKTOP,
    ),
    (
        "quotation-refused",
        "salesperson",
        "sales/new",
        take_refused_quotation,
        DESKTOP,
    ),
    ("block-rules", "manager", "credit-block-rules", take_block_rules, DESKTOP),
    (
        "customer-credit",
        "manager",
        "action-account.res_partner_action_customer",
        take_customer_credit,
        (1280, 1000),
    ),
    ("return-rate", "manager", "return-rate-by-bank", take_return_rate, (1280, 620)),
    ("level-grid", "manager", "credit-block-levels", take_level_grid, (1280, 420)),
    (
        "settings",
        "admin",
        "action-account_credit_block.res_config_settings_action",
        take_settings,
        DESKTOP,
    ),
    (
        "blocked-customers-phone",
        "manager",
        "credit-blocks",
        take_blocked_customers,
        PHONE,
    ),
    ("held-orders", "manager", "held-orders", take_held_orders, (1280, 420)),
    ("held-orders-phone", "manager", "held-orders", take_held_orders_phone, PHONE),
    ("hold-decision", "manager", "held-orders", take_hold_decision, DESKTOP),
    (
        "hold-settings",
        "admin",
        "action-account_credit_block.res_config_settings_action",
        take_hold_settings,
        (1280, 960),
    ),
    ("shop-review", "shopper", SHOP_PRODUCT, take_shop_review, DESKTOP),
)
