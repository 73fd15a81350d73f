"""What the program needs of pytest and pytest does not make public. Only this module uses private names of pytest.

It is written for pytest 9; pyproject.toml allows no other major version.
"""

from collections.abc import Callable
from typing import Any

import pytest
from _pytest.config import _prepareconfig
from _pytest.outcomes import OutcomeException

# The base class of what pytest.fail and pytest.skip raise; it is not a subclass of Exception.
Outcome = OutcomeException


def open_session(arguments: list[str], prepare: Callable[[pytest.Config], None]) -> pytest.Session:
    """The session that `pytest ARGUMENTS` begins, with its tests collected and none of them run.

    Args:
        prepare: is called with the configuration before the plugins are set up.

    Raises:
        Exception, SystemExit, Outcome: what importing a plugin or collecting the tests raised.
    """
    config = _prepareconfig(arguments)
    prepare(config)
    config._do_configure()
    session = pytest.Session.from_config(config)
    try:
        config.hook.pytest_sessionstart(session=session)
        config.hook.pytest_collection(session=session)
    except BaseException:
        config._ensure_unconfigure()
        raise
    return session


def close_session(session: pytest.Session) -> None:
    """Tear down every fixture that is still set up, and pytest itself."""
    session._setupstate.teardown_exact(None)
    session.config._ensure_unconfigure()


def run_with_fixtures(item: pytest.Item) -> None:
    """Set up a test's fixtures, run it, and tear down what no other test of the session uses.

    Raises:
        Exception, Outcome: what the test or a fixture raised.
    """
    if isinstance(item, pytest.Function):
        item._initrequest()
    items, setup = item.session.items, item.session._setupstate
    following = items[(items.index(item) + 1) % len(items)]
    try:
        setup.setup(item)
        item.runtest()
    finally:
        setup.teardown_exact(following)


def argument_names(item: pytest.Function) -> tuple[str, ...]:
    """The fixtures and parameters that a test asks for directly, by its arguments or a mark, and those used by all."""
    return item._fixtureinfo.initialnames


def parameters(item: pytest.Function) -> dict[str, Any]:
    """The values of a parametrised test's parameters by name; empty for any other test."""
    return dict(item.callspec.params) if hasattr(item, "callspec") else {}
