"""How large a proof is: `ci` fits a check, `nightly` is what is promised."""

import os

SIZE = os.environ.get("BELTLINE_PROOF_SIZE", "ci")


def sized(*, ci: int, nightly: int) -> int:
    """The number for the size that was asked for."""
    if SIZE not in {"ci", "nightly"}:
        raise ValueError(f"BELTLINE_PROOF_SIZE is ci or nightly, not {SIZE}")
    return nightly if SIZE == "nightly" else ci
