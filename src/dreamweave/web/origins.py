"""Heads of requests: is this a head we read, does it mean us, and did our own page send it.

Host, Origin and Sec-Fetch-Site against the names this node answers to, and the
peer's address behind a proxy that the keeper trusts. Knows nothing of routes
and people.
"""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

from starlette.types import Scope

from dreamweave.model.refusals import Refusal
from dreamweave.web.asking import check_once
from dreamweave.web.house import WebSettings

N_HEADERS_MAX = 64
HEADERS_BYTES_MAX = 16_384
PATH_BYTES_MAX = 1_024
QUERY_BYTES_MAX = 2_048

# Names of this very machine, which no other site can make a browser send us to.
LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})

# Of these one request has one, whatever servers in between make of more.
ONCE = (
    b"host",
    b"content-length",
    b"content-type",
    b"origin",
    b"authorization",
    b"cookie",
    b"idempotency-key",
)

_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::(\d{1,5}))?", re.ASCII)
_LENGTH = re.compile(rb"\d{1,12}")


def check_head(scope: Scope) -> None:
    """Refuse a head that is too large, says one thing twice, or names a path no door has."""
    headers: list[tuple[bytes, bytes]] = scope["headers"]
    if len(headers) > N_HEADERS_MAX:
        raise Refusal("head.many", f"A request has up to {N_HEADERS_MAX} headers here.")
    if sum(len(name) + len(value) for name, value in headers) > HEADERS_BYTES_MAX:
        raise Refusal("head.long", "The headers of this request are too long.")
    names = [name for name, _ in headers]
    for name in ONCE:
        if names.count(name) > 1:
            raise Refusal("head.twice_said", f"The header {name.decode()} is given twice.")
    length = _header(scope, b"content-length")
    if length and not _LENGTH.fullmatch(length.encode("latin-1")):
        raise Refusal("head.length", "Content-Length is a whole number.")
    # A key that is no key would keep nothing from being done twice: say so at once.
    if b"idempotency-key" in names:
        check_once(_header(scope, b"idempotency-key"))
    if len(scope.get("raw_path") or b"") > PATH_BYTES_MAX:
        raise Refusal("head.path", "This address is longer than any of ours.")
    if len(scope.get("query_string") or b"") > QUERY_BYTES_MAX:
        raise Refusal("head.query", "What follows the question mark is too long.")
    path: str = scope["path"]
    if "\\" in path or "//" in path or any(ord(c) < 32 or ord(c) == 127 for c in path):
        raise Refusal("head.path", "This address holds something that no address of ours does.")


def check_host(scope: Scope, settings: WebSettings) -> str:
    """The Host header, if it means us."""
    host = _header(scope, b"host")
    name = host_name(host)
    if name is None or not (name in LOCAL or name in names_of(settings)):
        raise Refusal(
            "host.unknown",
            "This node does not answer to that name. Its keeper can add it (DREAMWEAVE_HOSTS).",
        )
    return host.lower()


def names_of(settings: WebSettings) -> frozenset[str]:
    """The names besides localhost that this node answers to."""
    public = urlsplit(settings.address).hostname or ""
    return frozenset(name.lower() for name in (public, *settings.hosts) if name)


def host_name(host: str) -> str | None:
    """The name in a Host header, without port and brackets; None where it is not one."""
    found = _HOST.fullmatch(host)
    if found is None or (found[2] and int(found[2]) > 65_535):
        return None
    return found[1].strip("[]").rstrip(".").lower()


def check_origin(scope: Scope, host: str, settings: WebSettings) -> None:
    """Refuse what changes something unless a page of ours sent it.

    A browser says where a POST comes from in `Origin`, and on secure
    addresses in `Sec-Fetch-Site` too. What says neither is no browser of
    these years and should send a bearer token.
    """
    origin, site = _header(scope, b"origin"), _header(scope, b"sec-fetch-site")
    no = Refusal(
        "origin.other",
        "This did not come from a page of this node. Open it here and send it again; programs"
        " send a bearer token, or the Origin of this node.",
    )
    if site and site != "same-origin":
        raise no
    if not origin:
        if not site:
            raise no
        return
    mine = {f"http://{host}", f"https://{host}"}
    public = urlsplit(settings.address)
    if public.hostname and public.scheme == "https" and host_name(host) == public.hostname:
        mine.discard(f"http://{host}")  # the public name is spoken to over https only
    if public.scheme:
        mine.add(f"{public.scheme}://{public.netloc}".lower())
    if origin.lower() not in mine:
        raise no


def peer_of(scope: Scope, settings: WebSettings) -> tuple[str, bool]:
    """Whose address a request comes from, and whether their browser speaks https.

    Forwarded headers count only from a proxy that the keeper named; of several
    addresses the last that is not such a proxy, because the rest is hearsay.
    """
    peer = (scope.get("client") or ("", 0))[0]
    secure = scope.get("scheme") == "https"
    if not _is_trusted(peer, settings.trusted_proxies):
        return peer, secure
    # The last word is the nearest proxy's, in a header of its own (HAProxy) or behind a comma.
    secure = secure or _hops(scope, b"x-forwarded-proto")[-1].lower() == "https"
    for hop in reversed(_hops(scope, b"x-forwarded-for")):
        try:
            ipaddress.ip_address(hop)
        except ValueError:
            break
        peer = hop
        if not _is_trusted(hop, settings.trusted_proxies):
            break
    return peer, secure


def _is_trusted(address: str, proxies: tuple[str, ...]) -> bool:
    try:
        ip = ipaddress.ip_address(address)
        return any(ip in ipaddress.ip_network(proxy, strict=False) for proxy in proxies)
    except ValueError:
        return False


def _hops(scope: Scope, wanted: bytes) -> list[str]:
    """What servers on the way wrote into headers of one name, in order; one "" where none did."""
    said = [v.decode("latin-1") for name, v in scope["headers"] if name == wanted]
    return [hop.strip() for hop in ",".join(said).split(",")]


def _header(scope: Scope, wanted: bytes) -> str:
    for name, value in scope["headers"]:
        if name == wanted:
            text: str = value.decode("latin-1")
            return text
    return ""
