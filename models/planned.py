"""Activities that are planned, whatever a client says."""


def schedule(records, activity_type, **values):
    """Plan an activity, which no key in the context of a client leaves out.

    :param records: of a model with activities
    :param values: as for `activity_schedule`
    """
    told = records.with_context(mail_activity_automation_skip=False)
    return told.activity_schedule(activity_type, **values)
