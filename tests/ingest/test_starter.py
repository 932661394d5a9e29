"""The first settings file."""

import dataclasses
import os
import subprocess
import tomllib
from datetime import date
from pathlib import Path

import pytest

from ingest import settings, starter
from ingest.errors import SettingsError


def git_repository(folder: Path, *options: str) -> str:
    subprocess.run(["git", "init", "--quiet", *options, str(folder)], check=True)
    return str(folder)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "settings.toml"


def repositories(file: Path) -> list[tuple[str, str]]:
    return [(repository.name, repository.location) for repository in settings.load(file).repositories]


def test_the_file_loads_with_the_repositories_and_every_default(tmp_path: Path, file: Path) -> None:
    starter.write(file, [git_repository(tmp_path / "shop")], force=False)

    assert settings.load(file) == dataclasses.replace(
        settings.Settings(),
        organisation=settings.Organisation(data=tmp_path / "data"),
        repositories=(settings.Repository("shop", "shop"),),
        report=settings.Report(folder=tmp_path / "data/exports"),
        file=file,
    )


def test_every_key_stands_in_it_with_its_default_when_it_is_switched_on(tmp_path: Path, file: Path) -> None:
    (tmp_path / "drop").mkdir()
    starter.write(file, [git_repository(tmp_path / "shop")], force=False)
    switched_on = [line.removeprefix("# ") if is_switched_off(line) else line for line in file.read_text().splitlines()]

    assert tomllib.loads("\n".join(switched_on)) == {
        "organisation": {"name": "Our organisation", "data": "data"},
        "repositories": [
            {
                "name": "shop",
                "location": "shop",
                "branch": "main",
                "services": ["shop"],
                "service_paths": {"/": "shop"},
            }
        ],
        "sources": {
            "drop": {
                "folder": "drop",
                "production_environments": list(settings.Drop.production_environments),
                "other_environments": list(settings.Drop.other_environments),
            }
        },
        "targets": {"weekly_active": 0.8},
        "quota": {"days_a_week": 1},
        "severities": {"SEV1": 1.0},
        "attribution": {
            "ai_era_starts": settings.AI_ERA_STARTS,
            "rules": "rules.yaml",
            "complete_since": {"shop": date(2026, 7, 1)},
        },
        "causes": {"deployment_window_hours": 24},
        "privacy": {"minimum_group": 5, "person_key_env": "TWINLEDGER_PERSON_KEY"},
        "report": {"folder": "data/exports"},
    }


def is_switched_off(line: str) -> bool:
    return line.startswith("# [") or (line.startswith("# ") and " = " in line)


@pytest.mark.parametrize("part", [item.name for item in dataclasses.fields(settings.Settings) if item.name != "file"])
def test_a_new_part_of_the_settings_must_be_shown_to_its_users(part: str, tmp_path: Path, file: Path) -> None:
    starter.write(file, [git_repository(tmp_path / "shop")], force=False)

    assert f"[{part}" in file.read_text()


@pytest.mark.parametrize(
    "part",
    [
        settings.Organisation,
        settings.Repository,
        settings.Drop,
        settings.Quota,
        settings.Attribution,
        settings.Causes,
        settings.Privacy,
        settings.Report,
    ],
)
def test_a_new_key_must_be_shown_to_its_users(part: type, tmp_path: Path, file: Path) -> None:
    starter.write(file, [git_repository(tmp_path / "shop")], force=False)
    shown = {line.removeprefix("# ").split(" = ")[0] for line in file.read_text().splitlines()}

    assert {item.name for item in dataclasses.fields(part)} <= shown


def test_the_drop_folder_is_switched_on_only_when_it_is_there(tmp_path: Path, file: Path) -> None:
    shop = git_repository(tmp_path / "shop")
    starter.write(file, [shop], force=False)
    without = settings.load(file)
    (tmp_path / "drop").mkdir()
    starter.write(file, [shop], force=True)

    assert without.sources.drop is None
    assert settings.load(file).sources.drop == settings.Drop(folder=tmp_path / "drop")


def test_folders_and_urls_are_named_after_their_last_part(tmp_path: Path, file: Path) -> None:
    paths = [
        git_repository(tmp_path / "shop"),
        git_repository(tmp_path / "till.git", "--bare"),
        git_repository(tmp_path / "stock") + "/.git",
        "https://code.example/teams/search.git",
        "git@code.example:teams/mail.git",
        "ssh://git@code.example/maps/",
    ]
    starter.write(file, paths, force=False)

    assert repositories(file) == [
        ("shop", "shop"),
        ("till", "till.git"),
        ("stock", "stock/.git"),
        ("search", "https://code.example/teams/search.git"),
        ("mail", "git@code.example:teams/mail.git"),
        ("maps", "ssh://git@code.example/maps/"),
    ]


