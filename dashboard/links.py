"""Links between pages. Each is relative, so that the dashboard may stand below any path."""

from urllib.parse import urlencode

from markupsafe import Markup

SHORT = 12  # letters of a commit's name


def definition(key: str, title: str, page: str = "") -> Markup:
    """A metric's name, which leads to its definition further down the page, or on another one."""
    return Markup('<a href="{}#{}" target="_self">{}</a>').format(page, key, title)


def commit(repo: str, sha: str) -> Markup:
    """A commit's short name, which leads to all that is known of it."""
    query = urlencode({"of": repo, "what": sha})
    return Markup('<a href="explain?{}" target="_self">{}</a>').format(query, sha[:SHORT])
