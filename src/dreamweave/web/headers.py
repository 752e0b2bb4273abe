"""Headers: what every answer tells a browser it may do with it.

Own files only, no inline script, no frames, nothing remembered of personal
pages. Escaping is the first defence and this the second: a policy does not
stop a `<meta refresh>`. A dreamscape is one self-contained document with its
script inside, so it gets a sandbox and a policy made of its own scripts' hashes.
"""

from __future__ import annotations

import base64
import re
from hashlib import sha256

from starlette.datastructures import MutableHeaders

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:;"
    " media-src 'self' blob:; connect-src 'self'; font-src 'self'; manifest-src 'self';"
    " worker-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self';"
    " require-trusted-types-for 'script'; trusted-types dreamweave"
)

# Not `no-referrer`: under it a browser sends `Origin: null` with a form's POST, and on a plain
# http address there is no Sec-Fetch-Site to fall back on, so every form would be refused
# (seen in Chromium). `same-origin` tells other sites just as little.
REFERRER = "same-origin"

ALWAYS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": REFERRER,
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": (
        "microphone=(self), camera=(self), geolocation=(), payment=(), usb=(), serial=(), hid=(),"
        " midi=(), display-capture=(), interest-cohort=(), browsing-topics=()"
    ),
    "x-frame-options": "DENY",
    "cache-control": "no-store",
}
HSTS = "max-age=31536000"
IMMUTABLE = "public, max-age=31536000, immutable"

_SCRIPT = re.compile(rb"<script\b([^>]*)>(.*?)</script\s*>", re.IGNORECASE | re.DOTALL)
_NOT_RUN = re.compile(rb"""\btype\s*=\s*["']?(?!module|text/javascript)[a-z]""", re.IGNORECASE)


def add_headers(headers: MutableHeaders, *, secure: bool) -> None:
    """Add what every answer carries; what a door said itself stays."""
    for name, value in ALWAYS.items():
        headers.setdefault(name, value)
    if secure:
        headers.setdefault("strict-transport-security", HSTS)


def dreamscape_headers(document: bytes) -> dict[str, str]:
    """What a dreamscape is served with, in place of what every answer carries."""
    return {
        "content-security-policy": dreamscape_policy(document),
        "referrer-policy": "no-referrer",
        # By the standard a browser shows no sandboxed document that asks to be kept apart from
        # its opener (Chromium 156 does all the same), and our own pages keep themselves apart.
        "cross-origin-opener-policy": "unsafe-none",
        "x-frame-options": "SAMEORIGIN",
    }


def dreamscape_policy(document: bytes) -> str:
    """The policy of one self-contained document: its own inline scripts, and nothing else."""
    hashes = []
    for attributes, script in _SCRIPT.findall(document):
        if not _NOT_RUN.search(attributes):
            digest = base64.b64encode(sha256(script).digest()).decode()
            hashes.append(f"'sha256-{digest}'")
    scripts = " ".join(hashes) or "'none'"
    return (
        f"sandbox allow-scripts; default-src 'none'; script-src {scripts};"
        " style-src 'unsafe-inline'; img-src data: blob:; font-src data:; media-src data: blob:;"
        " base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
    )
