"""What a source file imports: the names it gives, and the files of its tree that they mean.

Statements are looked for where neither a comment nor a text stands; those of Python are parsed, so that only one of another
version's grammar is lost, not its file. A parser for JavaScript and TypeScript would have to be compiled.
"""

import ast
import itertools
import json
import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping

from ingest.git import blobs, files

PYTHON = (".py", ".pyi", ".pyw")
SCRIPTS = (".ts", ".tsx", ".js", ".jsx", ".mts", ".cts", ".mjs", ".cjs")  # in the order in which they are tried
LARGEST = 1_000_000  # bytes: what is larger is a bundle or a table, and imports nothing that people wrote
LARGEST_CONFIGURATION = 256_000  # bytes
# The languages of `changes` whose imports are read.
LANGUAGES = ("Python", "JavaScript", "TypeScript", "TSX")

# Every expression here takes a time that grows with the file and no faster, whatever the file holds: what begins and never
# ends is taken to the end at once, even behind a last backslash, and is not looked through again from its next quote.
# What a file of Python says and does not run: comments and texts, also those that never end.
_SAID = re.compile(
    rb"#[^\n]*"
    rb'|"""[^"\\]*+(?:(?:\\.|"(?!""))[^"\\]*+)*+(?:"""|\\?\Z)'
    rb"|'''[^'\\]*+(?:(?:\\.|'(?!''))[^'\\]*+)*+(?:'''|\\?\Z)"
    rb'|"[^"\\\n]*+(?:\\.[^"\\\n]*+)*+"?'
    rb"|'[^'\\\n]*+(?:\\.[^'\\\n]*+)*+'?",
    re.DOTALL,
)
# In what is left, a statement with the lines that continue it; nobody's is longer.
_IMPORT = re.compile(
    rb"(?:^|[;:])[ \t]*((?:from\b(?:[^\n;:\\]|\\\r?\n(?![ \t]*from\b)){1,300}?)?\bimport\b[ \t]*"
    rb"(?:\([^()]{0,20000}\)|(?:[^\n;\\]|\\\r?\n){1,2000}))",
    re.MULTILINE,
)
# Between the first word and the module stand names, never quotes, on lines none of which begins another statement.
_STATIC = re.compile(
    rb"^[ \t]*(?:import|export)\b"
    rb"(?:(?:[^;'\"`\n]*\n(?![^\S\n]*(?:import|export)\b)){0,300}?[^;'\"`\n]*?\bfrom)?"
    rb"\s*['\"]([^'\"\n]{1,400})['\"]",
    re.MULTILINE,
)
_DYNAMIC = re.compile(rb"\b(?:require|import)\s{0,40}\(\s{0,40}['\"`]([^'\"`\n$]{1,400})['\"`]\s{0,40}[,)]")
_COMMENT = re.compile(rb"^[ \t]*(?://|\*|/\*).*$", re.MULTILINE)
# Of JSON as tsconfig.json has it: strings, which stay, and comments.
_STRINGS = re.compile(
    r'("[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z))|//[^\n]*|/\*[^*]*+(?:\*(?!/)[^*]*+)*+(?:\*/|\Z)', re.DOTALL
)
_LAST_COMMA = re.compile(r",(?=\s*[}\]])")

_Alias = tuple[str, str | None, str]  # what stands before the star and behind it (None: there is none), and the target


def is_read(path: str) -> bool:
    """Whether the imports of a file of this name are read."""
    return path.endswith((*PYTHON, *SCRIPTS))


class Names:
    """Reads what files name; of a file's versions few differ in what they import, and only those are parsed."""

    def __init__(self) -> None:
        self._parsed: dict[bytes, list[str]] = {}

    def of(self, path: str, content: bytes) -> list[str]:
        """The modules a file names, in order; of Python as `package.module:name` where it takes a name out of one."""
        if blobs.is_binary(content) or files.is_generated(content.split(b"\n", 3)[:3]):
            return []
        found = self._python(content) if path.endswith(PYTHON) else _script(content)
        return list(dict.fromkeys(found))

    def _python(self, content: bytes) -> list[str]:
        # Parsing whole files takes ten times as long as looking where their imports stand.
        statements = _IMPORT.findall(_SAID.sub(b" ", content))
        key = b"\n".join(statements)
        if key not in self._parsed:
            whole = _parsed(key)
            self._parsed[key] = (
                whole if whole is not None else [name for each in statements for name in _parsed(each) or ()]
            )
        return self._parsed[key]


