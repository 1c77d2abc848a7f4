"""What the web client shows for a moment, after a button."""


def close():
    """Return the action that closes the dialog that asked."""
    return {"type": "ir.actions.act_window_close"}


def tell(message, kind="info", then=None, **more):
    """Return the action that tells something.

    :param str message: what is told
    :param str kind: "success", "info", "warning" or "danger"
    :param then: the action that follows; by default the dialog that asked is closed,
        False for nothing
    :param more: a title, whether it is sticky, links
    """
    params = {"type": kind, "message": message, **more}
    if then is not False:
        params["next"] = then or close()
    return {
        "type": "ir.actions.client",
        "tag": "display_notification",
        "params": params,
    }
