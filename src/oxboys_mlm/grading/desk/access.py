"""Who may use the desk: the browser that opened its address first, and only from the desk's own page."""

from __future__ import annotations

import hmac
import secrets
from urllib.parse import urlsplit


class Access:
    """Lets one browser in.

    Parameters
    ----------
    port
        Where the desk listens, on 127.0.0.1.

    Attributes
    ----------
    cookie
        Name of the cookie. Browsers send cookies to all ports of a machine, so it names its own.
    secret
        What the cookie holds.
    """

    def __init__(self, port: int) -> None:
        self.host = f"127.0.0.1:{port}"
        self.cookie = f"oxboys-desk-{port}"
        self.secret = secrets.token_urlsafe(32)
        self._token: str | None = secrets.token_urlsafe(32)

    @property
    def address(self) -> str:
        """The address to open, once."""
        return f"http://{self.host}/?token={self._token}"

    def take(self, token: str) -> bool:
        """Return whether this is the token; it is good for one time."""
        right = self._token is not None and hmac.compare_digest(token.encode(), self._token.encode())
        if right:
            self._token = None
        return right

    def knows(self, cookie: str | None) -> bool:
        """Return whether a cookie is that of the browser that was let in."""
        return cookie is not None and hmac.compare_digest(cookie.encode(), self.secret.encode())

    def refusal(self, method: str, host: str, origin: str | None, site: str | None) -> str:
        """Say why a request may not come from the desk's own page; empty if it does.

        Parameters
        ----------
        method
            Such as "GET".
        host
            The header ``Host``: what the browser took this server for. Another name means that somebody else's name
            was pointed here.
        origin
            The header ``Origin``: the page that asks. Whatever writes has to name it.
        site
            The header ``Sec-Fetch-Site``.
        """
        if host != self.host:
            return "this server is called by another name than its own"
        if origin is None:
            if method not in ("GET", "HEAD"):
                return "the request does not say which page it comes from"
        elif urlsplit(origin).netloc != self.host or urlsplit(origin).scheme != "http":
            return "the request comes from another page"
        if site not in (None, "same-origin", "none"):
            return "the request comes from another site"
        return ""
