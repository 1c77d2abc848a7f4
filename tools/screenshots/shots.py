"""The pictures of the README: who sees what, and how one gets there.

All of them read the demo's data. The refused quotation is refused, and the file in
the import dialog is not imported, so they can be taken again and again; only the
picture of the shop leaves one more order, which is why it is the last one.
"""

DESKTOP = (1280, 800)
PHONE = (390, 844)
SHOP_PRODUCT = "/shop?search=manutenzione"
FILE = {
    "name": "camt.054-2026-11-24.xml",
    "mimeType": "text/xml",
    "buffer": b"<Document/>",
}


def see(page, selector, text=None):
    """The first element that is seen and holds a text, whatever the case."""
    return page.locator(selector, has_text=text).filter(visible=True).first


def wait(page, selector, text=None):
    """Wait for an element that can be seen."""
    see(page, selector, text).wait_for()


def scroll_to(page, selector, text):
    """Bring an element to the top of what is seen."""
    see(page, selector, text).evaluate("element => element.scrollIntoView()")


def take_import_wizard(page):
    """The import dialog with a file of the bank."""
    wait(page, ".modal .o_field_drop_files")
    page.locator(".modal input[type=file]").first.set_input_files(FILE)
    wait(page, ".modal .o_attachment", FILE["name"])
    wait(page, ".modal .o_attachment_uploaded")


def take_arrivals(page):
    """What came by mail and could not be imported."""
    wait(page, ".o_data_row", "esiti-parziale.xml")


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
    wait(page, ".o_data_row", "Confirmed")
    page.evaluate(LONGEST)
    wait(page, ".o_form_view .o_statusbar_status", "Confirmed")


def take_import_summary(page):
    """What became of the rows of the file."""
    open_return(page)
    see(page, ".nav-link", "Bank File").click()
    wait(page, "[name=import_note] li")


def take_returned_invoice(page):
    """An invoice that is open again, from its return."""
    open_return(page)
    see(page, "button[name=action_open_invoices]").click()
    wait(page, ".o_list_view, .o_form_view [name=invoice_line_ids]")
    if page.locator(".o_list_view").count():
        see(page, ".o_data_row .o_data_cell[name=name]").click()
    wait(page, ".o_form_view .ribbon", "Returned")


def take_customer(page):
    """A customer's accounting page with the block and its history."""
    see(page, ".o_data_row [name=complete_name], .o_kanban_record", "Fabbri").click()
    see(page, ".o_notebook .nav-link[name=accounting]").click()
    scroll_to(page, ".o_horizontal_separator", "Credit Control")


def take_presentation(page):
    """Receipts at the bank, one of which came back."""
    see(page, ".o_data_row .o_data_cell[name=name]", "RB/").click()
    wait(page, ".o_field_one2many .o_data_row")


def take_bank_debits(page):
    """What the bank took back, and what each debit is."""
    wait(page, ".o_data_row", "INSOLUTO")


def take_refused_quotation(page):
    """What a salesperson reads who tries all the same."""
    see(page, ".o_field_widget[name=partner_id] input").fill("Idraulica Moretti")
    see(page, ".ui-menu-item a", "Idraulica Moretti").click()
    wait(page, ".o_form_view .alert-danger")
    see(page, ".o_form_button_save").click()
    wait(page, ".modal .btn-primary", "Ask")


def take_level_grid(page):
    """Which level does what."""
    wait(page, ".o_data_row .o_data_cell[name=policy_support]")


def take_block_rules(page):
    """Whom a rule would block today."""
    see(page, ".o_data_row .o_data_cell[name=name]", "Overdue").click()
    see(page, "button[name=action_preview]").click()
    wait(page, ".modal .o_data_row")


def take_customer_credit(page):
    """All there is to know of a customer, on one page."""
    see(page, ".o_data_row [name=complete_name], .o_kanban_record", "Fabbri").click()
    see(page, "button[name=action_open_credit_customer_card]").click()
    wait(page, ".o_credit_customer_card")


def take_return_rate(page):
    """What came back of what each bank collected."""
    wait(page, ".o_graph_renderer canvas, .o_pivot table")


def take_settings(page):
    """The switches of the company."""
    scroll_to(page, "h2", "Payment Returns")


def take_blocked_customers(page):
    """The list of blocked customers on a phone."""
    wait(page, ".o_kanban_record")


def take_held_orders(page):
    """The queue of the credit manager."""
    wait(page, ".o_data_row", "De Luca")


def take_held_orders_phone(page):
    """The queue on a phone."""
    wait(page, ".o_kanban_record", "De Luca")


def take_hold_decision(page):
    """Everything there is to know about an order before deciding."""
    see(page, ".o_data_row .o_data_cell[name=partner_id]", "De Luca").click()
    wait(page, ".o_credit_customer_card", "over the limit")


def take_hold_settings(page):
    """What is held, who decides, and what others see of it."""
    scroll_to(page, "h2", "Order Holds")


def take_shop_review(page):
    """What the customer reads after paying."""
    see(page, ".oe_product a", "Ora di manutenzione").click()
    wait(page, "#product_detail #add_to_cart")
    page.wait_for_timeout(3000)  # the scripts of the page start after it is shown
    see(page, "#product_detail #add_to_cart").click()
    see(page, "a[href='/shop/cart']", "1").click()
    see(page, "a[name=website_sale_main_button]").click()
    see(page, "input[name=customer_input]").fill("4242424242424242")
    see(page, "button[name=o_payment_submit_button]").click()
    wait(page, "[name=credit_review]")


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
        "receipts-presented",
        "accountant",
        "collections-presented",
        take_presentation,
        DESKTOP,
    ),
    (
        "bank-debits",
        "accountant",
        "action-account_credit_block.bank_debit_action",
        take_bank_debits,
        (1280, 420),
    ),
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
    ("files-to-look-at", "accountant", "files-to-look-at", take_arrivals, (1366, 480)),
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
