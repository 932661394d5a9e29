"""The server before and after the first publish, and who can reach it."""

import json
import socket
from collections.abc import Callable
from urllib.parse import urlsplit

from tests.dashboard.conftest import Site, answer, served


def test_a_server_that_was_there_first_takes_up_the_first_generation(site: Callable[..., Site]) -> None:
    small = site()
    with served(small) as address:
        status, said = answer(f"{address}/healthz")
        assert (status, json.loads(said)) == (503, {"status": "nothing published yet", "generation": None})

        small.ingest()

        status, said = answer(f"{address}/healthz")
        assert (status, json.loads(said)) == (200, {"status": "ok", "generation": small.generation.name})

        small.generation.unlink()
        assert answer(f"{address}/healthz")[0] == 503


def test_the_server_listens_on_this_machine_only(server: str) -> None:
    port = urlsplit(server).port
    assert port is not None

    with socket.create_connection(("127.0.0.1", port), timeout=5):
        pass
    # Whoever listens everywhere listens here as well.
    for elsewhere in ("127.0.0.2", socket.gethostbyname(socket.gethostname())):
        if elsewhere != "127.0.0.1":
            with socket.socket() as stranger:
                stranger.settimeout(5)
                assert stranger.connect_ex((elsewhere, port)) != 0
