"""`POST tokens` (sign in for a key), `DELETE tokens/{id}`, `GET me`."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Field, Router, Schema

from members import organisations, sign_in, tokens
from members.api_auth import ApiAuth, BearerAuth, SessionAuth
from members.models import ApiToken, Appointment, Member

__all__ = ["ApiAuth", "BearerAuth", "SessionAuth", "router"]

router = Router(tags=["members"])


class SignIn(Schema):
    identifier: str = Field(max_length=64, description="Phone or employee number")
    password: str = Field(max_length=256)
    enterprise: str = Field("", max_length=120, description="Its full name; only if asked which")
    name: str = Field("", max_length=64, description="What the key is for, in your own words")
    scopes: list[Literal["read", "write"]] = Field(["read", "write"], min_length=1)


class OrganisationOut(Schema):
    name: str
    kind: str


class RoleOut(Schema):
    role: str
    organisation: str


class MemberOut(Schema):
    id: str
    name: str
    organisation: OrganisationOut | None
    roles: list[RoleOut]
    language: str
    text_size: str
    theme: str


class TokenOut(Schema):
    id: str
    token: str
    expires_at: datetime
    scopes: list[str]
    member: MemberOut


@router.post("tokens", auth=None, response={201: TokenOut}, summary="Sign in for a key")
def create_token(request: HttpRequest, payload: SignIn) -> dict[str, Any]:
    now = timezone.now()
    member = sign_in.check(
        payload.identifier, payload.password, enterprise=payload.enterprise, request=request, now=now
    )
    token, key = tokens.create(member, now=now, name=payload.name, scopes=payload.scopes)
    return {
        "id": token.public_id,
        "token": key,
        "expires_at": token.expires_at,
        "scopes": token.scopes,
        "member": described(member, timezone.localdate(now)),
    }


@router.delete("tokens/{public_id}", response={204: None}, summary="Revoke one of your keys")
def revoke_token(request: HttpRequest, public_id: str) -> None:
    member: Member = request.auth  # type: ignore[attr-defined]  # set by ninja
    token = get_object_or_404(ApiToken, public_id=public_id, member=member)
    tokens.revoke(token, by=member, now=timezone.now())


@router.get("me", response=MemberOut, summary="Who you are")
def me(request: HttpRequest) -> dict[str, Any]:
    return described(request.auth, timezone.localdate())  # type: ignore[attr-defined]  # set by ninja


def described(member: Member, today: date) -> dict[str, Any]:
    organisation = organisations.of(member, on=today)
    held = Appointment.objects.on(today).filter(member=member).select_related("organisation")
    return {
        "id": member.login,
        "name": member.name,
        "organisation": {"name": organisation.name, "kind": organisation.kind} if organisation else None,
        "roles": [{"role": one.role, "organisation": one.organisation.name} for one in held],
        "language": member.language or "zh-hans",
        "text_size": member.text_size,
        "theme": member.theme,
    }
