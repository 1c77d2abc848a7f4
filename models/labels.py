"""What the values of a selection are called, in the language of who reads them."""


def get_labels(model, name):
    """Return the labels of a selection by value.

    :param model: records, or a model, of the environment of who reads
    :param name: of the field
    """
    return dict(model._fields[name]._description_selection(model.env))


def get_label(record, name):
    """Return the label of the value of a record; an empty text for none."""
    return get_labels(record, name).get(record[name], "")
