"""The server: the pages, and `/healthz` for whoever watches over it."""

import os
from pathlib import Path

import streamlit as st
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from dashboard import published


def healthz(_: Request) -> JSONResponse:
    """Alive, and which generation is published; 503 while there is none to show."""
    file = published.generation(Path(os.environ["TWINLEDGER_WAREHOUSE"]))
    said = {"status": "ok" if file else "nothing published yet", "generation": file.name if file else None}
    return JSONResponse(said, status_code=200 if file else 503)


app = st.App(Path(__file__).with_name("app.py"), routes=[Route("/healthz", healthz)])
