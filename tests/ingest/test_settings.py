import dataclasses
import re
import stat
import types
import typing
from datetime import date
from pathlib import Path

import pytest

from ingest import settings
from ingest.errors import SettingsError
from ingest.settings import (
    Attribution,
    Causes,
    Drop,
    Organisation,
    Privacy,
    Quota,
    Report,
    Repository,
    Settings,
    Sources,
)

EXAMPLE = Path(__file__).parents[2] / "settings.example.toml"
SHOP = '[[repositories]]\nname = "shop"\nlocation = "../shop"\n'


def written(folder: Path, text: str | bytes) -> Path:
    file = folder / "settings.toml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def test_an_empty_file_means_the_defaults_beside_it(tmp_path: Path) -> None:
    file = written(tmp_path, "")
    assert settings.load(file) == Settings(
        Organisation("Our organisation", tmp_path / "data"), report=Report(tmp_path / "data/exports"), file=file
    )
    assert settings.load(file).warehouse == tmp_path / "data" / "warehouse"


def test_everything_can_be_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ann")
    text = """
        [organisation]
        name = "Acme"
        data = "/srv/twinledger"
        [[repositories]]
        name = "team/shop"
        location = "https://example.com/acme/shop.git"
        branch = "trunk"
        services = ["api", "web"]
        service_paths = {"/api/" = "api"}
        [sources.drop]
        folder = "~/drop"
        production_environments = ["live"]
        other_environments = []
        [targets]
        weekly_active = 1
        [attribution]
        ai_era_starts = 2023-01-01
        rules = "rules.yaml"
        complete_since = {"team/shop" = 2026-07-01}
        [privacy]
        minimum_group = 8
        person_key_env = "KEY"
        [report]
        folder = "../reports"
        [quota]
        days_a_week = 3
        [severities]
        blocker = 1
        [causes]
        deployment_window_hours = 36
    """
    file = written(tmp_path, b"\xef\xbb\xbf" + text.encode())
    assert settings.load(file) == Settings(
        Organisation("Acme", Path("/srv/twinledger")),
        (Repository("team/shop", "https://example.com/acme/shop.git", "trunk", ("api", "web"), {"/api/": "api"}),),
        Sources(Drop(Path("/home/ann/drop"), ("live",), ())),
        {"weekly_active": 1.0},
        {"blocker": 1.0},
        Attribution(date(2023, 1, 1), tmp_path / "rules.yaml", {"team/shop": date(2026, 7, 1)}),
        Privacy(8, "KEY"),
        Report(tmp_path / "../reports"),
        Quota(3),
        Causes(36),
        file,
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[organisation\n", "{file} is not valid TOML: "),
        (b"\xff", "{file} is not valid TOML: "),
        ("organisation = 3\n", "{file}: organisation must be a table. Write [organisation] above its keys."),
        ("[organisations]\n", "{file}: organisations is not a setting. Did you mean organisation?"),
        ("[organisation]\nnam = 'x'\n", "{file}: organisation.nam is not a setting. Did you mean name?"),
        ("[organisation]\nzzz = 1\n", "{file}: organisation.zzz is not a setting. Remove it; known here: name, data."),
        ("file = 'x'\n", "{file}: file is not a setting. Remove it; known here: organisation, repositories, sources, "),
        ("[sources.drop]\n", "{file}: sources.drop.folder is missing. Add a line: folder = ..."),
        ("[sources.drop]\nfolder = 3\n", "{file}: sources.drop.folder is 3, which does not fit. Write a path in "),
        ("[sources]\ndrop = 'x'\n", "{file}: sources.drop must be a table. Write [sources.drop] above its keys."),
        ("[[repositories]]\nname = 'a'\n", "{file}: repositories[1].location is missing. Add a line: location = ..."),
        ("[repositories]\n", "{file}: repositories must be a list. Write it as [[repositories]] tables."),
        ("repositories = ['shop']\n", "{file}: repositories[1] must be a table. "),
        (SHOP + "services = 'api'\n", "{file}: repositories[1].services must be a list. Write repositories[1].services = ["),
        (SHOP + "services = [3]\n", '{file}: repositories[1].services[1] is 3, which does not fit. Write text in "quotes".'),
        (SHOP + "branch = true\n", '{file}: repositories[1].branch is True, which does not fit. Write text in "quotes".'),
        (SHOP + SHOP, "{file}: repositories[2].name 'shop' is taken already. Give each repository its own name."),
        ("[targets]\nweekly_active = '80%'\n", "{file}: targets.weekly_active is '80%', which does not fit. Write a number."),
        ("[targets]\nweekly_active = 80\n", "{file}: targets.weekly_active is 80.0. Write a share from 0 to 1, as 0.80."),
        ("[targets]\nweekly_active = nan\n", "{file}: targets.weekly_active is nan. Write a share from 0 to 1, as 0.80."),
        ("[targets]\nweekly_active = true\n", "{file}: targets.weekly_active is True, which does not fit. Write a number."),
        ("targets = 0.8\n", "{file}: targets must be a table. Write [targets] above its keys."),
        ("[attribution]\nai_era_starts = 3\n", "{file}: attribution.ai_era_starts is 3, which does not fit. Write a date "),
        ("[attribution]\nai_era_starts = 2021-06-29T00:00:00\n", "{file}: attribution.ai_era_starts is datetime."),
        ("[attribution.complete_since]\nshop = 1\n", "{file}: attribution.complete_since.shop is 1, which does not fit. "),
        ("[attribution.complete_since]\nshop = 2026-01-01\n", "{file}: attribution.complete_since.shop names no repository "),
        (SHOP + "[attribution]\ncomplete_since = 2026-01-01\n", "{file}: attribution.complete_since must be a table. "),
        ("[privacy]\nminimum_group = 0\n", "{file}: privacy.minimum_group must lie between 1 and 1,000,000. 5 is the default."),
        ("[privacy]\nminimum_group = 99999999999\n", "{file}: privacy.minimum_group must lie between 1 and 1,000,000. "),
        (
            "[causes]\ndeployment_window_hours = 721\n",
            "{file}: causes.deployment_window_hours must lie between 0 and 720. 24 is the default.",
        ),
        ("[quota]\ndays_a_week = 8\n", "{file}: quota.days_a_week must lie between 1 and 7. 1 is the default."),
        ("[quota]\ndays_a_week = 0\n", "{file}: quota.days_a_week must lie between 1 and 7. 1 is the default."),
        ("[privacy]\nminimum_group = 5.5\n", "{file}: privacy.minimum_group is 5.5, which does not fit. Write a whole number."),
    ],
)  # fmt: skip
def test_a_problem_names_key_file_and_remedy(tmp_path: Path, text: str | bytes, said: str) -> None:
    file = written(tmp_path, text)
    with pytest.raises(SettingsError) as caught:
        settings.load(file)
    assert str(caught.value).startswith(said.format(file=file))


