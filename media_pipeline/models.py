"""Uploads, assets, cuts, packages and renditions."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from media_pipeline.stretches import Stretch
from ui.public_id import new_public_id


class Upload(models.Model):
    """One file on its way in. The parts themselves are known to the storage, not to rows (the door makes no query).

    Its asset carries the same `public_id`, so that the source's key is known before the first byte arrives and one
    upload can never become two assets.
    """

    class State(models.TextChoices):
        OPEN = "open"
        COMPLETE = "complete"
        ABORTED = "aborted"

    NEXT: ClassVar[dict[str, frozenset[str]]] = {
        State.OPEN: frozenset({State.COMPLETE, State.ABORTED}),
        State.COMPLETE: frozenset(),
        State.ABORTED: frozenset(),
    }

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=255)
    size = models.BigIntegerField()
    content_type = models.CharField(max_length=100, blank=True)
    part_size = models.IntegerField()
    storage_id = models.CharField(
        max_length=1024, blank=True
    )  # what the storage calls it (S3: UploadId); empty: our id
    purpose = models.CharField(max_length=16, default="lecture")  # or "replay": who asks for it, kept on the asset
    state = models.CharField(max_length=16, choices=State.choices, default=State.OPEN)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    asset = models.OneToOneField("Asset", null=True, on_delete=models.SET_NULL, related_name="upload")

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(size__gt=0), name="upload_has_bytes")]
        indexes = [models.Index(fields=["member", "state"], name="upload_by_member")]

    def __str__(self) -> str:
        return self.name

    @property
    def part_count(self) -> int:
        return -(-self.size // self.part_size)


class AssetQuerySet(models.QuerySet["Asset"]):
    def advance(self, asset: Asset, to: str, **facts: Any) -> bool:
        """Move `asset` to `to` unless someone moved it first; say whether we did."""
        if to not in Asset.NEXT[asset.state]:
            raise ValueError(f"An asset cannot go from {asset.state} to {to}.")
        moved = self.filter(pk=asset.pk, state=asset.state).update(state=to, **facts) == 1
        if moved:
            asset.state = to
            for name, value in facts.items():
                setattr(asset, name, value)
        return moved


class Asset(models.Model):
    """The bytes of one upload and all that is made from them.

    received → preparing → ready | refused (the file's fault, said in a sentence) | failed (ours; an editor may retry).
    """

    class State(models.TextChoices):
        RECEIVED = "received"
        PREPARING = "preparing"
        READY = "ready"
        REFUSED = "refused"
        FAILED = "failed"

    NEXT: ClassVar[dict[str, frozenset[str]]] = {
        State.RECEIVED: frozenset({State.PREPARING, State.REFUSED, State.FAILED}),
        State.PREPARING: frozenset({State.READY, State.REFUSED, State.FAILED}),
        State.READY: frozenset(),
        State.REFUSED: frozenset(),
        State.FAILED: frozenset({State.RECEIVED, State.PREPARING}),
    }

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=255)  # the file's own name, as the member knows it
    purpose = models.CharField(max_length=16, default="lecture")
    state = models.CharField(max_length=16, choices=State.choices, default=State.RECEIVED)
    refusal = models.CharField(max_length=64, blank=True)  # a code of ui.sentences; empty unless refused or failed
    refusal_params = models.JSONField(default=dict)
    source_key = models.CharField(max_length=200)  # of the storage
    source_bytes = models.BigIntegerField()
    identity = models.CharField(max_length=64, db_index=True)  # hash of the part hashes
    duration_ms = models.IntegerField(null=True)
    width = models.IntegerField(null=True)  # as displayed: after rotation and with square pixels
    height = models.IntegerField(null=True)
    # The current one. DO_NOTHING: both go together, and set to null on the way a ready asset would break its own rule.
    cut = models.ForeignKey("Cut", null=True, on_delete=models.DO_NOTHING, related_name="+")
    picture = models.CharField(max_length=10, blank=True)  # the folder of a poster of the author's own; empty: none
    projection = models.CharField(max_length=32, blank=True)  # of a picture all around: "equirectangular"; else empty
    created_at = models.DateTimeField()
    inspected_at = models.DateTimeField(null=True)
    ready_at = models.DateTimeField(null=True)

    objects = AssetQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="ready") | Q(cut__isnull=False, ready_at__isnull=False), name="asset_ready_has_cut"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=("refused", "failed")) | ~Q(refusal=""), name="asset_refusal_says_why"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Inspection(models.Model):
    """What was found in a source. Of its own, because it may be long and no list of lectures wants it."""

    asset = models.OneToOneField(Asset, primary_key=True, on_delete=models.CASCADE, related_name="inspection")
    info = models.JSONField(default=dict)  # media_info.MediaInfo
    loudness = models.JSONField(default=dict)  # loudness.Loudness; empty without sound
    waveform = models.JSONField(default=dict)  # loudness.Waveform, as it will be heard

    def __str__(self) -> str:
        return str(self.asset)


class Cut(models.Model):
    """A source and its kept ranges: one timeline. Coverage, captions and study state hang on it. Never updated but
    for its package pointer."""

    asset = models.ForeignKey(Asset, on_delete=models.CASCADE, related_name="cuts")
    number = models.PositiveIntegerField(default=1)
    kept = models.JSONField(default=list)  # [[start_ms, end_ms], …]; empty: all of it
    duration_ms = models.IntegerField()
    package = models.ForeignKey("Package", null=True, on_delete=models.SET_NULL, related_name="+")  # what is served now

    class Meta:
        constraints = [models.UniqueConstraint(fields=["asset", "number"], name="cut_one_number")]

    def __str__(self) -> str:
        return f"{self.asset} #{self.number}"


class Package(models.Model):
    """One encoding generation of a cut, under a prefix of its own: `packages/<asset>/<package>/`.

    It grows while it is made (`verified_at` empty: its playlists are of type EVENT, only its author and editors see it)
    and is never written again once it was verified, but for its master when captions or a dub join.
    """

    class Stage(models.TextChoices):
        FIRST_PLAY = "first_play"  # the source's own picture
        LADDER = "ladder"

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    cut = models.ForeignKey(Cut, on_delete=models.CASCADE, related_name="packages")
    verified_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    bytes = models.BigIntegerField(default=0)
    has_audio = models.BooleanField(default=True)
    stage = models.CharField(max_length=16, choices=Stage.choices, default=Stage.LADDER)
    sprite = models.JSONField(default=dict)  # {"columns", "rows", "width", "height", "count"}; empty: no pictures yet
    poster = models.CharField(max_length=24, default="poster")  # the name of the chosen one's files
    posters = models.JSONField(default=list)  # those to choose from, the best first: [{"name", "at_ms"}]
    slides = models.JSONField(default=list)  # when another slide came, in milliseconds
    download_bytes = models.BigIntegerField(default=0)  # of the one file to take along; 0: there is none

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["cut", "stage"], condition=Q(verified_at__isnull=True), name="package_one_grows_a_stage"
            )
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def prefix(self) -> str:
        """Of its keys in the storage. Wants `cut__asset` joined."""
        return f"packages/{self.cut.asset.public_id}/{self.public_id}"


class EncodedStretch(models.Model):
    """One part of a long source: planned, then made. Only while its package grows."""

    package = models.ForeignKey(Package, on_delete=models.CASCADE, related_name="stretches")
    number = models.PositiveSmallIntegerField()  # from 1
    start_ms = models.IntegerField()
    end_ms = models.IntegerField(null=True)  # null: to the end
    made = models.JSONField(default=dict)  # by version: stretch_growth.Told
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["package", "number"], name="stretch_one_number")]

    def __str__(self) -> str:
        return f"{self.package} {self.number}"

    @property
    def stretch(self) -> Stretch:
        return Stretch(self.number, self.start_ms, self.end_ms)


class Rendition(models.Model):
    """One encoded version inside a package."""

    package = models.ForeignKey(Package, on_delete=models.CASCADE, related_name="renditions")
    kind = models.CharField(max_length=8, choices=[("video", "video"), ("audio", "audio")])
    name = models.CharField(max_length=16)  # its folder: "720", "audio"
    width = models.IntegerField(null=True)
    height = models.IntegerField(null=True)
    codecs = models.CharField(max_length=64)
    bandwidth = models.IntegerField()  # peak, bit/s
    average = models.IntegerField(default=0)  # bit/s
    fps = models.FloatField(null=True)  # null: frame times vary
    language = models.CharField(max_length=12, blank=True)  # of a sound; BCP 47, empty if nobody said
    label = models.CharField(max_length=64, blank=True)  # of a sound: what the player's menu calls it
    bytes = models.BigIntegerField()
    duration_ms = models.IntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["package", "name"], name="rendition_one_name")]

    def __str__(self) -> str:
        return f"{self.package} {self.name}"


class TextTrack(models.Model):
    """Captions of one cut in one language. Its pieces lie in the storage under a folder of their own beside the
    packages, so that a new package changes nothing about them; changed captions get a new folder."""

    class Source(models.TextChoices):
        UPLOADED = "uploaded"
        EMBEDDED = "embedded"  # came with the file
        ASR = "asr"  # written down by a machine: a draft, shown to nobody until a person has looked it through

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    cut = models.ForeignKey(Cut, on_delete=models.CASCADE, related_name="texts")
    language = models.CharField(max_length=12)  # BCP 47: "zh-Hans", "en"
    label = models.CharField(max_length=64, blank=True)  # what the player's menu calls it; empty: the language's name
    source = models.CharField(max_length=16, choices=Source.choices)
    name = models.CharField(max_length=255, blank=True)  # the file's own name
    cues = models.JSONField(default=list)  # [[start_ms, end_ms, text], …], in order
    folder = models.CharField(max_length=10, blank=True)  # where its pieces are; empty: not stored yet
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    added_at = models.DateTimeField()
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    reviewed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["cut", "language", "source"], name="text_one_of_a_source")]

    def __str__(self) -> str:
        return f"{self.cut} {self.language}"

    @property
    def is_shown(self) -> bool:
        """Whether viewers get it."""
        return self.source != self.Source.ASR or self.reviewed_at is not None


class Chapter(models.Model):
    """A part of a cut, until the next one begins. All of a cut's chapters have the same source."""

    class Source(models.TextChoices):
        CONTAINER = "container"  # the file's own
        SLIDES = "slides"  # where slides change
        PASTED = "pasted"  # the author's own

    cut = models.ForeignKey(Cut, on_delete=models.CASCADE, related_name="chapters")
    start_ms = models.IntegerField()
    title = models.CharField(max_length=80, blank=True)  # empty: counted ("Part 3")
    source = models.CharField(max_length=16, choices=Source.choices)

    class Meta:
        ordering = ("start_ms",)
        constraints = [models.UniqueConstraint(fields=["cut", "start_ms"], name="chapter_one_at_a_time")]

    def __str__(self) -> str:
        return f"{self.cut} {self.start_ms}"


class SlideText(models.Model):
    """What stands on one slide of a cut, line by line, as it was read. For search; never shown as captions."""

    cut = models.ForeignKey(Cut, on_delete=models.CASCADE, related_name="slide_texts")
    start_ms = models.IntegerField()
    end_ms = models.IntegerField()
    text = models.TextField()
    confidence = models.FloatField()  # of its worst line, 0 to 1

    class Meta:
        ordering = ("start_ms",)
        constraints = [models.UniqueConstraint(fields=["cut", "start_ms"], name="slide_text_one_at_a_time")]

    def __str__(self) -> str:
        return f"{self.cut} {self.start_ms}"


class SoundTrack(models.Model):
    """One more sound of a cut beside its own: another language of the same file, or somebody's dub from another file.
    What is made of it is a Rendition of each package, named `sound-<pk>`."""

    cut = models.ForeignKey(Cut, on_delete=models.CASCADE, related_name="sounds")
    asset = models.ForeignKey(Asset, on_delete=models.CASCADE, related_name="+")  # whose source holds it
    track_index = models.PositiveSmallIntegerField()  # of the source's streams
    language = models.CharField(max_length=12)  # BCP 47
    label = models.CharField(max_length=64)  # what the player's menu calls it
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["cut", "asset", "track_index"], name="sound_once")]

    def __str__(self) -> str:
        return f"{self.cut} {self.label}"

    @property
    def name(self) -> str:
        """Its folder in a package."""
        return f"sound-{self.pk}"
