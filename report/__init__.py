from . import credit_customer_card_report
