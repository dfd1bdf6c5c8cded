"""The application: routes, what guards them, and what answers when something goes wrong."""

from __future__ import annotations

from importlib import import_module, resources

from fastapi import FastAPI
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.staticfiles import StaticFiles

from basivert.edge.store.store import Store
from basivert.edge.web import errors
from basivert.edge.web.headers import Guarded
from basivert.edge.web.log import Logged
from basivert.edge.web.settings import Settings
from basivert.edge.web.site import Site

# Forms are small; a photograph is the largest thing that anybody sends.
_MB = 1_000_000
ROUTES = (
    "sign_in", "today", "patients", "candidacy", "preparation", "sheets", "procedure",
    "procedure_note", "procedure_plan", "procedure_log", "record", "aftercare", "alerts", "arrival",
    "my", "outcomes", "registry", "questions", "accounts", "own_account", "trail", "clinic",
    "rules", "api",
)  # fmt: skip


def create_app(store: Store, settings: Settings) -> FastAPI:
    """The pages over an open store; what a route needs is found at `app.state.site`."""
    # The pages that describe the interface load from elsewhere; the description itself stays.
    app = FastAPI(
        title="basivert", version="1", docs_url=None, redoc_url=None,
        description="Research use only. Not a medical device.",
    )  # fmt: skip
    app.state.site = Site(store=store, settings=settings)
    errors.install(app)
    for name in ROUTES:
        app.include_router(import_module(f"basivert.edge.web.routes.{name}").router)
    static = resources.files("basivert.edge.web") / "static"
    app.mount("/static", StaticFiles(directory=str(static)), name="static")
    app.add_middleware(Guarded, largest_body=(settings.largest_photo_mb + 1) * _MB)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(settings.hosts))
    app.add_middleware(Logged)
    return app
