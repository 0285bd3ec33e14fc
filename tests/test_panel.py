"""The panel in a browser without a network: what it draws, finds, hides, colours and says."""

from __future__ import annotations

import json

import networkx as nx
import numpy as np
import pytest

from tests.browser import Browser
from tests.conftest import make_graph
from tests.some_views import HOSTILE, blocks, large, write_page
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.graph.property_graph import Column, PropertyGraph
from tvgnn_cli.report.document import make_report
from tvgnn_cli.report.panel import panel
from tvgnn_cli.report.parts import Panel
from tvgnn_cli.report.view import Limits, view_of

pytestmark = pytest.mark.browser

STAGE = '[data-tv="stage"]'
NAMES = ("north", "east", HOSTILE)
BLUE, ORANGE, GREEN = (0, 114, 178), (230, 159, 0), (0, 158, 115)


@pytest.fixture(scope="module")
def chromium():
    with Browser() as browser:
        # Cameras move at once, so that nothing needs to be waited for.
        still = [{"name": "prefers-reduced-motion", "value": "reduce"}]
        browser.call("Emulation.setEmulatedMedia", features=still)
        yield browser


def example() -> Panel:
    """Three blocks, whose ids, clusters and attributes are hostile here and there."""
    graph, labels = blocks([40, 30, 20], inside=0.3)
    ids = np.array([f"v{i}" for i in range(90)], dtype=object)
    ids[5], ids[6] = HOSTILE, "\u202egnirts \u0000\u2028"
    columns = {
        HOSTILE: Column(np.array([HOSTILE] * 45 + [""] * 45, dtype=object)),
        "age": Column(np.arange(90) / 4, np.arange(90) < 3),
        "kind": Column(np.array(["x", "y", "z"] * 30, dtype=object)),
    }
    origin = PropertyGraph(ids, *graph.edge_index, directed=False, vertex_attributes=columns)
    names = np.array([f"Name {i}" for i in range(90)], dtype=object)
    graph = Graph(ids, graph.edge_index, origin=origin, names=names)
    classes = np.where(np.arange(90) < 40, "old", np.where(np.arange(90) < 80, "new", ""))
    sure, stable = np.linspace(0, 1, 90), np.where(np.arange(90) < 40, 0.2, 1.0)
    return panel(view_of(graph, labels, NAMES, confidence=sure, stability=stable, classes=classes))


@pytest.fixture
def page(chromium, tmp_path):
    """The example, opened; nothing may have gone wrong with it, or been asked for, by the end."""
    path = write_page(example(), tmp_path / "panel.html")
    show(chromium, path)
    yield chromium
    assert chromium.troubles == []
    assert chromium.requests == [path.as_uri()]


def show(browser: Browser, path) -> float:
    """Open a page, and wait for its picture; milliseconds that this took."""
    browser.open(path)
    ready = float(browser.until("document.getElementById('tv-panel').dataset.ready"))
    settle(browser)
    return ready


