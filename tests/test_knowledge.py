"""The knowledge base: which entries help with an item and a report, how they read, and what reading costs."""

from typing import Any

import pytest
from django.urls import reverse

from core.problems import Problem
from grids.models import Area
from reports.actions.knowledge import Content, change_entry, create_entry
from reports.knowledge import rendered
from reports.models import CatalogueItem, KnowledgeEntry
from tests import scenes
from tests.test_query_counts import DETAIL, LIST, counted, reader
from tests.world import World, submit

pytestmark = pytest.mark.django_db

RUBBISH, PIPE = "01-01-001", "02-01-001"


def item(code: str) -> CatalogueItem:
    return CatalogueItem.objects.get(code=code)


def entry(world: World, title: str, by: str = "root", **said: Any) -> KnowledgeEntry:
    said.setdefault("text", f"{title}的处置要点")
    return create_entry(world[by], Content(title=title, **said))


def found(world: World, url: str, **asked: Any) -> set[str]:
    answer = world.api("zhang").get(url, asked)
    assert answer.status_code == 200, answer.content
    return {one["title"] for one in answer.json()["results"]}


@pytest.fixture
def shelf(world: World) -> None:
    entry(world, "通用")
    entry(world, "垃圾", items=[item(RUBBISH)])
    entry(world, "水管", items=[item(PIPE)])
    entry(world, "一类", class_of=("event", "01"))
    entry(world, "本街道垃圾", items=[item(RUBBISH)], area=world.street)
    entry(world, "外街道垃圾", items=[item(RUBBISH)], area=Area.objects.get(name="外街道"))
    entry(world, "停用", items=[item(RUBBISH)], active=False)


def test_an_item_finds_what_names_it_its_class_or_every_item(world: World, shelf: None) -> None:
    url = reverse("catalogue-knowledge", args=[RUBBISH])
    assert found(world, url) == {"通用", "垃圾", "一类", "本街道垃圾", "外街道垃圾"}
    assert found(world, url, area=world.grid.code) == {"通用", "垃圾", "一类", "本街道垃圾"}
    assert found(world, reverse("catalogue-knowledge", args=[PIPE])) == {"通用", "水管"}
    assert world.api("zhang").get(reverse("catalogue-knowledge", args=["99"])).status_code == 404
    assert world.api("zhang").get(url, {"area": "999"}).status_code == 404


def test_the_shelf_is_searched_by_words_item_and_area(world: World, shelf: None) -> None:
    url = reverse("knowledge-list")
    assert found(world, url) == {"通用", "垃圾", "水管", "一类", "本街道垃圾", "外街道垃圾"}
    assert found(world, url, q="街道 要点") == {"本街道垃圾", "外街道垃圾"}
    assert found(world, url, q="水管", item=RUBBISH) == set()
    assert found(world, url, item=PIPE) == {"通用", "水管"}
    assert found(world, url, area=world.street.code, q="垃圾") == {"垃圾", "本街道垃圾"}
    assert found(world, url, item="99") == found(world, url, area="99") == set()


def test_a_report_says_how_many_entries_help_and_where_they_are(world: World, shelf: None) -> None:
    report_id = submit(world)
    told = world.api("wang").get(reverse("report", args=[report_id])).json()["knowledge"]
    assert told["count"] == 4
    assert len(world.api("wang").get(told["url"]).json()["results"]) == 4


def test_without_any_entry_a_report_says_none(world: World) -> None:
    told = world.api("wang").get(reverse("report", args=[submit(world)])).json()["knowledge"]
    assert told["count"] == 0


@pytest.mark.parametrize("rows", [1, 10, 100])
def test_however_many_help_the_detail_takes_eight_and_the_lists_four(world: World, rows: int) -> None:
    for number in range(rows):
        entry(world, f"要点{number}", items=[item(RUBBISH), item(PIPE)], area=world.street)
    at = scenes.with_a_photo(world)
    client = reader(world, "wang")
    assert counted(DETAIL, lambda: client.get(reverse("report", args=[at.report]))).json()["knowledge"]["count"] == rows
    counted(LIST, lambda: client.get(reverse("knowledge-list"), {"page_size": 100}))
    counted(5, lambda: client.get(reverse("knowledge-list"), {"item": RUBBISH, "q": "要点"}))
    counted(5, lambda: client.get(reverse("catalogue-knowledge", args=[RUBBISH]), {"page_size": 100}))
    counted(LIST, lambda: client.get(reverse("knowledge-detail", args=[KnowledgeEntry.objects.first().pk])))


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[点](javascript:alert(1))",
        "[点](data:text/html;base64,PHNjcmlwdD4=)",
        "[点](vbscript:x)",
        "![图](https://elsewhere.example/x.png)",
        '[点](https://x.example "\\" onmouseover=alert(1)")',
        "`</code><script>`",
        "```\n</pre><script>\n```",
        "<a href='javascript:x'>点</a>",
    ],
)
def test_no_text_becomes_anything_that_runs_or_loads(text: str) -> None:
    html = rendered(text)
    for bad in ("<script", "<img", 'href="javascript', 'href="data', 'href="vbscript', "<a href='", '" onmouseover='):
        assert bad not in html, html


def test_markdown_is_shown_as_such(world: World) -> None:
    made = entry(world, "阀门", text="# 步骤\n\n1. 关**东侧**总阀\n2. [规程](https://example.org/a)")
    shown = world.api("nobody").get(reverse("knowledge-detail", args=[made.pk])).json()
    assert "<strong>东侧</strong>" in shown["html"]
    assert '<a href="https://example.org/a">' in shown["html"]
    assert shown["text"].startswith("# 步骤")


def test_a_change_is_a_new_version_by_its_writer(world: World) -> None:
    made = entry(world, "旧", by="wang", area=world.street)
    changed = change_entry(world["command"], made.pk, Content("新", "新文", items=[item(PIPE)], area=world.street))
    assert (changed.version, changed.author, changed.general) == (2, world["command"], False)


def test_who_writes_what_holds_where(world: World) -> None:
    community = world.area("371082007032")
    for by, area, may in (
        ("wang", world.street, True),
        ("sun", community, True),
        ("sun", world.street, False),
        ("wang", None, False),
        ("sysadmin", None, True),
        ("command", None, True),
        ("outsider", world.street, False),
        ("zhang", world.grid, False),
        ("li", world.street, False),
    ):
        if may:
            made = entry(world, "x", by=by, area=area)
        else:
            with pytest.raises(Problem, match="forbidden"):
                entry(world, "x", by=by, area=area)
            with pytest.raises(Problem, match="forbidden"):
                change_entry(world[by], entry(world, "y", area=area).pk, Content("z", "z", area=area))
    with pytest.raises(Problem, match="forbidden"):
        # Nobody takes an entry away to where they may write it.
        change_entry(world["outsider"], made.pk, Content("z", "z", area=Area.objects.get(name="外街道")))


def test_items_and_a_class_at_once_are_refused(world: World) -> None:
    with pytest.raises(Problem, match="knowledge_items_or_class"):
        entry(world, "x", items=[item(PIPE)], class_of=("event", "01"))


def test_an_inactive_entry_is_not_there(world: World, shelf: None) -> None:
    off = KnowledgeEntry.objects.get(active=False)
    assert world.api("wang").get(reverse("knowledge-detail", args=[off.pk])).status_code == 404
    assert world.api("wang").get(reverse("knowledge-detail", args=[2**40])).status_code == 404