def test_names_that_are_taken_get_a_number_whatever_their_case(tmp_path: Path, file: Path) -> None:
    paths = [git_repository(tmp_path / name) for name in ("a/shop", "b/shop-2", "c/Shop", "d/shop")]
    starter.write(file, paths, force=False)

    assert [name for name, _ in repositories(file)] == ["shop", "shop-2", "Shop-3", "shop-4"]


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("a shop: ours", "a-shop-ours"),
        ('quo"te\\back', "quo-te-back"),
        ("--upload", "upload"),
        ("a..b", "a.b"),
        ("?", "repository"),
        ("läden", "läden"),
        ("del\x7fete", "del-ete"),
        ("~root", "root"),
        ("me@host:shop", "me-host-shop"),
    ],
)
def test_odd_folders_get_a_plain_name_and_are_found_again(folder: str, name: str, tmp_path: Path, file: Path) -> None:
    starter.write(file, [git_repository(tmp_path / folder)], force=False)
    [(found, location)] = repositories(file)

    assert found == name
    assert (tmp_path / location).samefile(tmp_path / folder)
    assert not location.startswith("~")


def test_a_folder_nearby_is_relative_and_one_far_away_is_not(tmp_path: Path) -> None:
    file = tmp_path / "a/b/c/settings.toml"
    file.parent.mkdir(parents=True)
    near, far = git_repository(tmp_path / "a/shop"), git_repository(tmp_path / "till")
    starter.write(file, [near, far], force=False)

    assert repositories(file) == [("shop", "../../shop"), ("till", far)]


def test_the_current_folder_is_named_after_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git_repository(tmp_path / "shop")
    monkeypatch.chdir(tmp_path / "shop")
    starter.write(Path("settings.toml"), ["."], force=False)

    assert repositories(Path("settings.toml")) == [("shop", ".")]


def test_a_settings_folder_behind_a_symbolic_link_still_finds_the_repository(tmp_path: Path) -> None:
    shop = git_repository(tmp_path / "shop")
    (tmp_path / "elsewhere/deep").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere/deep")
    file = tmp_path / "link/settings.toml"
    starter.write(file, [shop], force=False)

    assert repositories(file) == [("shop", shop)]


def test_a_folder_for_the_file_is_made(tmp_path: Path) -> None:
    file = tmp_path / "new/settings.toml"
    starter.write(file, [git_repository(tmp_path / "shop")], force=False)

    assert file.is_file()


def test_a_file_that_is_there_stays_unless_forced(tmp_path: Path, file: Path) -> None:
    shop = git_repository(tmp_path / "shop")
    file.write_text("mine")

    with pytest.raises(SettingsError, match=r"settings.toml is there already. Add --force"):
        starter.write(file, [shop], force=False)
    assert file.read_text() == "mine"

    starter.write(file, [shop], force=True)
    assert repositories(file) == [("shop", "shop")]


def test_nothing_is_written_without_a_repository(file: Path) -> None:
    with pytest.raises(SettingsError, match=r"No repository was named. Name at least one"):
        starter.write(file, [], force=False)
    assert not file.exists()


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("nowhere", r"'nowhere' is not a folder. Name the folder of a git repository"),
        ("plain", r"plain is not a git repository. Name the folder that holds .git"),
        ("plain/note.txt", r"note.txt' is not a folder"),
        ("", r"'' is not a folder"),
        ("~nobody-of-this-name/shop", r"cannot be opened"),
        ("https://me:secret@code.example/shop.git", r"of https://code.example/shop.git holds .* Leave them out"),
        ("https://token@code.example/shop.git", r"of https://code.example/shop.git holds"),
        ("a::b", r"holds '::', after which git looks for a program to run. Rename the folder"),
        (os.fsdecode(b"caf\xe9"), r"is not UTF-8, .* Rename the folder"),
    ],
)
def test_what_cannot_be_read_later_is_refused_now(
    path: str, message: str, tmp_path: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "plain").mkdir()
    (tmp_path / "plain/note.txt").touch()
    git_repository(tmp_path / "a::b")
    git_repository(tmp_path / os.fsdecode(b"caf\xe9"))

    with pytest.raises(SettingsError, match=message) as raised:
        starter.write(file, [path], force=False)
    assert "secret" not in str(raised.value)
    assert not file.exists()


def test_a_repository_named_twice_is_refused(tmp_path: Path, file: Path) -> None:
    shop = git_repository(tmp_path / "shop")

    with pytest.raises(SettingsError, match=r"are the same repository. Name it once"):
        starter.write(file, [shop, f"{shop}/.git"], force=False)
    with pytest.raises(SettingsError, match=r"are the same repository"):
        starter.write(file, ["https://code.example/shop", "https://code.example/shop.git"], force=False)


def test_a_file_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "taken").touch()

    with pytest.raises(SettingsError, match=r"cannot be written: .* Mend its permissions, or name another file"):
        starter.write(tmp_path / "taken/settings.toml", [git_repository(tmp_path / "shop")], force=False)
