"""Members, enterprises, organisations, memberships and appointments."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from treebeard.mp_tree import MP_Node

from ui.public_id import new_public_id


class Enterprise(models.Model):
    """A company or institution; gives employee numbers their scope."""

    name = models.CharField(_("name"), max_length=120, unique=True)
    short_name = models.CharField(_("short name"), max_length=24)

    class Meta:
        verbose_name = _("enterprise")
        verbose_name_plural = _("enterprises")

    def __str__(self) -> str:
        return self.short_name


class Organisation(MP_Node):  # type: ignore[misc]  # treebeard is untyped
    """A node of the tree: committee, group or branch. A member belongs to one; rights run down the subtree."""

    class Kind(models.TextChoices):
        COMMITTEE = "committee", _("Party committee")
        GROUP = "group", _("Party group")
        BRANCH = "branch", _("Party branch")

    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices)
    name = models.CharField(_("name"), max_length=120)
    short_name = models.CharField(_("short name"), max_length=32)
    enterprise = models.ForeignKey(
        Enterprise, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("enterprise")
    )

    node_order_by: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")

    def __str__(self) -> str:
        return str(self.name)


class MemberManager(BaseUserManager["Member"]):
    def create_user(self, name: str, password: str | None = None, **facts: Any) -> Member:
        member = self.model(name=name, **facts)
        member.set_password(password)
        member.full_clean(exclude=["password"])
        member.save(using=self._db)
        return member

    def create_superuser(self, login: str | None = None, password: str | None = None, **facts: Any) -> Member:
        facts = {"name": login or "operator", **facts, "is_staff": True, "is_superuser": True}
        return self.create_user(password=password, **({"login": login} if login else {}), **facts)


class Member(AbstractBaseUser, PermissionsMixin):
    """A person who signs in. Signs in with a phone number or an employee number; `login` is only inside."""

    class TextSize(models.TextChoices):
        NORMAL = "normal"
        LARGE = "large"

    class Theme(models.TextChoices):
        AUTO = "auto"
        LIGHT = "light"
        DARK = "dark"

    login = models.CharField(max_length=16, unique=True, default=new_public_id)
    name = models.CharField(_("full name"), max_length=64)
    phone = models.CharField(
        _("phone"),
        max_length=16,
        unique=True,
        null=True,
        blank=True,
        help_text=_("With country code, as +8613800000000"),
    )
    enterprise = models.ForeignKey(
        Enterprise, null=True, blank=True, on_delete=models.PROTECT, verbose_name=_("enterprise")
    )
    employee_number = models.CharField(_("employee number"), max_length=32, blank=True)
    language = models.CharField(_("language"), max_length=8, blank=True)  # empty: as the browser's cookie says
    text_size = models.CharField(max_length=8, choices=TextSize.choices, default=TextSize.NORMAL)
    theme = models.CharField(max_length=8, choices=Theme.choices, default=Theme.AUTO)
    is_active = models.BooleanField(_("active"), default=True)
    is_staff = models.BooleanField(_("staff"), default=False)
    joined_at = models.DateTimeField(auto_now_add=True)

    email: ClassVar[str] = ""  # Wagtail looks for one before it would write a letter; we keep none
    USERNAME_FIELD = "login"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = MemberManager()

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        constraints = [
            models.UniqueConstraint(
                fields=["enterprise", "employee_number"], condition=~Q(employee_number=""), name="member_one_number"
            ),
            models.CheckConstraint(
                condition=Q(phone__isnull=True) | Q(phone__regex=r"^\+[1-9][0-9]{6,14}$"), name="member_phone_is_e164"
            ),
            models.CheckConstraint(
                condition=Q(employee_number="") | Q(enterprise__isnull=False), name="member_number_has_enterprise"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def first_name(self) -> str:
        """Wagtail greets by first name, or else by the internal login."""
        return self.name

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name


class DatedQuerySet(models.QuerySet[Any]):
    def on(self, day: date) -> Any:
        """Those in force on `day`: from `starts_on`, up to but not including `ends_on`."""
        return self.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=day), starts_on__lte=day)


class Membership(models.Model):
    """A member belongs to an organisation from a day to a day (half-open). Never to two at a time (migration 0002)."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="memberships")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="memberships")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gt=F("starts_on")), name="membership_ends_later"
            ),
            models.UniqueConstraint(fields=["member"], condition=Q(ends_on__isnull=True), name="membership_one_open"),
        ]

    def __str__(self) -> str:
        return f"{self.member} in {self.organisation}"


class Appointment(models.Model):
    """A member holds a role in an organisation from a day to a day (half-open); rights reach down its subtree."""

    class Role(models.TextChoices):
        SECRETARY = "secretary", _("branch secretary")
        EXECUTIVE_SECRETARY = "executive_secretary", _("executive secretary of the month")
        EDITOR = "editor", _("editor")
        OPERATOR = "operator", _("operator")

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="appointments")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="appointments")
    role = models.CharField(max_length=24, choices=Role.choices)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gt=F("starts_on")), name="appointment_ends_later"
            ),
            models.UniqueConstraint(
                fields=["member", "organisation", "role"],
                condition=Q(ends_on__isnull=True),
                name="appointment_one_open",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member}: {self.role}"


class ApiToken(models.Model):
    """A key for the API. Only its SHA-256 is kept; the key itself is shown once."""

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=64, blank=True)
    digest = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.member}: {self.name or self.pk}"


class SignInAttempt(models.Model):
    """A failed sign-in. Many in a short time close the door for a while; swept after a day."""

    identifier = models.CharField(max_length=64)
    address = models.GenericIPAddressField(null=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["identifier", "at"], name="attempt_by_identifier"),
            models.Index(fields=["address", "at"], name="attempt_by_address"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%F %T}"
