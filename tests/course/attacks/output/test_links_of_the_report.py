"""Every link of the report leads to the page of the student whose row it stands in."""

import re
from urllib.parse import unquote

from .conftest import NAMES


def test_links_of_the_report(results):
    links = re.findall(r'href="(feedback/[^"]+)"', results.text("report.html"))
    assert len(set(links)) == len(NAMES)
    assert all((results.out / unquote(link)).is_file() for link in links)