def _parsed(statements: bytes) -> list[str] | None:
    """What Python's own parser finds in them; None where they are no Python."""
    try:
        tree = ast.parse(statements)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    found: list[str] = []
    for node in tree.body:
        if isinstance(node, ast.Import):
            found += (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            found += (f"{'.' * node.level}{node.module or ''}:{alias.name}" for alias in node.names)
    return found


def _script(content: bytes) -> Iterator[str]:
    found = _STATIC.findall(content)
    if b"require" in content or b"import(" in content:  # most files have none, and looking for them takes long
        found += _DYNAMIC.findall(_COMMENT.sub(b"", content))
    yield from (name.decode("utf-8", "replace") for name in found)


def is_configuration(path: str) -> bool:
    """Whether a file of this name says how scripts name each other."""
    return path.rpartition("/")[2] in ("package.json", "tsconfig.json", "jsconfig.json")


def configured(path: str, content: bytes) -> list[str]:
    """Of a package.json what the package is called; of a tsconfig.json its paths, as `@/*=./src/*`."""
    if len(content) > LARGEST_CONFIGURATION:
        return []
    try:
        text = content.decode("utf-8-sig")
        told = json.loads(_LAST_COMMA.sub("", _STRINGS.sub(lambda match: match[1] or " ", text)))
    except (ValueError, RecursionError):
        return []
    if path.endswith("package.json"):
        return [name for name in [_get(told, "name")] if isinstance(name, str) and name]
    options = _get(told, "compilerOptions")
    base, paths = _get(options, "baseUrl"), _get(options, "paths")
    prefix = base if isinstance(base, str) else "."
    aliases = [
        f"{alias}={prefix}/{targets[0]}"
        for alias, targets in (paths.items() if isinstance(paths, dict) else ())
        if isinstance(targets, list) and targets and isinstance(targets[0], str)
    ]
    return [*aliases, f"*={prefix}/*"] if isinstance(base, str) else aliases


def _get(table: object, key: str) -> object:
    return table.get(key) if isinstance(table, dict) else None


class Tree:
    """The paths of a tree, and which of them a name means."""

    def __init__(self, paths: Collection[str], configured: Mapping[str, Collection[str]]) -> None:
        self._paths = paths
        self._packages: dict[str, str] = {}  # the names of the tree's own packages of scripts, and their folders
        self._aliases: dict[str, list[_Alias]] = {}  # of a folder
        for path, told in configured.items():
            folder = path.rpartition("/")[0]
            if path.endswith("package.json"):
                self._packages |= dict.fromkeys(told, folder)
            else:
                self._aliases[folder] = [_alias(folder, each) for each in told]
        self._modules: dict[str, list[str]] = defaultdict(list)
        self._found: dict[tuple[str, str], str | None] = {}  # by the folder that asks and what it asks for
        for path in paths:
            if path.endswith(PYTHON):
                self._enter(path)

    def imports(self, path: str, written: Collection[str]) -> set[str]:
        """The files that the names in a file mean; what is not in the tree, or could be several files, is none."""
        folder = path.rpartition("/")[0]
        find = self._python if path.endswith(PYTHON) else self._script
        targets = set()
        for name in written:
            if (folder, name) not in self._found:
                self._found[folder, name] = find(folder, name)
            targets.add(self._found[folder, name])
        return {target for target in targets if target is not None and target != path}

    def _enter(self, path: str) -> None:
        """A module goes by its path from the top, and by its name below the folder of its outermost package."""
        *folders, name = path.split("/")
        stem = name.rpartition(".")[0]
        parts = folders if stem == "__init__" else [*folders, stem]
        top = len(folders)
        while top and "/".join([*folders[:top], "__init__.py"]) in self._paths:
            top -= 1
        for start in {0, top, 1 if folders[:1] in (["src"], ["lib"], ["python"]) else 0}:
            if parts[start:]:
                self._modules[".".join(parts[start:])].append(path)

    def _python(self, folder: str, written: str) -> str | None:
        module, _, name = written.partition(":")
        dots = len(module) - len(module.lstrip("."))
        if dots:
            return self._relative(folder, dots, module[dots:], name)
        # `from a import b` means the module a.b where there is one; else b is something in a.
        candidates = (f"{module}.{name}", module) if name else (module,)
        return next((found for candidate in candidates if (found := self._module(folder, candidate))), None)

    def _relative(self, folder: str, dots: int, module: str, name: str) -> str | None:
        parts = folder.split("/") if folder else []
        if dots - 1 > len(parts):  # beyond the top of the repository
            return None
        parts = [*parts[: len(parts) - dots + 1], *(part for part in module.split(".") if part)]
        stems = ("/".join([*parts, name]), "/".join(parts))
        tried = (f"{stem}{end}" for stem in stems for end in (".py", "/__init__.py", ".pyi", "/__init__.pyi"))
        return next((path.removeprefix("/") for path in tried if path.removeprefix("/") in self._paths), None)

    def _module(self, folder: str, name: str) -> str | None:
        found = self._modules.get(name.removesuffix(".__init__"), [])
        if len(found) > 1:  # scripts of one name in several folders, or a stub beside its module
            near = [path for path in found if path.rpartition("/")[0] == folder]
            found = sorted(near or found)  # .py comes before .pyi
        return found[0] if len({path.rpartition(".")[0] for path in found}) == 1 else None

    def _script(self, folder: str, written: str) -> str | None:
        name = written.partition("?")[0]  # what bundlers are told stands behind it
        if name.startswith("."):
            target = _joined(folder, name)
            return None if target is None else self._script_at(target)
        bases = itertools.chain(self._aliased(folder, name), self._packaged(name))
        return next((found for base in bases if (found := self._script_at(base))), None)

    def _aliased(self, folder: str, name: str) -> Iterator[str]:
        """What the nearest tsconfig.json makes of a name; the longest beginning comes first."""
        while folder and folder not in self._aliases:
            folder = folder.rpartition("/")[0]
        for begin, end, target in sorted(self._aliases.get(folder, ()), key=lambda alias: -len(alias[0])):
            if end is None and name == begin:
                yield _joined("", target) or ""
            elif end is not None and len(name) >= len(begin + end) and name.startswith(begin) and name.endswith(end):
                middle = name[len(begin) : len(name) - len(end)]
                yield _joined("", target.replace("*", middle, 1)) or ""

    def _packaged(self, name: str) -> Iterator[str]:
        """Where a package of this tree may have what is asked of it: what it builds is not committed, its source is."""
        parts = name.split("/")
        scope = 1 + name.startswith("@")
        package = self._packages.get("/".join(parts[:scope]))
        if package is not None:
            yield from ("/".join(part for part in (package, middle, *parts[scope:]) if part) for middle in ("src", ""))

    def _script_at(self, target: str) -> str | None:
        if target in self._paths:
            return target
        stem, dot, end = target.rpartition(".")
        # TypeScript is told the name that its output will have: `./a.js` is a.ts.
        swapped = (stem + other for other in SCRIPTS) if dot + end in SCRIPTS else ()
        tried = (*swapped, *(target + other for other in SCRIPTS), *(f"{target}/index{other}" for other in SCRIPTS))
        return next((path.removeprefix("/") for path in tried if path.removeprefix("/") in self._paths), None)


def _alias(folder: str, told: str) -> _Alias:
    """`@/*=./src/*`, cut at the star; an alias without one is a whole name."""
    alias, _, target = told.partition("=")
    begin, star, end = alias.partition("*")
    return begin, end if star else None, f"{folder}/{target}"


def _joined(folder: str, name: str) -> str | None:
    """Where a relative name leads; None beyond the top of the repository."""
    parts = folder.split("/") if folder else []
    for part in name.split("/"):
        if part == "..":
            if not parts:
                return None
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)
