"""Who may use the page: it can start models and write files, so not every web site may."""

from __future__ import annotations

import ipaddress
import secrets
from dataclasses import dataclass
from urllib.parse import urlsplit

COOKIE = "ovbench_token"
PARAMETER = "token"


def is_loopback(host: str) -> bool:
    """Whether only programs of this machine reach this address or name."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"


@dataclass(frozen=True, slots=True)
class Asked:
    """What one request says of itself.

    Attributes:
        host: the Host header, with the port where one is given.
        origin: the Origin header; None = none was sent, as by a program that is no browser.
        token: from the cookie or the address; None = there is none.
    """

    host: str
    origin: str | None
    token: str | None


@dataclass(frozen=True, slots=True)
class Guard:
    """Lets a request in or says why not.

    Attributes:
        host: the address that is listened on.
        token: what every request must show; '' = none is needed, as in a test.
    """

    host: str
    token: str

    def refusal(self, requested: Asked) -> str:
        """Return why a request is refused, in a sentence; '' = it is let in.

        A page of another site may make a browser ask this server: by its own name, made to
        resolve to this address, or over a web socket, to which the same-origin policy does not
        apply. The Host and the Origin header tell.
        """
        if is_loopback(self.host) and not is_loopback(_name_of(requested.host)):
            return "Only addresses of this machine are served, such as localhost."
        if requested.origin is not None and _place_of(requested.origin) != requested.host:
            return "Another site asked for it."
        if self.token and not secrets.compare_digest(
            (requested.token or "").encode("utf-8", "replace"), self.token.encode()
        ):
            return "The address that the server printed has a token, and this one has not."
        return ""


def _name_of(host: str) -> str:
    """The Host header without its port; '' where it is none."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _place_of(origin: str) -> str | None:
    """Host and port of an Origin header; None where it is none."""
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return None
