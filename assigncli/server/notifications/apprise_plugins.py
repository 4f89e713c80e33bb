"""Channel addresses: refuse those not allowed, and make the Apprise object for one.

Nothing is sent or looked up here, and no error contains any part of an address.
"""

from __future__ import annotations

import logging
import unicodedata
import warnings
from collections.abc import Callable
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final

from assigncli.addresses import MAIL
from assigncli.errors import InvalidInput

if TYPE_CHECKING:
    from apprise import AppriseAsset

# A list of what is allowed, not of what is forbidden: Apprise has some 180 services, and more with
# each release. Among them are desktop pop-ups, system logs, local devices and services that read
# key files named in the address. Those below were read and tried: each sends elsewhere, and sends
# the text unchanged (Telegram, Teams, Google Chat, Webex and Rocket.Chat turn it into markup).
_ANYWHERE: Final = {
    "Email": "mailto mailtos",
    "JSON": "json jsons",
    "XML": "xml xmls",
    "Form": "form forms",
    "MQTT": "mqtt mqtts",
    "ntfy": "ntfy ntfys",
    "Gotify": "gotify gotifys",
    "Signal": "signal signals",
    "Nextcloud": "ncloud nclouds",
    "Nextcloud Talk": "nctalk nctalks",
    "Mattermost": "mmost mmosts",
    "Home Assistant": "hassio hassios",
}
"""Services that anybody may run: the address names the host."""

_HOSTED: Final = {
    "Slack": "slack",
    "Discord": "discord",
    "Pushover": "pover",
    "Pushbullet": "pbul",
    "Threema": "threema",
    "Twilio": "twilio",
    "Sinch": "sinch",
    "MessageBird": "msgbird",
    "Vonage": "vonage nexmo",
    "46elks": "46elks elks",
}
"""Services with one server: their address has a token or a number in place of the host."""

KINDS: Final = {
    schema: name for name, schemas in {**_ANYWHERE, **_HOSTED}.items() for schema in schemas.split()
}
"""The services a channel may use: from the address's schema to the service's usual name."""

HOSTED: Final = frozenset(" ".join(_HOSTED.values()).split())
_WEBHOOKS = ("json", "jsons", "xml", "xmls", "form", "forms")
MQTT = ("mqtt", "mqtts")
_OPTIONS = (
    "to from source smtp mode user pass password port token auth key secret apikey gwid sid spi "
    "region qos version client_id channel url_prefix priority sound"
)
OPTIONS: Final = tuple(sorted(_OPTIONS.split()))
"""The options an address may have: whom to reach, and how to authenticate.

Others can read a file (pgppub, template, attach), turn off the checking of certificates (verify),
change or repeat the message (format, overflow, +header, :field, method) or send it to more people
(cc, email).
"""

PLAIN: Final = "text"
"""Apprise's name for plain text."""
_LIBRARIES = ("apprise", "urllib3", "requests", "paho", "charset_normalizer")
_LETTERS = str.maketrans({"æ": "ae", "Æ": "Ae", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "ŋ": "n"})


def take_apart(address: str) -> dict[str, Any]:
    """Parse the address and refuse anything not allowed in it; errors never quote it.

    Raises InvalidInput `channel_invalid`, or `channel_not_installed` if the library for its kind is
    an extra that is not installed here.
    """
    _load()
    from apprise.plugins import url_to_dict

    parse: Callable[[str], dict[str, Any] | None] = url_to_dict
    try:
        parts = parse(address)
    except Exception:
        parts = None
    if not parts:
        raise InvalidInput("channel_invalid")
    schema = str(parts.get("schema", "")).lower()
    if schema not in KINDS:
        raise InvalidInput("channel_invalid", "kind", kinds=tuple(dict.fromkeys(KINDS.values())))
    if not all(_allowed(schema, option) for option in parts.get("qsd", {})):
        raise InvalidInput("channel_invalid", "option", options=OPTIONS)
    if schema in MQTT and find_spec("paho") is None:
        raise InvalidInput("channel_not_installed")
    return {**parts, "schema": schema}


def _allowed(schema: str, option: str) -> bool:
    # A webhook's own headers (+) and parameters (-) may carry its credentials.
    return option in OPTIONS or (schema in _WEBHOOKS and option[:1] in ("+", "-"))


def make_plugin(parts: dict[str, Any], *, sender: str, seconds: float) -> Any:
    """Make a new Apprise object: a used one waits up to 4.5 seconds before it sends again."""
    from apprise import Apprise

    plugin: Any = Apprise.instantiate({**parts}, asset=_asset(parts["schema"], sender))
    if plugin is None or len(plugin) != 1 or not _sound(plugin):
        raise InvalidInput("channel_invalid")
    plugin.request_rate_per_sec = 0
    plugin.socket_connect_timeout = plugin.socket_read_timeout = seconds
    if parts["schema"] in MQTT:
        plugin.qos = max(1, plugin.qos)  # with 0 the server never confirms the message
    if parts["schema"] in _WEBHOOKS and plugin.user:
        plugin.password = plugin.password or ""  # requests warns about None
    return plugin


def _sound(plugin: Any) -> bool:
    """Say whether port and recipient are valid, and TLS, if promised, is not turned off."""
    in_clear = plugin.schema == "mailtos" and plugin.secure_mode == "insecure"
    nobody = plugin.schema in MAIL and len(plugin.targets) != 1
    return (plugin.port is None or 0 < plugin.port < 2**16) and not in_clear and not nobody


def _asset(schema: str, sender: str) -> AppriseAsset:
    """Return what Apprise tells of us: only the sender's name, no links and no pictures.

    Redirects are not followed: a message that was turned into a GET would count as sent.
    """
    from apprise import AppriseAsset

    name = on_one_line(sender) if schema in MAIL else _plain(sender)
    return AppriseAsset(
        app_id=name,
        app_desc=name,
        app_url="",
        image_url_mask="",
        image_url_logo="",
        image_path_mask="",
        interpret_emojis=False,
        interpret_escapes=False,
        http_redirects=False,
        pgp_autogen=False,
        pem_autogen=False,
        storage_mode="memory",
    )


def on_one_line(text: str) -> str:
    """Return `text` on one line: a line break in a header begins another header."""
    return " ".join(text.splitlines())


def _plain(name: str) -> str:
    """Return `name` in ASCII: over HTTP it is the User-Agent, which allows nothing else."""
    apart = unicodedata.normalize("NFKD", on_one_line(name).translate(_LETTERS))
    return apart.encode("ascii", "ignore").decode("ascii")


def _load() -> None:
    """Import Apprise and its plugins, and silence what they and their libraries would print.

    Permanently, not only during a call: a thread may outlive its time limit. At DEBUG they print
    bodies and tokens, and their warnings may contain addresses.
    """
    for name in _LIBRARIES:
        logger = logging.getLogger(name)
        logger.setLevel(logging.CRITICAL)
        logger.propagate = False
        if not logger.handlers:
            logger.addHandler(logging.NullHandler())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the import of `imghdr` warns
        from apprise.plugins import N_MGR

        bool("json" in N_MGR)  # the first lookup imports the plugins
