"""The way from a page to the site's root, for addresses in raw HTML.

MkDocs leaves such addresses as they are, so they start at the address of the page. Zensical takes them as relative to the
page's source, as those of Markdown links, and rewrites them. SITE_BUILDER says which of the two builds the site.
"""

import os
from pathlib import PurePosixPath

BUILDERS = ("mkdocs", "zensical")


def up(page: str) -> str:
    """What leads from a page to the site's root: `../../`, or nothing.

    Args:
        page: the page's source below docs/, as `topics/t03_attention_decoding.md`.
    """
    builder = os.environ.get("SITE_BUILDER") or BUILDERS[0]
    if builder not in BUILDERS:
        raise ValueError(f"SITE_BUILDER is {builder!r}; it can be {' or '.join(BUILDERS)}")
    source = PurePosixPath(page)
    depth = len(source.parts) - 1
    # topics/t03.md is served as topics/t03/, and topics/index.md as topics/
    if builder == "mkdocs" and source.stem != "index":
        depth += 1
    return "../" * depth