def settle(browser: Browser) -> None:
    """Wait until what was asked for is drawn."""
    browser.do("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


def count(browser: Browser, colour: tuple[int, int, int]) -> int:
    """Pixels of a colour in the picture."""
    return int((np.abs(browser.picture(STAGE).astype(int) - colour).max(axis=2) < 12).sum())


def text(browser: Browser, part: str) -> str:
    return str(browser.do(f"document.querySelector('[data-tv=\"{part}\"]').textContent"))


def facts(browser: Browser) -> dict[str, str]:
    """The vertex that is looked at."""
    script = "[...document.querySelectorAll('.tv-facts dt')].map(e => [e.textContent, "
    return dict(browser.do(script + "e.nextElementSibling.textContent])"))


def seek(browser: Browser, what: str) -> list[str]:
    """Type into the search; the texts of what was found."""
    browser.do("document.querySelector('[data-tv=search]').select()")
    browser.type(what)
    return list(browser.do("[...document.querySelectorAll('.tv-hits li')].map(e => e.textContent)"))


def choose(browser: Browser, part: str, name: str) -> None:
    """Choose an option by its text."""
    browser.do(
        f"(() => {{ const s = document.querySelector('[data-tv={part}]');"
        f" s.value = [...s.options].find(o => o.text === {json.dumps(name)}).value;"
        " s.dispatchEvent(new Event('change')) })()"
    )
    settle(browser)


def edges_drawn(browser: Browser) -> np.ndarray:
    """Pixels of edges, paler than vertices: with a cluster's tint (blue, orange, green), with none;
    and rims of vertices, `[4]`.
    """
    red, green, blue = browser.picture(STAGE).astype(int).transpose(2, 0, 1)
    tints = blue > red + 20, red > blue + 20, (green > red + 20) & (green > blue + 8)
    grey = (abs(red - green) < 3) & (abs(red - blue) < 3)
    return np.array([((red > 90) & (red < 240) & each).sum() for each in (*tints, grey)])


def legend(browser: Browser) -> list[str]:
    return list(
        browser.do("[...document.querySelectorAll('[data-tv=legend] > *')].map(e => e.textContent)")
    )


def test_vertices_and_edges_are_drawn_in_their_clusters_colours(page):
    picture = page.picture(STAGE)
    assert picture.std() > 5
    for colour in (BLUE, ORANGE, GREEN):
        assert count(page, colour) > 300
    choose(page, "edges", "none")
    none = edges_drawn(page)
    for which, inside, between in (("inside", 1, 0), ("between", 0, 1), ("all", 1, 1)):
        choose(page, "edges", which if which == "all" else f"{which} clusters")
        more = edges_drawn(page) - none
        assert ((more[:3] > 100) == bool(inside)).all(), (which, more)
        assert (more[3] > 100) == bool(between), (which, more)
    assert "90 vertices and " in text(page, "said")


def test_search_finds_ids_and_names_and_brings_the_vertex_to_the_middle(page):
    assert seek(page, "v8")[:3] == ["v8 (Name 8)", "v80 (Name 80)", "v81 (Name 81)"]
    assert text(page, "hits-said") == "11 found"
    assert seek(page, "name 17") == ["v17 (Name 17)"]
    before = page.picture(STAGE)
    page.press("Enter")
    settle(page)
    found = facts(page)
    assert (found["id"], found["cluster"], found["class"]) == ("v17", "north", "old")
    assert (found["confidence"], found["stability"]) == ("0.191", "0.2")
    assert (found["age"], found["kind"]) == ("4.25", "z")
    after = page.picture(STAGE).astype(int)
    assert np.abs(after - before).mean() > 1
    # In the middle stands a vertex of the first cluster.
    height, width = after.shape[0] // 2, after.shape[1] // 2
    middle = after[height - 2 : height + 3, width - 2 : width + 3].reshape(-1, 3)
    assert (np.abs(middle - BLUE).max(axis=1) < 80).any()
    assert seek(page, "nothing like it") == []
    assert text(page, "hits-said") == "No vertex has this in its id"
    page.press("Escape")
    assert page.do("document.querySelector('[data-tv=\"hits-box\"]').hidden")


def test_clusters_are_hidden_and_shown(page):
    all_blue, all_green = count(page, BLUE), count(page, GREEN)
    page.click("[data-cluster='0']")
    settle(page)
    assert count(page, BLUE) < all_blue / 20
    assert count(page, GREEN) == pytest.approx(all_green, rel=0.1)
    assert "hidden are 40 vertices" in text(page, "said")
    # A vertex that is looked for comes back with its cluster.
    seek(page, "v17")
    page.press("Enter")
    settle(page)
    assert page.do("document.querySelector(\"[data-cluster='0']\").checked")
    assert count(page, BLUE) > all_blue / 4
    page.click('[data-tv="none"]')
    settle(page)
    assert not page.do("[...document.querySelectorAll('.tv-clusters input')].some(e => e.checked)")
    assert facts(page) == {}
    assert (page.picture(STAGE)[5:-5, 5:-5] == 255).all()
    page.click('[data-tv="all"]')
    page.click('[data-tv="reset"]')
    settle(page)
    assert count(page, BLUE) == pytest.approx(all_blue, rel=0.1)


def test_clusters_are_toggled_from_the_keyboard(page):
    all_orange = count(page, ORANGE)
    page.do("document.querySelector(\"[data-cluster='1']\").focus()")
    page.press(" ")
    settle(page)
    assert count(page, ORANGE) < all_orange / 20


def test_colours_follow_class_confidence_and_attributes(page):
    options = page.do("[...document.querySelector('[data-tv=colour]').options].map(o => o.text)")
    assert options == [
        "cluster", "class", "confidence", "stability", "degree", HOSTILE, "age", "kind",
    ]  # fmt: skip
    choose(page, "edges", "none")
    of_clusters = page.picture(STAGE).astype(int)
    choose(page, "colour", "class")
    assert legend(page) == ["old40", "new40", "not known10"]
    assert count(page, BLUE) > 300
    assert count(page, GREEN) < 50
    choose(page, "colour", "confidence")
    assert count(page, BLUE) < 50
    low, high = page.do("[...document.querySelectorAll('.tv-ends span')].map(e => e.textContent)")
    assert (low, high) == ("≤ 0.0225", "≥ 0.978")
    # The first cluster's vertices are at the pale end, all others at the dark one.
    choose(page, "colour", "stability")
    ends = page.do("[...document.querySelectorAll('.tv-ends span')].map(e => e.textContent)")
    assert ends == ["0.2", "1"]
    assert min(count(page, (243, 224, 95)), count(page, (0, 32, 76))) > 300
    missing = (201, 206, 214)
    before = count(page, missing)
    choose(page, "colour", "age")
    assert legend(page)[-1] == "not known3"
    assert count(page, missing) > before + 100
    choose(page, "colour", "kind")
    assert legend(page) == ["x30", "y30", "z30"]
    choose(page, "colour", HOSTILE)
    assert legend(page) == [f"{HOSTILE}45", "not known45"]
    choose(page, "colour", "cluster")
    assert page.do("document.querySelector('[data-tv=\"legend-box\"]').hidden")
    np.testing.assert_allclose(page.picture(STAGE), of_clusters, atol=3)


def test_hostile_texts_stay_texts(page):
    (hit,) = seek(page, "</script>")
    assert hit == f"{HOSTILE} (Name 5)"
    page.press("Enter")
    settle(page)
    found = facts(page)
    assert found["id"] == found[HOSTILE] == HOSTILE
    names = page.do("[...document.querySelectorAll('.tv-clusters .tv-name')].map(e => e.innerHTML)")
    assert names[2] == "&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;"
    assert page.do("document.images.length") == 0
    assert page.do("document.scripts.length") == 6
    seek(page, "gnirts")
    page.press("Enter")
    assert facts(page)["id"] == "\u202egnirts \u0000\u2028"


def test_a_vertex_that_is_pointed_at_is_read_out(page):
    choose(page, "edges", "none")
    left, top, _, _ = page.box(STAGE)
    blue = np.abs(page.picture(STAGE).astype(int) - BLUE).max(axis=2) < 12
    # The middle of a square of blue is inside a vertex.
    square = sum(np.roll(blue, (dy, dx), (0, 1)) for dy in (-2, 0, 2) for dx in (-2, 0, 2))
    y, x = np.argwhere(square == 9)[0].tolist()
    page.mouse("mouseMoved", left + x - 30, top + y)
    page.mouse("mouseMoved", left + x, top + y)
    page.until("document.querySelector('.tv-facts') !== null")
    assert facts(page)["cluster"] == "north"
    page.mouse("mouseMoved", left + 3, top + 3)
    page.until("!document.querySelector('.tv-facts')")


def test_keys_and_buttons_move_the_picture_and_bring_it_back(page):
    start = page.picture(STAGE).astype(int)
    page.do(f"document.querySelector('{STAGE}').focus({{preventScroll: true}})")
    seen = [start]
    for key in ("+", "ArrowLeft", "ArrowUp", "-"):
        page.press(key)
        settle(page)
        seen.append(page.picture(STAGE).astype(int))
        assert np.abs(seen[-1] - seen[-2]).mean() > 0.5, key
    page.press("0")
    settle(page)
    assert np.abs(page.picture(STAGE) - start).mean() < 0.3
    page.click('[data-tv="in"]')
    settle(page)
    assert np.abs(page.picture(STAGE) - start).mean() > 0.5
    page.click('[data-tv="reset"]')
    page.do("document.activeElement.blur()")
    settle(page)
    assert np.abs(page.picture(STAGE) - start).mean() < 0.3


def test_the_wheel_zooms_only_after_a_click(page):
    left, top, width, height = page.box(STAGE)
    middle = left + width / 2, top + height / 2
    start = page.picture(STAGE).astype(int)
    page.mouse("mouseWheel", *middle, deltaX=0, deltaY=-200)
    settle(page)
    assert np.abs(page.picture(STAGE) - start).mean() < 0.3
    page.click(STAGE)
    page.mouse("mouseWheel", *middle, deltaX=0, deltaY=-200)
    page.until("true")
    page.do("new Promise(done => setTimeout(done, 400))")
    assert np.abs(page.picture(STAGE) - start).mean() > 0.5


def test_the_page_fits_a_narrow_window(chromium, tmp_path):
    path = write_page(example(), tmp_path / "panel.html")
    chromium.open(path, width=390, height=800)
    chromium.until("document.getElementById('tv-panel').dataset.ready")
    assert chromium.do("document.documentElement.scrollWidth") <= 390
    assert chromium.box(STAGE)[2] > 300


def test_every_control_has_a_name_and_can_be_reached(page):
    unnamed = page.do(
        "[...document.querySelectorAll('#tv-panel button, #tv-panel input, #tv-panel select')]"
        ".filter(e => !(e.textContent.trim() || e.ariaLabel || e.closest('label')?.textContent"
        ".trim()) || e.tabIndex < 0).map(e => e.outerHTML)"
    )
    assert unnamed == []


SMALL = {
    "one": (nx.empty_graph(1), [0]),
    "pair": (nx.path_graph(2), [0, 1]),
    "no edges": (nx.empty_graph(30), [0] * 30),
    "one cluster": (nx.karate_club_graph(), [0] * 34),
    "each its own": (nx.cycle_graph(40), range(40)),
    "parts": (nx.disjoint_union(nx.path_graph(5), nx.empty_graph(3)), [0] * 5 + [1] * 3),
}


@pytest.mark.parametrize("name", SMALL)
def test_small_and_odd_graphs_are_drawn(chromium, tmp_path, name):
    network, labels = SMALL[name]
    labels = np.array(labels)
    view = view_of(make_graph(network), labels, [str(i) for i in range(labels.max() + 1)])
    path = write_page(panel(view), tmp_path / "panel.html")
    show(chromium, path)
    assert chromium.troubles == []
    assert chromium.requests == [path.as_uri()]
    assert count(chromium, BLUE) > 20
    assert len(seek(chromium, "0")) >= 1
    chromium.press("Enter")
    settle(chromium)
    assert facts(chromium)["id"] == "0"


def test_fifty_thousand_vertices_open_and_work(chromium, tmp_path):
    graph, labels = large(50_000, 150_500, 12)
    view = view_of(graph, labels, [str(i) for i in range(12)], confidence=labels / 12)
    path = write_page(panel(view), tmp_path / "panel.html")
    assert path.stat().st_size < 2_000_000
    ready = show(chromium, path)
    assert ready < 15_000  # below 2,000 on a machine with nothing else to do
    assert chromium.troubles == []
    assert chromium.requests == [path.as_uri()]
    assert count(chromium, BLUE) > 400
    choose(chromium, "colour", "confidence")
    assert count(chromium, BLUE) < 100
    assert seek(chromium, "49999") == ["49999"]
    chromium.press("Enter")
    settle(chromium)
    assert facts(chromium)["id"] == "49999"


def test_a_whole_report_opens_without_trouble_or_request(chromium, tmp_path):
    graph, labels = blocks([40, 30, 20], inside=0.3)
    path = tmp_path / "report.html"
    make_report(graph, labels).write(path)
    assert show(chromium, path) < 10_000
    assert chromium.do("document.querySelectorAll('svg').length") >= 3
    chromium.do(f"document.querySelector('{STAGE}').scrollIntoView()")
    settle(chromium)
    assert min(count(chromium, colour) for colour in (BLUE, ORANGE, GREEN)) > 300
    assert "89" in seek(chromium, "89")
    chromium.press("Enter")
    assert facts(chromium)["id"] == "89"
    assert chromium.troubles == []
    assert chromium.requests == [path.as_uri()]


def test_a_sample_is_said_and_its_limits_in_search_too(chromium, tmp_path):
    graph, labels = blocks([300, 200])
    view = view_of(graph, labels, ("a", "b"), limits=Limits(vertices=50, edges=20))
    show(chromium, write_page(panel(view), tmp_path / "panel.html"))
    said = text(chromium, "said")
    assert said.startswith(f"50 of 500 vertices and 20 of {graph.num_edges:,} edges, drawn from")
    missing = next(i for i in range(500) if str(i) not in view.ids and i > 99)
    assert seek(chromium, str(missing)) == []
    assert text(chromium, "hits-said").endswith("; the picture has a sample of them")


def test_without_scripts_a_sentence_stays(chromium, tmp_path):
    path = write_page(example(), tmp_path / "panel.html", scripts=False)
    chromium.open(path)
    settle(chromium)
    assert "needs JavaScript and WebGL" in text(chromium, "said")
    assert chromium.box('[data-tv="body"]')[3] == 0
    assert chromium.box("#static")[3] > 0


def test_without_webgl_a_sentence_says_so(chromium, tmp_path):
    found = example()
    lacking = "HTMLCanvasElement.prototype.getContext = () => null;"
    path = write_page(
        type(found)(found.style, found.markup, (lacking, *found.scripts)), tmp_path / "panel.html"
    )
    chromium.open(path)
    chromium.until("document.querySelector('.tv-said').textContent.includes('does not offer')")
    assert chromium.box('[data-tv="body"]')[3] == 0
    assert chromium.troubles == []


def test_the_policy_of_these_pages_holds(chromium, tmp_path):
    """Anything else that a page might run, ask for or style is refused and told."""
    found = example()
    bad = (
        '<img src="https://example.invalid/x.png"><p id="bad" style="color:red">x</p>'
        "<script>document.title = 'ran'</script>"
    )
    path = write_page(type(found)(found.style, bad, ()), tmp_path / "panel.html")
    chromium.open(path)
    settle(chromium)
    assert chromium.do("document.title") == "panel"
    assert len([trouble for trouble in chromium.troubles if "Content Security" in trouble]) >= 3
