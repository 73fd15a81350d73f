"""The students' repository: who commits to it, its address on GitHub, and the addresses by which other services open it."""

import re
from dataclasses import dataclass
from urllib.parse import quote

# the author of the commits by which releases come: nobody's address
RELEASED_BY = "course@attend.invalid"
_ADDRESS = re.compile(
    r"https://github\.com/(?P<name>[\w.-]+/[\w.-]+?)(?:\.git)?/?(?:tree/(?P<branch>[\w./-]+?)/?)?", re.ASCII
)


@dataclass(frozen=True)
class Repository:
    """A repository: `owner/name`, and the branch that students get."""

    name: str
    branch: str = "main"

    @property
    def clone_url(self) -> str:
        """What `git clone` is given."""
        return f"https://github.com/{self.name}.git"

    def opened_in(self, notebook: str) -> dict[str, str]:
        """Service → the address that opens the repository's file `notebook` there, with everything installed."""
        branch, path = quote(self.branch), quote(notebook)
        whole, file = quote(self.branch, safe=""), quote(notebook, safe="")
        return {
            "Colab": f"https://colab.research.google.com/github/{self.name}/blob/{branch}/{path}",
            "Codespaces": f"https://codespaces.new/{self.name}/tree/{branch}?quickstart=1",
            "Binder": f"https://mybinder.org/v2/gh/{self.name}/{whole}?labpath={file}",
        }


def parse_repository(address: str) -> Repository | None:
    """The repository at an address as `https://github.com/OWNER/NAME/tree/BRANCH`; None where it is another one."""
    found = _ADDRESS.fullmatch(address)
    return Repository(found["name"], found["branch"] or "main") if found else None
