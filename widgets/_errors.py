"""The errors of this part."""


class WidgetError(Exception):
    """Base of everything `widgets` raises on purpose."""


class ProtocolError(WidgetError, ValueError):
    """A message that does not follow the protocol.

    Raised with the place in the message, what was given and what is needed.
    """


class FrontEndMissingError(WidgetError, FileNotFoundError):
    """The browser half of the editor was not built."""
