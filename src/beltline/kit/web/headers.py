"""Security headers of every page: one strict policy, no exceptions per page."""

from typing import Final

# No inline script or style, no eval, nothing from elsewhere. `data:` images are the two glyphs
# the style sheets draw (check mark, select arrow); `blob:` is the preview of a chosen photo.
_POLICY: Final = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data: blob:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
    "report-uri": "/csp-report",
    "report-to": "csp",
}

CONTENT_SECURITY_POLICY: Final = "; ".join(f"{name} {value}" for name, value in _POLICY.items())


def security_headers(*, https: bool = False) -> dict[str, str]:
    """Headers for every response; `https` adds HSTS, which a plain-http demo must not send."""
    headers = {
        "Content-Security-Policy": CONTENT_SECURITY_POLICY,
        "Reporting-Endpoints": 'csp="/csp-report"',
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(self), geolocation=(), microphone=(), payment=(), usb=()",
    }
    if https:
        headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    return headers
