"""The live figures: whole before any script, small, worked by keyboard, and true to the references."""

import gzip
import json
import math
import re

import numpy as np
import pytest
import torch

from ..common import ROOT
from .build import build_modules

ELEMENTS = ROOT / "docs" / "assets" / "elements"
LAB = ROOT / "docs" / "data" / "lab"
LIMIT = 5 * 1024


@pytest.fixture(scope="module")
def build():
    names = ("alignment", "beam_search", "bottleneck", "glimpses", "heads", "scores", "unrolled")
    with build_modules("coursepage", "widgets", *(f"widgets.{name}" for name in names)) as modules:
        yield modules


@pytest.fixture
def workbench(page, server, build):
    """Put one live figure on a page of its own; returns the element."""

    def put(name: str):
        html = (
            '<!doctype html><html lang="en"><meta charset="utf-8"><title>A figure</title>'
            '<link rel="stylesheet" href="/assets/attend.css">'
            f'<body data-md-color-scheme="default"><main class="md-typeset">{build.widgets.widget(name, base="/")}</main>'
        )
        page.route(f"{server}/workbench/", lambda route: route.fulfill(body=html, content_type="text/html"))
        page.goto(f"{server}/workbench/")
        tag = f"attend-{name.replace('_', '-')}"
        page.wait_for_function("tag => document.querySelector(tag).data", arg=tag)
        return page.locator(tag)

    return put


def numbers(figure, part: str = "table") -> list[list[float]]:
    """The numbers of a table, row by row; words are left out."""
    rows = figure.locator(f"[data-part={part}] tbody tr").evaluate_all(
        "rows => rows.map(row => [...row.cells].map(cell => cell.textContent))"
    )
    return [
        [float(text.replace("−", "-")) for text in row if re.fullmatch(r"−?[\d.]+", text)] for row in rows
    ]


def slide(figure, control: str, value: float):
    figure.locator(f"[data-control={control}]").evaluate(
        "(slider, value) => { slider.value = value; slider.dispatchEvent(new Event('input', { bubbles: true })); }",
        value,
    )


def pick(figure, control: str, value: str):
    figure.locator(f"[data-control={control}][value='{value}']").check()


def data_of(figure) -> dict:
    return json.loads(figure.locator("script[type='application/json']").text_content())


def live_pages(site) -> dict[str, list[str]]:
    """The pages with live figures, and which."""
    found = {}
    for path in sorted(site.rglob("index.html")):
        names = re.findall(r'<attend-([a-z-]+) class="live"', path.read_text(encoding="utf-8"))
        if names:
            found[path.parent.relative_to(site).as_posix().removeprefix(".")] = names
    return found


def test_every_live_figure_is_on_a_page_that_loads_its_script(site, build):
    found = live_pages(site)
    waiting = {"glimpses"} if not (site / "topics" / "t10_computer_vision").exists() else set()
    assert {name.replace("-", "_") for names in found.values() for name in names} == set(
        build.widgets.NAMES
    ) - waiting
    assert found[""] == ["bottleneck"], "the central curve is on the front page"
    for page, names in found.items():
        html = (site / page / "index.html").read_text(encoding="utf-8")
        loaded = re.findall(r"assets/elements/(\w+)\.js", html)
        assert {name.replace("-", "_") for name in names} == set(loaded) - {"quiz"}, page


@pytest.mark.parametrize("path", sorted(ELEMENTS.glob("*.js")), ids=lambda path: path.stem)
def test_an_element_is_small(path):
    """Gzipped, with the modules that it imports."""
    parts = {
        path,
        *(ELEMENTS / name for name in re.findall(r'from "\./([\w.]+)"', path.read_text(encoding="utf-8"))),
    }
    if any("heat.js" in part.name for part in parts):
        parts.add(ELEMENTS / "figure.js")
    assert sum(len(gzip.compress(part.read_bytes(), 9)) for part in parts) < LIMIT


STATE = """figures => figures.map(figure => ({
    words: figure.innerText,
    table: figure.querySelector('[data-part=table]').textContent,
    drawing: figure.querySelector('[data-part=drawing]').textContent,
    places: [...figure.querySelectorAll('svg, table.heat, .live__status, .live__controls, figcaption, details')]
        .map(part => part.getBoundingClientRect())
        .map(box => [box.x, box.y, box.width, box.height].map(Math.round)),
}))"""


# parsed and styled, while the elements' scripts are still on their way
READY = """document.readyState === 'interactive' && document.fonts.status === 'loaded'
    && [...document.querySelectorAll('link[rel=stylesheet]')].every(link => link.sheet)"""


def hold(page, files: str) -> list:
    """The requests for some files, which get no answer until they are told to go on."""
    held = []
    page.route(files, lambda route: held.append(route))
    return held


