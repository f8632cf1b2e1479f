"""Signed, expiring media addresses, in the form nginx `secure_link` checks:

`/media/<exp>-<sig>/<asset>/<package>/<file>`, sig = base64url(md5("<exp> <asset> <MEDIA_SIGNING_KEY>")) unpadded.
The signature covers the asset and not the file, so that playlists use relative paths. No member stands in it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import datetime

from django.conf import settings

from media_pipeline.models import Asset, Cut

# Rounded to the hour, so that within one hour everybody has the same address and caches can hold it.
ROUNDED_TO_SECONDS = 60 * 60
LASTS_SECONDS = 6 * 60 * 60


def is_playable(asset: Asset) -> bool:
    """Whether something can be shown, be it only the first play. Wants `cut__package` joined."""
    return asset.cut is not None and asset.cut.package_id is not None


def signed(asset: Asset, filename: str, *, now: datetime) -> str:
    """The address of one file of the asset's current package; empty if there is none yet."""
    return of_cut(asset, asset.cut, filename, now=now)


def whole(asset: Asset) -> Cut | None:
    """All of its source, whatever is cut out of it now."""
    return asset.cuts.filter(number=1).select_related("package").first()


def of_cut(asset: Asset, cut: Cut | None, filename: str, *, now: datetime) -> str:
    package = cut.package if cut else None
    return _in_folder(asset.public_id, package.public_id, filename, now=now) if package else ""


def _in_folder(asset_id: str, folder: str, filename: str, *, now: datetime) -> str:
    exp = int(now.timestamp()) // ROUNDED_TO_SECONDS * ROUNDED_TO_SECONDS + LASTS_SECONDS
    return f"/media/{exp}-{signature(exp, asset_id)}/{asset_id}/{folder}/{filename}"


def poster(asset: Asset, small: bool = True, *, now: datetime) -> str:
    """The author's own, else the chosen one. Empty while the package has no pictures yet: they are made last."""
    package = asset.cut.package if asset.cut and _has_pictures(asset) else None
    chosen = (package.public_id, package.poster) if package else ("", "")
    return poster_in(asset.public_id, asset.picture, *chosen, small=small, now=now)


def poster_in(asset_id: str, picture: str, package_id: str, chosen: str, *, small: bool = True, now: datetime) -> str:
    """The same of plain facts: ids, the folder of the author's own picture, the name of the chosen one. Without a
    package that has pictures, its id is empty."""
    folder, name = (picture, "poster") if picture else (package_id, chosen)
    return _in_folder(asset_id, folder, f"{name}{'-small' if small else ''}.jpg", now=now) if folder else ""


def pictures_of(asset: Asset, cut: Cut | None, *, now: datetime) -> tuple[str, str]:
    """Of any of its cuts: the poster and the seek bar's pictures; empty where they are not made yet."""
    package = cut.package if cut else None
    if package is None or not package.sprite:
        return "", ""
    poster, sprite = (of_cut(asset, cut, name, now=now) for name in (f"{package.poster}.jpg", "sprite.vtt"))
    return poster, sprite


def candidates(asset: Asset, *, now: datetime) -> dict[str, str]:
    """Those to choose from: their addresses by name, the best first."""
    package = asset.cut.package if asset.cut else None
    names = [one["name"] for one in package.posters] if package else []
    return {name: signed(asset, f"{name}-small.jpg", now=now) for name in names}


def sprite(asset: Asset, *, now: datetime) -> str:
    return signed(asset, "sprite.vtt", now=now) if _has_pictures(asset) else ""


def sprite_sheet(asset: Asset, *, now: datetime) -> str:
    """The picture itself, whose parts `sprites.tile_at` finds."""
    package = asset.cut.package if asset.cut and _has_pictures(asset) else None
    return sprite_sheet_in(asset.public_id, package.public_id if package else "", now=now)


def sprite_sheet_in(asset_id: str, package_id: str, *, now: datetime) -> str:
    """The same of plain ids; the package's is empty where there is none that has pictures."""
    return _in_folder(asset_id, package_id, "sprite.jpg", now=now) if package_id else ""


def _has_pictures(asset: Asset) -> bool:
    package = asset.cut.package if asset.cut else None
    return package is not None and bool(package.sprite)


def signature(exp: int, asset_id: str) -> str:
    # MD5, because that is what nginx's secure_link computes; with a secret at the end no length extension helps.
    digest = hashlib.md5(f"{exp} {asset_id} {settings.MEDIA_SIGNING_KEY}".encode(), usedforsecurity=False).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def holds(sig: str, exp: int, asset_id: str) -> bool:
    return hmac.compare_digest(sig.encode(), signature(exp, asset_id).encode())
