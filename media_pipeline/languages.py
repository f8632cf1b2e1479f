"""Languages as files name them, and as players and people do. Pure."""

from __future__ import annotations

import re

from django.conf.locale import LANG_INFO

# What containers write (ISO 639-2) for what playlists want (BCP 47). Others are three letters there too.
_SHORT = {
    "zho": "zh", "chi": "zh", "cmn": "zh", "eng": "en", "jpn": "ja", "kor": "ko", "fra": "fr", "fre": "fr", "deu": "de",
    "ger": "de", "spa": "es", "rus": "ru", "ara": "ar", "por": "pt", "ita": "it", "vie": "vi", "tha": "th", "tib": "bo",
    "bod": "bo", "uig": "ug", "kaz": "kk", "mon": "mn",
}  # fmt: skip
_UNKNOWN = {"", "und", "mis", "mul", "zxx", "nar"}
_NAMES = {"zh": "中文", "zh-hans": "简体中文", "zh-hant": "繁體中文", "yue": "粤语", "bo": "བོད་སྐད", "ug": "ئۇيغۇرچە"}
_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}")


def tag(code: str) -> str:
    """BCP 47 of what a file or a person says; empty if it says nothing or nothing that can be one."""
    code = code.strip().replace("_", "-")
    if code.lower() in _UNKNOWN or not _TAG.fullmatch(code):
        return ""
    first, *rest = code.split("-")
    # zh-Hans, en-US: a script is written with a capital, a country in capitals
    rest = [part.title() if len(part) == 4 else part.upper() if len(part) == 2 else part.lower() for part in rest]
    return "-".join([_SHORT.get(first.lower(), first.lower()), *rest])


def name(language: str) -> str:
    """In the language itself, as a player's menu shows it; the tag where nobody knows."""
    for known in (language.lower(), language.lower().partition("-")[0]):
        if known in _NAMES:
            return _NAMES[known]
        if "name_local" in LANG_INFO.get(known, {}):
            return str(LANG_INFO[known]["name_local"])
    return language