def test_the_first_state_is_there_before_any_script_and_the_script_moves_nothing(browser, server, site):
    """Elements are held back until the page has been looked at; then they may do their work. One page a figure."""
    pages = {name: place for place, names in live_pages(site).items() for name in names}
    for place in set(pages.values()):
        context = browser.new_context(viewport={"width": 375, "height": 900})
        page = context.new_page()
        held = hold(page, "**/assets/elements/*.js")
        page.goto(f"{server}/{place}", wait_until="commit")
        page.wait_for_function(READY)
        before = page.locator(".live").evaluate_all(STATE)
        assert before and held
        page.route("**/assets/elements/*.js", lambda route: route.continue_())
        for route in held:
            route.continue_()
        page.wait_for_function(
            "[...document.querySelectorAll('.live')].every(one => one.matches(':defined'))"
        )
        page.locator(".live").evaluate_all("figures => figures.forEach(one => one.begin())")
        assert page.locator(".live").evaluate_all(STATE) == before, place
        context.close()


def test_without_a_script_no_dead_control_is_shown(browser, server):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{server}/topics/t03_attention_decoding/")
    assert not page.locator(".live__controls").is_visible()
    assert page.locator("table.heat td").first.is_visible()
    context.close()


def test_the_alignment_has_the_references_weights(workbench, build):
    figure, reference = workbench("alignment"), build.coursepage.reference("t03_attention_decoding")
    for place, sentence in enumerate(data_of(figure)["sentences"]):
        figure.locator("select").select_option(index=place)
        scores = np.array(sentence["scores"])
        for temperature, hidden in ((1, None), (0.5, 1), (4, 0)):
            slide(figure, "temperature", temperature)
            mask = np.arange(len(sentence["source"])) != hidden
            if hidden is not None:
                figure.locator(f"[data-part=mask] [value='{hidden}']").uncheck()
            wanted = reference.masked_softmax(scores / temperature, np.broadcast_to(mask, scores.shape))
            found = np.array(numbers(figure))
            assert np.abs(found[:, 0::2] - scores).max() <= 0.0006
            assert np.abs(found[:, 1::2] - wanted).max() <= 0.0006
            drawn = figure.locator("table.heat tbody td").evaluate_all(
                "cells => cells.map(cell => [cell.textContent, cell.style.getPropertyValue('--w')].map(Number))"
            )
            assert np.abs(np.array(drawn) - wanted.reshape(-1, 1)).max() <= 0.006
            if hidden is not None:
                figure.locator(f"[data-part=mask] [value='{hidden}']").check()


def test_the_trained_sentences_are_those_of_the_trained_model(build):
    """Softmax of the scores that the figure shows is what the model itself gives."""
    t06 = build.coursepage.reference("t06_encoder_decoder")
    parts = build.alignment.trained(t06)
    for sentence in build.alignment.TRAINED:
        one = build.alignment.learned(sentence)
        row = list(build.alignment.PAIRS).index(sentence)
        length = parts["lengths"][row : row + 1]
        tokens, (alignment,) = t06.greedy_decode(
            parts["model"], parts["source"][row : row + 1, : int(length)], length, 1, 2, 10
        )
        assert one["words"] == [build.alignment.words_of()[1][token] for token in tokens[0]]
        assert torch.allclose(torch.tensor(one["scores"]).softmax(-1), alignment, atol=1e-5)


def test_a_grid_is_walked_through_with_the_arrow_keys(workbench, page):
    figure = workbench("alignment")
    assert figure.locator("table.heat td[tabindex='0']").count() == 1, "one tab stop for the whole grid"
    figure.locator("[data-part=mask] input").last.focus()
    page.keyboard.press("Tab")
    assert figure.locator("[data-part=status]").text_content() == "the looks at les: score 2.89, weight 0.94."
    for key, told in (
        ("ArrowDown", "red looks at les"),
        ("End", "red looks at rouges"),
        ("ArrowRight", "red looks at rouges"),
        ("ArrowUp", "the looks at rouges"),
        ("Home", "the looks at les"),
        ("ArrowUp", "the looks at les"),
    ):
        page.keyboard.press(key)
        assert figure.locator("[data-part=status]").text_content().startswith(told), key
    focused = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert focused == "solid", "the focus is seen"


@pytest.mark.parametrize(
    ("name", "control", "part"),
    [
        ("alignment", "temperature", "table"),
        ("bottleneck", "length", "status"),
        ("scores", "angle", "table"),
        ("unrolled", "step", "status"),
        ("beam_search", "alpha", "ranking"),
        ("glimpses", "down", "table"),
        ("heads", "head", "table"),
    ],
)
def test_every_figure_answers_to_the_keyboard(workbench, page, name, control, part):
    figure = workbench(name)
    before = figure.locator(f"[data-part={part}]").text_content()
    figure.locator(f"[data-control={control}]").first.focus()
    page.keyboard.press("ArrowRight")
    assert figure.locator(f"[data-part={part}]").text_content() != before


