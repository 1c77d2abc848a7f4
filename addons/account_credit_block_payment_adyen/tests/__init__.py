from . import test_adyen_webhook
