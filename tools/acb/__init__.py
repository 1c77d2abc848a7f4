"""Set-up, wrapper and make targets of the addon (standard library only)."""
