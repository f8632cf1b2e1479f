"""Demo content: an organisation tree, members, eight lectures through the real upload and the real pipeline, and sixty
days of viewings and shares by the very functions the site uses, with `now` walking through them."""

from __future__ import annotations

from config.demo import people


def accounts_table() -> list[str]:
    """Lines that name the demo accounts, for the terminal."""
    rows = [f"{account.sign_in}  {people.PASSWORD}  {account.name}  {account.who}" for account in people.ACCOUNTS]
    return ["演示账号 demo accounts (手机号 phone, 密码 password):", *rows]
