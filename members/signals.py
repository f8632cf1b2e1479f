"""News about members and organisations, sent inside the transaction that makes them true."""

from __future__ import annotations

from django.dispatch import Signal

# Something an operator keeps about them changed. member: Member
member_changed = Signal()
# It has another name, kind or enterprise. organisation: Organisation
organisation_changed = Signal()
