"""Media addresses against what nginx's secure_link computes, done here with OpenSSL."""

from __future__ import annotations

import re
import subprocess
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from media_pipeline import paths
from media_pipeline.models import Asset, Cut, Package

NOW = datetime(2026, 11, 23, 10, 59, 59, tzinfo=UTC)


def playable() -> Asset:
    """Rows in memory only: addresses need no query."""
    asset = Asset(public_id="AssetAsset")
    asset.cut = Cut(asset=asset, package_id=1, package=Package(public_id="PackPackPa", sprite={"count": 3}, pk=1))
    return asset


def secure_link(exp: str, asset: str, key: str) -> str:
    """`echo -n "$exp $asset $key" | openssl md5 -binary | openssl base64 | tr +/ -_ | tr -d =`, as nginx's manual."""
    script = 'printf %s "$1 $2 $3" | openssl md5 -binary | openssl base64 | tr +/ -_ | tr -d ='
    done = subprocess.run(["sh", "-c", script, "sh", exp, asset, key], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_the_signature_is_what_nginx_checks(settings: Any) -> None:
    settings.MEDIA_SIGNING_KEY = "a key with blanks"

    address = paths.signed(playable(), "720/playlist.m3u8", now=NOW)

    found = re.fullmatch(r"/media/(\d+)-([\w-]{22})/AssetAsset/PackPackPa/720/playlist\.m3u8", address)
    assert found is not None
    assert found[2] == secure_link(found[1], "AssetAsset", "a key with blanks")


def test_it_holds_five_to_six_hours_and_is_the_same_within_an_hour() -> None:
    at_full_hour = NOW.replace(minute=0, second=0)

    first, last = (paths.signed(playable(), "x.m3u8", now=now) for now in (at_full_hour, NOW))

    assert first == last
    assert first.startswith(f"/media/{int((at_full_hour + timedelta(hours=6)).timestamp())}-")
    assert paths.signed(playable(), "x.m3u8", now=NOW + timedelta(seconds=1)) != last


def test_one_signature_opens_one_asset_until_one_moment() -> None:
    sig = paths.signature(100, "AssetAsset")

    assert paths.holds(sig, 100, "AssetAsset")
    assert not paths.holds(sig, 101, "AssetAsset")
    assert not paths.holds(sig, 100, "OtherAsset")
    assert not paths.holds("ünïcode", 100, "AssetAsset")


@pytest.mark.parametrize("cut", [None, "empty"])
def test_what_cannot_be_played_has_no_address(cut: str | None) -> None:
    asset = Asset(public_id="AssetAsset")
    asset.cut = Cut(asset=asset) if cut else None

    assert not paths.is_playable(asset)
    assert paths.signed(asset, "master.m3u8", now=NOW) == ""
    assert paths.poster(asset, now=NOW) == ""


def test_posters_come_in_two_sizes() -> None:
    assert paths.poster(playable(), now=NOW).endswith("/PackPackPa/poster-small.jpg")
    assert paths.poster(playable(), small=False, now=NOW).endswith("/PackPackPa/poster.jpg")
