"""Messages for the person who runs the host. `print` writes to it, too."""

from . import _host
from .error import unicode


def warn(message: str) -> None:
    """Something that the person should look at although the run goes on."""
    _host.log("warn", unicode(message))


def info(message: str) -> None:
    """What the plugin did."""
    _host.log("info", unicode(message))


def debug(message: str) -> None:
    """Details for the author of the plugin."""
    _host.log("debug", unicode(message))
