"""The editor in a notebook: the document, the widget and the run, joined."""

from ._studio import Studio as Studio
