"""What an SQL statement reads is written to the database before it."""


def flush(env, *read_fields):
    """Write what statements read.

    :param read_fields: dicts from model to a list of its fields, None for all of them
    """
    for each in read_fields:
        for model, names in each.items():
            env[model].flush_model(names)
