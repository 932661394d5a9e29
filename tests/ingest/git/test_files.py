from importlib import resources

import pytest
import yaml

from ingest.git.files import Classifier, Kind, is_generated
from ingest.git.languages import languages

GROUPS = yaml.safe_load(resources.files("ingest.git").joinpath("languages.yaml").read_text("utf-8"))


def kinds(*paths: str, attributes: dict[bytes, bytes] | None = None) -> dict[str, Kind]:
    classifier = Classifier(attributes or {})
    return {path: classifier.kind(path.encode()) for path in paths}


def roles(*paths: str) -> set[str]:
    return {role for role, _ in kinds(*paths).values()}


def test_a_file_is_in_the_language_of_its_name_or_ending_and_has_the_role_of_that_language() -> None:
    expected = {
        "src/app.py": ("source", "Python"),
        "src/app.tsx": ("source", "TSX"),
        "lib/util.test-helper.js": ("source", "JavaScript"),
        "include/x.h": ("source", "C"),
        "SRC/MAIN.C": ("source", "C"),
        "Makefile": ("source", "Makefile"),
        "config.mak.in": ("source", "Makefile"),
        "src/version.py.in": ("source", "Python"),
        "build.gradle.kts": ("source", "Gradle Kotlin DSL"),
        "git-svn.perl": ("source", "Perl"),
        "schema.sql": ("source", "SQL"),
        "guide.md": ("docs", "Markdown"),
        "guide.adoc": ("docs", "AsciiDoc"),
        "pyproject.toml": ("config", "TOML"),
        "deploy/values.yaml": ("config", "YAML"),
        "Dockerfile": ("config", "Dockerfile"),
        "people.json": ("data", "JSON"),
        "logo.svg": ("data", "SVG"),
        "po/de.po": ("data", "Gettext Catalog"),
        "tool.exe": ("data", None),
        "expect": ("data", None),
    }
    assert kinds(*expected) == expected


def test_build_programs_are_source_and_declarations_are_config() -> None:
    assert roles("Makefile", "CMakeLists.txt", "configure.ac", "setup.py", "Rakefile", "meson.build") == {"source"}
    assert roles("setup.cfg", "package.json", "tsconfig.base.json", "go.mod", "pom.xml", "vite.config.ts") == {"config"}


@pytest.mark.parametrize(
    "path",
    [
        "test_app.py",
        "pkg/app_test.go",
        "tests/helpers.py",
        "src/app/__tests__/view.js",
        "src/view.spec.ts",
        "src/view.test.tsx",
        "conftest.py",
        "t/t0001-init.sh",
        "t/helper/test-date.c",
        "spec/models/user_spec.rb",
        "src/test/java/AppTest.java",
        "integration-tests/run.ts",
        "tests/data/test1",
    ],
)
def test_tests_go_by_their_names_or_their_folders(path: str) -> None:
    assert roles(path) == {"test"}


@pytest.mark.parametrize(
    "path",
    ["src/latest.py", "src/contest.ts", "Latest.java", "app/attestation.py", "src/specification.ts", "src/inspect.rb"],
)
def test_a_word_that_merely_contains_test_or_spec_is_no_test(path: str) -> None:
    assert roles(path) == {"source"}


def test_what_lies_among_tests_but_is_no_code_keeps_its_role() -> None:
    expected = {
        "tests/README.md": ("docs", "Markdown"),
        "tests/compose.yml": ("config", "YAML"),
        "tests/answers.json": ("data", "JSON"),
        "tests/fixtures/sample.py": ("data", "Python"),
        "pkg/testdata/input.go": ("data", "Go"),
        "src/__snapshots__/view.test.tsx.snap": ("generated", "Jest Snapshot"),
        "tests/vendor/lib.js": ("vendored", "JavaScript"),
    }
    assert kinds(*expected) == expected


@pytest.mark.parametrize(
    "path",
    [
        "package-lock.json",
        "web/yarn.lock",
        "poetry.lock",
        "uv.lock",
        "Cargo.lock",
        "go.sum",
        "api/user_pb2.py",
        "api/user.pb.go",
        "static/app.min.js",
        "dist/app.js",
        "src/schema.generated.ts",
    ],
)
def test_locks_bundles_and_what_compilers_write_are_generated(path: str) -> None:
    assert roles(path) == {"generated"}


@pytest.mark.parametrize("path", ["src/lock.py", "src/admin.js", "src/distance.ts", "app/migrations/0001_initial.py"])
def test_migrations_and_names_that_look_like_generated_ones_are_source(path: str) -> None:
    assert roles(path) == {"source"}


@pytest.mark.parametrize(
    "path", ["node_modules/x/index.js", "vendor/x.go", "third_party/zlib/x.c", "deps/lua/src/lapi.c"]
)
def test_what_others_wrote_is_vendored(path: str) -> None:
    assert roles(path) == {"vendored"}


