"""Drawings are whole SVG of their own, say in words what they show, and follow a page's colours."""

import re
import xml.etree.ElementTree as ET

import pytest
from matplotlib.figure import Figure

from attend.course.svg import INK, MUTED, QUERY, SHARE, figure_svg, styled_figure, svg_element

SVG = "{http://www.w3.org/2000/svg}"


def curve(values=(1, 3, 2), label: str = "a < b & c") -> Figure:
    with styled_figure(216, 144) as figure:
        axes = figure.add_subplot()
        axes.plot(values, color=QUERY, marker="o")
        axes.fill_between(range(len(values)), values, color=SHARE, alpha=0.2)
        axes.set_title(label)
    return figure


def test_a_figure_is_an_svg_with_its_size_and_its_description():
    text = figure_svg(curve(), 'The "curve" <rises>')
    root = ET.fromstring(text)
    assert root.tag == f"{SVG}svg" and root.attrib["role"] == "img"
    assert root.attrib["aria-label"] == 'The "curve" <rises>'
    assert root.attrib["width"] == "216" and root.attrib["viewBox"] == "0 0 216 144"
    assert "a < b & c" in [element.text for element in root.iter(f"{SVG}text")]
    assert "metadata" not in text and "<!--" not in text and "font-family: " not in text


def test_colours_are_the_pages_or_else_their_own():
    text = figure_svg(curve(), "A curve")
    assert f"var(--query, {QUERY})" in text and f"var(--share, {SHARE})" in text
    assert f"var(--muted, {MUTED})" in text and "currentColor" in text and INK not in text


def test_the_same_figure_is_the_same_text_and_others_share_no_id():
    texts = [figure_svg(curve(), "One"), figure_svg(curve(), "Two"), figure_svg(curve((2, 1, 3)), "One")]
    assert figure_svg(curve(), "One") == texts[0]
    ids = [set(re.findall(r' id="([^"]+)"', text)) for text in texts]
    for text, own in zip(texts, ids, strict=True):
        used = re.findall(r'(?:url\(#|href="#)([^)"]+)', text)
        assert used and set(used) == own
    assert not ids[0] & ids[1] and not ids[0] & ids[2] and not ids[1] & ids[2]


@pytest.mark.parametrize("width", [10, 20.5])
def test_an_element_is_made_by_hand_too(width):
    root = ET.fromstring(svg_element(width, 5, f'<rect fill="{INK}" stroke="{QUERY}"/>', "Black & blue"))
    assert root.attrib["viewBox"] == f"0 0 {width:g} 5" and root.attrib["aria-label"] == "Black & blue"
    assert root[0].attrib == {"fill": "currentColor", "stroke": f"var(--query, {QUERY})"}
