"""Phone numbers as people type them, and as they stand in rows (E.164). Pure."""

from __future__ import annotations

import re
import unicodedata

HOME = "86"
_BETWEEN = re.compile(r"[\s\-‐-―.()（）]+")
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_MOBILE_AT_HOME = re.compile(r"1[3-9][0-9]{9}")


def normalise(typed: str) -> str:
    """`typed` as E.164, or empty if it cannot be a phone number.

    Without a country code only a mainland mobile number is taken for a phone: anything else may be an employee number.
    """
    number = _BETWEEN.sub("", unicodedata.normalize("NFKC", typed))
    if number.startswith("00"):
        number = f"+{number[2:]}"
    if not number.startswith("+"):
        number = number.removeprefix(HOME) if len(number) == 13 else number
        number = f"+{HOME}{number}" if _MOBILE_AT_HOME.fullmatch(number) else ""
    return number if _E164.fullmatch(number) else ""
