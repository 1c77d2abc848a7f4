from . import test_stripe_webhook
