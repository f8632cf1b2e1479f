"""What of an asset lies in the storage, for assertions."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from media_pipeline import storage
from media_pipeline.models import Asset


def stored(prefix: str = "") -> dict[str, int]:
    """Every file of sources and packages, by key."""
    engine = storage.default()
    prefixes = [prefix] if prefix else ["sources", "packages", "uploads"]
    return {key: size for one in prefixes for key, size in engine.list(one)}


def folder(asset: Asset) -> Path:
    """The folder of the package that is served now."""
    assert asset.cut
    assert asset.cut.package
    master = f"packages/{asset.public_id}/{asset.cut.package.public_id}/master.m3u8"
    path = storage.default().path(master)
    assert path
    return path.parent


def files(asset: Asset) -> list[str]:
    root = folder(asset)
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


def master(asset: Asset) -> list[dict[str, str]]:
    """Attributes of each version the master names, in its order."""
    text = (folder(asset) / "master.m3u8").read_text()
    found = re.findall(r"#EXT-X-STREAM-INF:(.*)\n(.*)", text)
    return [
        {"uri": uri, **{name: word.strip('"') for name, word in re.findall(r'([A-Z-]+)=("[^"]*"|[^,]*)', attributes)}}
        for attributes, uri in found
    ]


def rows(asset: Asset) -> list[tuple[Any, ...]]:
    assert asset.cut
    assert asset.cut.package
    renditions = asset.cut.package.renditions.order_by("pk")
    return [(one.kind, one.name, one.width, one.height, one.codecs, one.duration_ms) for one in renditions]


def again(asset: Asset) -> Asset:
    """The row as it is now, with what its paths need."""
    return Asset.objects.select_related("cut__package", "cut__asset").get(pk=asset.pk)


def named(asset: Asset, kind: str) -> list[dict[str, str]]:
    """The master's lines about further sounds (AUDIO) or captions (SUBTITLES), as attributes."""
    text = (folder(asset) / "master.m3u8").read_text()
    lines = [line for line in text.splitlines() if line.startswith(f"#EXT-X-MEDIA:TYPE={kind},")]
    return [{k: v.strip('"') for k, v in re.findall(r'([A-Z-]+)=("[^"]*"|[^,]*)', line)} for line in lines]
