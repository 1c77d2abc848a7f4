"""Standing around every override of a method, on the class that the registry makes."""

from functools import wraps


def wrap(model_class, name, around):
    """Call a function around a method of a model, until `unwrap`.

    :param around: takes the records and the method, whose other arguments are given
    """
    unwrap(model_class, name)
    origin = getattr(model_class, name)

    @wraps(origin)
    def wrapper(self, *args, **kwargs):
        return around(self, lambda records: origin(records, *args, **kwargs))

    wrapper.is_credit_block_wrapper = True
    setattr(model_class, name, wrapper)


def unwrap(model_class, name):
    """Take away what `wrap` has put around a method, if it has."""
    if hasattr(vars(model_class).get(name), "is_credit_block_wrapper"):
        delattr(model_class, name)
