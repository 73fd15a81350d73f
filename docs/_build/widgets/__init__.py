"""The live figures: one module here and one script in docs/assets/elements/, of the same name, for each.

`NAME.widget()` returns the figure in its first state: complete HTML, made by the build with the references or with
the lab's numbers. The script finds that HTML on the page, listens to its controls and changes what stands in it; it
adds nothing, so the page does not move when it arrives, and without it the first state stays.
"""

import importlib

NAMES = ("alignment", "beam_search", "bottleneck", "glimpses", "heads", "scores", "unrolled")


def widget(name: str, base: str, **options) -> str:
    """The HTML of the live figure `name`; `base` leads from the page to the site's root."""
    if name not in NAMES:
        raise ValueError(f"there is no live figure {name!r}; there are {', '.join(NAMES)}.")
    html = importlib.import_module(f"widgets.{name}").widget(**options)
    # in a <div>, which Markdown lets pass as it is: a custom element it would put into a paragraph
    return f'<div>{html}<script type="module" src="{base}assets/elements/{name}.js"></script></div>'