def test_a_file_that_is_not_there_or_cannot_be_read_says_so(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        settings.load(tmp_path / "none.toml")
    assert str(caught.value) == (
        f"{tmp_path}/none.toml does not exist. Write one with `twinledger init PATH...`, or name yours with --settings."
    )
    with pytest.raises(SettingsError) as caught:
        settings.load(tmp_path)
    assert str(caught.value) == (
        f"{tmp_path} cannot be read: Is a directory. Mend its permissions or name another with --settings."
    )


@pytest.mark.parametrize(
    "name",
    [
        "", ".", "..", ".git", "-x", "a/../b", "a..b", "/abs", "a/", "a//b", "a/.b", "a/-b", "a.git/b", "a:b", "a\\\\b",
        "a*", "a\\nb", "a\\u001bb", "a\\u0000b",
    ],
)  # fmt: skip
def test_a_name_that_is_no_folder_is_refused(tmp_path: Path, name: str) -> None:
    file = written(tmp_path, f'[[repositories]]\nname = "{name}"\nlocation = "x"\n')
    with pytest.raises(SettingsError, match=r"repositories\[1\]\.name .* cannot be a name. Use letters, digits, "):
        settings.load(file)


@pytest.mark.parametrize("name", ["shop", "team/shop", "a.b", "a_b-c", "shop.git", "größe", "two words"])
def test_an_ordinary_name_will_do(tmp_path: Path, name: str) -> None:
    file = written(tmp_path, f'[[repositories]]\nname = "{name}"\nlocation = "x"\n')
    assert settings.load(file).repositories == (Repository(name, "x"),)


@pytest.mark.parametrize("location", ["", "ext::sh -c evil", "EXT::evil", "::evil", "--upload-pack=evil", "-x"])
def test_a_location_that_would_run_something_is_refused(tmp_path: Path, location: str) -> None:
    file = written(tmp_path, f'[[repositories]]\nname = "shop"\nlocation = "{location}"\n')
    with pytest.raises(SettingsError) as caught:
        settings.load(file)
    assert str(caught.value) == (
        f"{file}: repositories[1].location {location!r} is not a location we open. Use a folder or a URL."
    )


@pytest.mark.parametrize("location", ["/srv/a::b", "ssh://git@[::1]/shop.git", "git@example.com:acme/shop.git"])
def test_two_colons_elsewhere_are_nothing_special(tmp_path: Path, location: str) -> None:
    file = written(tmp_path, f'[[repositories]]\nname = "shop"\nlocation = "{location}"\n')
    assert settings.load(file).repositories[0].location == location


def test_the_key_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    made = Settings(Organisation(data=tmp_path / "data"))
    key = settings.person_key(made)
    assert len(bytes.fromhex(key.decode())) == 32
    assert settings.person_key(made) == key
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["person.key"]
    assert stat.S_IMODE((tmp_path / "data" / "person.key").stat().st_mode) == 0o600


def test_an_empty_key_is_refused(tmp_path: Path) -> None:
    (tmp_path / "person.key").touch()
    with pytest.raises(SettingsError, match=r"person\.key is empty, .*Put the key back from a backup"):
        settings.person_key(Settings(Organisation(data=tmp_path)))


def test_the_key_may_come_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    named = Settings(Organisation(data=tmp_path), privacy=Privacy(person_key_env="KEY"), file=Path("settings.toml"))
    for value in ("", None):
        monkeypatch.setenv("KEY", value) if value is not None else monkeypatch.delenv("KEY")
        with pytest.raises(SettingsError) as caught:
            settings.person_key(named)
        assert str(caught.value) == (
            "settings.toml: privacy.person_key_env names KEY, which is not set. "
            "Export it, or remove the key to have one made and kept beside the warehouse."
        )
    monkeypatch.setenv("KEY", "secret")
    assert settings.person_key(named) == b"secret"
    assert list(tmp_path.iterdir()) == []


def keys(cls: type, prefix: str = "") -> list[str]:
    """Every key that a dataclass of settings knows, as the file spells it."""
    found = []
    for name, hint in typing.get_type_hints(cls).items():
        parts = [hint, *typing.get_args(hint)] if isinstance(hint, types.UnionType) else [hint]
        parts += [part for part in typing.get_args(hint) if typing.get_origin(hint) is tuple]
        nested = [part for part in parts if dataclasses.is_dataclass(part)]
        found += keys(typing.cast("type", nested[0]), f"{prefix}{name}.") if nested else [f"{prefix}{name}"]
    return [key for key in found if key != "file"]


@pytest.mark.parametrize("key", keys(Settings))
def test_the_example_shows_every_key_with_a_word_about_it(key: str) -> None:
    table, _, name = key.rpartition(".")
    lines = EXAMPLE.read_text("utf-8").splitlines()
    header = lines.index(f"[{key}]" if not table else f"[[{table}]]" if table == "repositories" else f"[{table}]")
    if not table:
        assert lines[header - 1].startswith("# ")
        return
    shown = next(number for number in range(header, len(lines)) if re.match(rf"(# )?{name} = ", lines[number]))
    assert not any(line.startswith("[") for line in lines[header + 1 : shown])
    assert lines[shown - 1].startswith("# ") or lines[header - 1].startswith("# ")


def test_the_example_loads_as_it_stands_and_with_everything_switched_on(tmp_path: Path) -> None:
    text = EXAMPLE.read_text("utf-8")
    as_it_stands = settings.load(written(tmp_path, text))
    assert [repository.name for repository in as_it_stands.repositories] == ["shop", "library"]
    everything = settings.load(written(tmp_path, re.sub(r"(?m)^# (?=\w+ = )", "", text)))
    assert everything == dataclasses.replace(
        as_it_stands,
        repositories=(
            Repository("shop", "../shop", "main", ("shop-api", "shop-web"),
                   {"/api/": "shop-api", "/web/": "shop-web", "/common/": "shop-web"}), as_it_stands.repositories[1],
        ),
        attribution=dataclasses.replace(
            as_it_stands.attribution, rules=tmp_path / "rules.yaml", complete_since={"shop": date(2026, 7, 1)}
        ),
        severities={"SEV1": 1.0},
        privacy=dataclasses.replace(as_it_stands.privacy, person_key_env="TWINLEDGER_PERSON_KEY"),
    )  # fmt: skip