@pytest.mark.parametrize(("angle", "length"), [(30, 1.5), (-115, 2.4), (90, 0), (165, 0.7)])
def test_the_three_scores_are_the_references(workbench, build, angle, length):
    figure = workbench("scores")
    slide(figure, "angle", angle)
    slide(figure, "length", length)
    wanted = build.scores.scores(build.scores.query(length, angle))
    softmax = build.coursepage.reference("t03_attention_decoding").softmax
    columns = [column for values in wanted.values() for column in (values, softmax(values))]
    assert np.abs(np.array(numbers(figure)) - np.array(columns).T).max() <= 0.0006
    for kind, values in wanted.items():
        widths = figure.locator(f"[data-kind={kind}] rect").evaluate_all(
            "bars => bars.map(bar => Number(bar.getAttribute('width')))"
        )
        assert np.abs(np.array(widths) / 300 - softmax(values)).max() <= 0.0006


def test_the_query_can_be_dragged_too(workbench, page):
    figure = workbench("scores")
    box = figure.locator("svg").bounding_box()
    scale = box["width"] / 440
    page.mouse.move(box["x"] + 118 * scale, box["y"] + 92 * scale)
    page.mouse.down()
    page.mouse.up()
    assert figure.locator("output[data-shows=angle]").text_content() == "135°"
    assert figure.locator("output[data-shows=length]").text_content() == "1.40"


@pytest.mark.parametrize(("measure", "scale"), [("exact", 1), ("bleu", 100)])
def test_the_bottleneck_is_what_the_lab_measured(workbench, measure, scale):
    figure = workbench("bottleneck")
    pick(figure, "measure", measure)
    models = json.loads((LAB / "bottleneck.json").read_text(encoding="utf-8"))["models"]
    means = np.array(
        [[np.mean(bucket[measure]) / scale for bucket in models[kind]["buckets"].values()] for kind in models]
    )
    assert list(models) == ["none", "bahdanau", "luong"]
    assert np.abs(np.array(numbers(figure)) - means.T).max() <= 0.0006
    plot = data_of(figure)["plot"]
    for kind, wanted in zip(models, means, strict=True):
        points = figure.locator(f"[data-series={kind}] polyline").get_attribute("points").split()
        drawn = [1 - (float(point.split(",")[1]) - plot["top"]) / plot["height"] for point in points]
        assert np.abs(np.array(drawn) - wanted).max() <= 0.0006
    figure.locator("[data-part=shown] [value=luong]").uncheck()
    assert not figure.locator("[data-series=luong]").is_visible()
    assert "Luong" not in figure.locator("[data-part=status]").text_content()


def test_the_heads_are_those_of_the_trained_transformer(workbench):
    figure = workbench("heads")
    examples = json.loads((LAB / "transformer.json").read_text(encoding="utf-8"))["examples"]
    for place, kind, head in ((1, "cross", 1), (1, "encoder", 3), (0, "decoder", 4), (0, "cross", 2)):
        figure.locator("select").select_option(index=place)
        pick(figure, "attention", kind)
        pick(figure, "head", str(head))
        wanted = np.array(examples[place][kind][head - 1])
        assert np.abs(np.array(numbers(figure)) - wanted).max() <= 0.0006
        drawn = figure.locator("table.heat tbody td").evaluate_all(
            "cells => cells.map(cell => Number(cell.style.getPropertyValue('--w')))"
        )
        assert np.abs(np.array(drawn) - wanted.ravel()).max() <= 0.0006
        columns = figure.locator("table.heat thead th").all_text_contents()
        said = ["<bos>", *examples[place]["words"][:-1]]
        assert columns == (said if kind == "decoder" else examples[place]["source"])


def test_the_unrolled_encoder_draws_the_weights_that_were_given(workbench):
    figure = workbench("unrolled")
    data = json.loads((LAB / "translate.json").read_text(encoding="utf-8"))
    (weights,) = [one["weights"] for one in data["sentences"] if one["source"] == data["trace"]["source"]]
    for t, word in enumerate(["how", "are", "you"]):
        slide(figure, "step", 3 + t)
        assert figure.locator("[data-part=said]").text_content() == word
        drawn = figure.locator("[data-look]").evaluate_all(
            "lines => lines.map(line => parseFloat(line.style.strokeWidth))"
        )
        assert np.abs((np.array(drawn) - 1) / 14 - weights[t]).max() <= 0.004
    pick(figure, "mode", "one")
    assert (
        not figure.locator("[data-look]").first.is_visible()
        and figure.get_by_text("context", exact=True).is_visible()
    )
    states = np.array([*data["trace"]["forward"], *data["trace"]["decoder"][:3]]).T
    assert np.abs(np.array(numbers(figure))[:, 1:] - states).max() <= 0.0006