def test_docs_and_ci_folders_hold_code_that_is_docs_and_config() -> None:
    assert roles("docs/conf.py", "Documentation/doc-diff.sh", "LICENSE", "CHANGELOG", "examples/hello.c") == {"docs"}
    assert roles(".github/scripts/label.js", ".circleci/run.sh", ".eslintrc.js", ".mailmap") == {"config"}
    assert roles("src/docs/render.py", "src/changelog.py", "src/history.c", "src/license_check.go") == {"source"}


def test_attributes_have_the_last_word() -> None:
    attributes = {
        b"": b"""
# a comment
lib/** linguist-vendored
*.json linguist-generated
vendor/ours/** -linguist-vendored
*.lock linguist-generated=false
guide/** linguist-documentation
*.inc linguist-language=PHP
*.lisp linguist-language=Common-Lisp
*.q linguist-language=Quip
""",
    }
    expected = {
        "lib/x.c": ("vendored", "C"),
        "api.json": ("generated", "JSON"),
        "vendor/ours/x.js": ("source", "JavaScript"),
        "vendor/theirs/x.js": ("vendored", "JavaScript"),
        "poetry.lock": ("config", "TOML"),
        "guide/x.py": ("docs", "Python"),
        "page.inc": ("source", "PHP"),
        "x.lisp": ("source", "Common Lisp"),
        "x.q": ("source", "Quip"),
    }
    assert kinds(*expected, attributes=attributes) == expected


def test_the_deepest_attributes_win_and_in_one_file_the_last_line() -> None:
    attributes = {
        b"a/b": b"*.c !linguist-generated\n",
        b"": b"*.c linguist-generated\n*.c linguist-vendored\n*.c -linguist-vendored\n",
        b"a": b"/x.c linguist-documentation\n*.c -linguist-generated\n",
    }
    expected = {
        "x.c": ("generated", "C"),
        "a/x.c": ("docs", "C"),
        "a/c/x.c": ("source", "C"),
        "a/b/x.c": ("source", "C"),
        "ab/x.c": ("generated", "C"),
    }
    assert kinds(*expected, attributes=attributes) == expected


def test_any_bytes_are_a_path() -> None:
    classifier = Classifier({})
    paths = [b"", b"/", b"\xff\xfe.py", b"a\nb/test_x.py", b"a/\n.md", b"." * 4096, "größe.rs".encode(), b"tests/\n"]
    expected = [
        *[("data", None), ("data", None), ("source", "Python"), ("test", "Python"), ("docs", "Markdown")],
        *[("config", None), ("source", "Rust"), ("test", None)],
    ]
    assert [tuple(classifier.kind(path)) for path in paths] == expected


def test_patterns_made_to_be_slow_are_not() -> None:
    stars = b"*a" * 60 + b"b linguist-generated\n" + b"**/a/" * 60 + b"b linguist-generated\n"
    classifier = Classifier({b"": stars})
    assert classifier.kind(b"a" * 4000) == Kind("data", None)
    assert classifier.kind(b"a/" * 2000 + b"c") == Kind("data", None)


@pytest.mark.parametrize(
    "line",
    [
        b"// @generated",
        b" * @generated SignedSource<<abc>>",
        b"// Code generated by protoc-gen-go. DO NOT EDIT.",
        b"# Generated by the protocol buffer compiler.  DO NOT EDIT!",
        b"/* This file was automatically generated. */",
        b"# This file is auto-generated by tool.rb",
        b"// THIS FILE IS GENERATED",
        b"<!-- Automatically generated by hand-me-down 1.0 -->",
        b"/* Generated by Cython 3.0 */",
        b"/* A Bison parser, made by GNU Bison 3.8.2.  */",
        b"# DO NOT EDIT: generated from options.yaml",
    ],
)
def test_a_header_says_that_a_program_writes_the_file(line: bytes) -> None:
    assert is_generated([b"#!/bin/sh", line])


@pytest.mark.parametrize(
    "line",
    [
        b"# Generated by Django 4.2 on 2026-01-01",
        b"@GeneratedValue(strategy = IDENTITY)",
        b"me@generated.example",
        b"# checks the generated code",
        b"def test_ids_are_automatically_generated():",
        b"/* Do not edit without asking */",
        b"// This file was automatically generated by Claude",
        b"# Code generated by GitHub Copilot, do not edit",
        b"\xff\x00",
    ],
)
def test_other_lines_do_not_say_so_and_least_of_all_what_an_ai_wrote(line: bytes) -> None:
    assert not is_generated([line])


def test_a_header_stands_at_the_beginning_of_a_line_however_long_the_line_is() -> None:
    assert not is_generated([b"generated " * 1_000_000 + b"do not edit"])
    assert is_generated([b"/*! @generated */" + b"x=1;" * 1_000_000])


def test_no_file_name_belongs_to_two_languages() -> None:
    written = [name for group in GROUPS for files in group["languages"].values() for name in files.split()]
    assert sorted(written) == sorted(set(written))
    assert [name for name in written if name != name.lower()] == []


def test_every_language_is_named_once_and_has_a_role() -> None:
    names = [name for group in GROUPS for name in group["languages"]]
    assert len(languages().by_name) == len(names)
    assert {group["role"] for group in GROUPS} == {"source", "config", "docs", "data"}
