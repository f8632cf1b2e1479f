"""The words of all apps: found in sources and templates, read from the apps' catalogues, compiled into one.

msgids are English; each app keeps its Chinese in <app>/locale/zh_Hans/LC_MESSAGES/django.po. English needs no
catalogue. Compiled in Python (Babel), so that no gettext program is needed, into DATA_DIR, so that the checkout is
never written.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.conf import settings
from django.template import engines
from django.template.base import Node, Template
from django.templatetags.i18n import BlockTranslateNode, TranslateNode

LOCALE = "zh_Hans"
_PLURAL = {"ngettext", "ngettext_lazy"}
_SINGULAR = {"gettext", "gettext_lazy", "gettext_noop", "_"}


def app_folders() -> list[Path]:
    return sorted(path.parent for path in settings.BASE_DIR.glob("*/apps.py"))


def catalogue_files() -> list[Path]:
    return [path for app in app_folders() if (path := app / "locale" / LOCALE / "LC_MESSAGES" / "django.po").exists()]


def merged() -> Catalog:
    """All catalogues in one. Two apps that translate one sentence differently are an error: one word for one thing."""
    catalogue = Catalog(locale=LOCALE, charset="utf-8")
    for path in catalogue_files():
        with path.open("rb") as file:
            for message in read_po(file, locale=LOCALE):
                if not message.id or message.fuzzy or not message.string:
                    continue
                known = catalogue.get(message.id, context=message.context)
                if known and known.string != message.string:
                    raise ValueError(
                        f"{path}: {message.id!r} is translated twice: {known.string!r}, {message.string!r}."
                    )
                catalogue.add(message.id, message.string, context=message.context)
    return catalogue


def compile_all() -> Path:
    """Write the compiled catalogue unless it is newer than all sources; answers its path."""
    target = Path(settings.LOCALE_PATHS[0]) / LOCALE / "LC_MESSAGES" / "django.mo"
    newest = max((path.stat().st_mtime for path in catalogue_files()), default=0)
    if target.exists() and target.stat().st_mtime > newest:
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_suffix(".draft")
    with draft.open("wb") as file:
        write_mo(file, merged())
    draft.rename(target)
    return target


def found_in_sources() -> Iterator[tuple[str, str]]:
    """`(msgid, where)` of every translated string literal in the apps' Python."""
    for app in app_folders():
        for path in sorted(app.rglob("*.py")):
            if "migrations" not in path.parts:
                yield from _found_in_python(path)


def _found_in_python(path: Path) -> Iterator[tuple[str, str]]:
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        if name in _SINGULAR | _PLURAL and node.args:
            argument = node.args[0]
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                yield argument.value, f"{path.name}:{node.lineno}"


def found_in_templates() -> Iterator[tuple[str, str]]:
    """`(msgid, where)` of every `{% translate %}`, `{% blocktranslate %}` and `_()` in the apps' templates."""
    engine = engines["django"]
    for app in app_folders():
        folder = app / "templates"
        for path in sorted(folder.rglob("*.html")):
            template: Template = engine.get_template(str(path.relative_to(folder))).template  # type: ignore[attr-defined]
            for node in _nodes(template):
                if isinstance(node, TranslateNode):
                    yield str(node.filter_expression.var.literal), path.name
                elif isinstance(node, BlockTranslateNode):
                    yield _block_msgid(node), path.name


def _nodes(template: Template) -> Iterator[Node]:
    for kind in (TranslateNode, BlockTranslateNode):
        yield from template.nodelist.get_nodes_by_type(kind)


def _block_msgid(node: BlockTranslateNode) -> str:
    return str(node.render_token_list(node.singular)[0])


def missing() -> list[tuple[str, str]]:
    """Strings of the product without Chinese, with the place that says them."""
    catalogue = merged()
    strings = [*found_in_sources(), *found_in_templates()]
    return sorted({(msgid, where) for msgid, where in strings if msgid.strip() and not catalogue.get(msgid)})