@pytest.mark.parametrize("size", [1, 2, 3])
def test_the_beam_finds_what_the_reference_finds(workbench, build, size):
    figure, beam = workbench("beam_search"), build.beam_search
    pick(figure, "beam", str(size))

    def step(tokens, state):
        return beam.TABLE[tokens].log(), state

    search = build.coursepage.reference("t06_encoder_decoder").beam_search
    found = search(step, torch.zeros(1), beam.BOS, beam.EOS, size, beam.ROUNDS)
    score = build.coursepage.reference("t11_gnmt").hypothesis_score
    for alpha, beta in ((0, 0), (1, 0), (0.6, 0.2), (0, 0.4)):
        slide(figure, "alpha", alpha)
        slide(figure, "beta", beta)
        wanted = sorted(
            ((score(log_prob, len(tokens) + 1, beam.LOOKS[[*tokens, beam.EOS]], alpha, beta), beam.say(tokens))
             for tokens, log_prob in found), reverse=True)  # fmt: skip
        rows = figure.locator("[data-part=ranking] tbody tr")
        assert rows.locator("th").all_text_contents() == [words for _, words in wanted]
        shown = [row[-1] for row in numbers(figure, "ranking")]
        assert np.abs(np.array(shown) - [value for value, _ in wanted]).max() <= 0.0006


def test_the_beams_rounds_are_drawn_as_the_table_tells_them(workbench):
    figure = workbench("beam_search")
    for size in "123":
        pick(figure, "beam", size)
        for rounds in (4, 2):
            slide(figure, "round", rounds)
            rows = figure.locator("[data-part=table] tbody tr")
            boxes = figure.locator(f"[data-beam='{size}'] rect")
            seen = boxes.evaluate_all(
                "boxes => boxes.filter(box => getComputedStyle(box).visibility === 'visible').length"
            )
            assert seen == rows.count()
            live = [row for row in rows.all_text_contents() if "kept" in row]
            per_round = {n: sum(f"{n}−" in row for row in live) for n in range(1, rounds + 1)}
            assert max(per_round.values()) <= int(size)
    assert figure.locator("[data-part=ranking]").get_by_text("not yet").is_visible()


def test_coverage_and_length_can_turn_the_ranking_over(workbench):
    figure = workbench("beam_search")
    first = figure.locator("[data-part=ranking] tbody th").first
    assert first.text_content() == "red books"
    slide(figure, "alpha", 1)
    assert first.text_content() == "red books"
    slide(figure, "beta", 0.2)
    assert first.text_content() == "the red books"


def test_a_glimpse_is_the_references(workbench, build):
    figure, glimpses = workbench("glimpses"), build.glimpses
    reference = build.coursepage.reference("t10_computer_vision").glimpse
    images = torch.tensor(data_of(figure)["images"]).view(-1, 1, glimpses.SIDE, glimpses.SIDE)
    boxes = data_of(figure)["boxes"]
    for scene, centre in ((0, (-0.25, -0.25)), (1, (0.5, -0.95)), (2, (1.0, 1.0)), (2, (-0.4, 0.15))):
        figure.locator("select").select_option(index=scene)
        slide(figure, "down", centre[0])
        slide(figure, "across", centre[1])
        patches = reference(
            images[scene : scene + 1], torch.tensor([centre]), glimpses.SIZE, glimpses.SCALES
        )[0, :, 0]
        rows = numbers(figure)
        for scale, patch in enumerate(patches):
            drawn = figure.locator(f"[data-part=patch{scale}] rect").evaluate_all(
                "pixels => pixels.map(pixel => Number(pixel.getAttribute('fill-opacity')))"
            )
            assert (torch.tensor(drawn) - patch.flatten()).abs().max() <= 0.006, (scene, centre, scale)
            corner = [glimpses.first_pixel(part, scale) for part in centre]
            assert rows[scale][:3] == [*corner, 8 * 2**scale]
            assert math.isclose(rows[scale][3], patch.mean(), abs_tol=6e-4)
            assert math.isclose(rows[scale][4], glimpses.inside(boxes[scene], centre, scale), abs_tol=6e-4)


def test_who_wants_no_motion_gets_none(browser, server):
    for motion, wanted in (("no-preference", "0.2s"), ("reduce", "0s")):
        context = browser.new_context(reduced_motion=motion)
        page = context.new_page()
        page.goto(f"{server}/topics/t01_seq2seq_recap/")
        seconds = page.locator(".live svg circle").first.evaluate(
            "one => getComputedStyle(one).transitionDuration"
        )
        assert seconds.split(",")[0] == wanted
        context.close()
