"""`manage.py search_eval`: figures that can be worked out by hand, and what it says of files that are wrong."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from search import relevance
from tests.search.conftest import ELASTICSEARCH, with_elasticsearch

DOCS = [
    {"id": "a", "title": "站台上的交接班", "text": "交班的人要说清楚查了哪几样。", "source": "us", "script": "hans"},
    {"id": "b", "title": "停機十二分鐘", "text": "檢修班怎樣在十二分鐘裏把線救回來。"},
    {"id": "c", "title": "", "text": "把六句话写在手套箱盖上，谁来都看得见。"},
]
ASKED = {"q1": "交班的人要说清楚什么", "q2": "检修班救回了什么线", "q3": "六句话写在哪里", "q4": "没有人判过"}
QUERIES = "qid\tquery\tsource\n" + "".join(f"{key}\t{text}\tus\n" for key, text in ASKED.items())
QRELS = "q1 0 a 1\nq2 0 b 1\nq2 0 a 0\nq3 0 c 1\nq3 0 gone 2\n"


def write(folder: Path, **contents: str) -> dict[str, str]:
    """The files of a set, some of them with other contents; the options that name them."""
    texts = {
        "docs": "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in DOCS), "queries": QUERIES, "qrels": QRELS,
    } | contents  # fmt: skip
    for name, text in texts.items():
        (folder / name).write_text(text)
    return {name: str(folder / name) for name in texts}


def evaluate(files: dict[str, str], **options: Any) -> dict[str, Any]:
    out = StringIO()
    words = [f"--{name.replace('_', '-')}={value}" for name, value in (files | options).items()]
    call_command("search_eval", *words, "--json", stdout=out, stderr=StringIO())
    answer: dict[str, Any] = json.loads(out.getvalue())
    return answer


ENGINES = [
    pytest.param({"engine": "embedded"}, id="embedded"),
    pytest.param({"engine": "elasticsearch", "url": ELASTICSEARCH}, id="elasticsearch", marks=with_elasticsearch),
]


@pytest.mark.parametrize("options", ENGINES)
def test_each_file_of_questions_gets_its_figures(tmp_path: Path, options: dict[str, Any]) -> None:
    files = write(
        tmp_path,
        other_script="qid\tquery\nq1\t交班的人要說清楚什麼\nq2\t檢修班救回了什麼線\n",
        typo="qid\tquery\nq2\t检休班救回了什么线\n",
        keyword="qid\tquery\nq1\t交接班\nq2\t不在任何课里\n",
    )
    found = evaluate(files, **options)
    assert (found["mrr@10"], found["recall@10"]) == (1.0, round(2.5 / 3, 4))  # of q3's two answers one is no document
    assert found["other_script"] == found["typo"] == {"mrr@10": 1.0, "recall@10": 1.0}
    assert found["keyword"] == {"mrr@10": 0.5, "recall@10": 0.5}
    assert 0 < found["p50_ms"] <= found["p99_ms"]
    assert set(found) == {"mrr@10", "recall@10", "p50_ms", "p99_ms", "other_script", "typo", "keyword"}


def test_what_was_not_asked_for_is_not_said(tmp_path: Path) -> None:
    assert set(evaluate(write(tmp_path))) == {"mrr@10", "recall@10", "p50_ms", "p99_ms"}


@with_elasticsearch
def test_nothing_stays_in_elasticsearch(tmp_path: Path) -> None:
    from elasticsearch import Elasticsearch

    evaluate(write(tmp_path), engine="elasticsearch", url=ELASTICSEARCH)
    with Elasticsearch(ELASTICSEARCH) as client:
        assert list(client.indices.get(index="eval-*").body) == []


@pytest.mark.parametrize(
    ("contents", "said"),
    [
        ({"docs": '{"id": "a", "text": "x"}\n{"id": \n'}, "docs, line 2: this is no JSON"),
        ({"docs": '{"id": "a"}\n'}, "docs, line 1: a document is an object"),
        ({"docs": "[1]\n"}, "docs, line 1: a document is an object"),
        (
            {"docs": '{"id": "a", "text": "x"}\n\n{"id": "a", "text": "y"}\n'},
            "docs, line 3: the id a stands there a second",
        ),
        ({"docs": ""}, "docs holds no documents"),
        ({"queries": "q1\t什么\n"}, "queries, line 1: the first line has to name the columns"),
        ({"queries": ""}, "queries: the first line has to name the columns"),
        ({"queries": "qid\tquery\nq1\n"}, "queries, line 2: 1 columns, but the first line names 2"),
        (
            {"queries": "qid\tquery\nq1\t一\nq1\t二\n"},
            "queries, line 3: the qid is empty or stands there a second time",
        ),
        ({"queries": "qid\tquery\n"}, "queries holds no questions"),
        ({"queries": "qid\tquery\nq9\t一\n"}, "No question of .*queries has a judgement"),
        ({"typo": "qid\tquery\nq9\t一\n"}, "No question of .*typo has a judgement"),
        ({"qrels": "q1 a 1\n"}, "qrels, line 1: a judgement is four words"),
        ({"qrels": "q1 0 a yes\n"}, "qrels, line 1: a judgement is four words"),
        ({"qrels": "q1 0 a 0\n"}, "qrels holds no judgements"),
    ],
)
def test_a_file_that_is_wrong_is_told_with_its_line(tmp_path: Path, contents: dict[str, str], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        evaluate(write(tmp_path, **contents))


def test_a_file_that_is_not_there_or_no_text_is_told(tmp_path: Path) -> None:
    files = write(tmp_path)
    for path, said in (
        (tmp_path / "none", "none cannot be read: No such file"),
        (tmp_path, "cannot be read: Is a dir"),
    ):
        with pytest.raises(CommandError, match=said):
            evaluate(files | {"docs": str(path)})
    (tmp_path / "docs").write_bytes("党课".encode("gb18030"))
    with pytest.raises(CommandError, match="docs is no UTF-8 text"):
        evaluate(files)


def test_files_of_other_systems_are_read(tmp_path: Path) -> None:
    files = write(tmp_path)
    for path in files.values():
        text = Path(path).read_text().replace("\n", "\r\n")
        Path(path).write_text(text, encoding="utf-8-sig", newline="")
    assert evaluate(files)["mrr@10"] == 1.0


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "nonsense"])
def test_a_server_that_is_away_is_told(tmp_path: Path, url: str) -> None:
    with pytest.raises(CommandError, match="The engine elasticsearch does not answer"):
        evaluate(write(tmp_path), engine="elasticsearch", url=url)


def test_an_engine_nobody_knows_and_a_server_without_address_are_told(tmp_path: Path, settings: Any) -> None:
    settings.ELASTICSEARCH_URL = ""
    with pytest.raises(CommandError, match="invalid choice: 'solr'"):
        call_command("search_eval", *(f"--{name}={path}" for name, path in write(tmp_path).items()), "--engine=solr")
    with pytest.raises(CommandError, match="Elasticsearch has no address"):
        evaluate(write(tmp_path), engine="elasticsearch")


def test_from_the_command_line_it_needs_no_database_and_leaves_nothing(tmp_path: Path) -> None:
    data, scratch = tmp_path / "data", tmp_path / "scratch"
    scratch.mkdir()
    words = [word for name, path in write(tmp_path).items() for word in (f"--{name}", path)]
    command = [sys.executable, str(Path(settings.BASE_DIR) / "manage.py"), "search_eval", *words, "--json"]
    plain = {"DATA_DIR": str(data), "TMPDIR": str(scratch), "DJANGO_SETTINGS_MODULE": "config.settings"}
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | plain, check=False)
    assert (done.returncode, set(json.loads(done.stdout))) == (0, {"mrr@10", "recall@10", "p50_ms", "p99_ms"}), (
        done.stderr
    )
    assert list(scratch.iterdir()) == []
    assert not list(data.glob("*.sqlite3"))
    wrong = subprocess.run(
        [*command, "--docs", "none"], capture_output=True, text=True, env=os.environ | plain, check=False
    )
    assert (wrong.returncode, wrong.stdout, wrong.stderr) == (
        1,
        "",
        "CommandError: none cannot be read: No such file or directory.\n",
    )


def test_measures_are_those_of_the_books() -> None:
    answered = [str(number) for number in range(1, 13)]
    assert relevance.reciprocal_rank(answered, frozenset({"3", "5"})) == pytest.approx(1 / 3)
    assert relevance.reciprocal_rank(answered, frozenset({"11"})) == 0
    assert relevance.recall(answered, frozenset({"3", "11"})) == 0.5
    assert relevance.percentile([3.0, 1.0, 2.0, 4.0], 0.5) == 2.0
    assert relevance.percentile(list(map(float, range(1, 101))), 0.99) == 99.0
    assert relevance.percentile([7.0], 0.99) == 7.0
