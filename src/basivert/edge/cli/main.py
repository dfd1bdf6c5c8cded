"""Entry of the command line: errors become one sentence and an exit code, in one place."""

from __future__ import annotations

import json
import os
import signal
import sys
from typing import NoReturn

CANCELLED = 130


def run() -> None:
    """Run the command line; never shows a traceback for an error raised on purpose."""
    from basivert.edge.cli.app import app

    # Vertebrae and draws run side by side; threads of linear algebra on top of them, read when
    # NumPy is first loaded, mostly wait for each other.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # Being asked to end leaves as little behind as Ctrl-C does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        # typer turns Ctrl-C into a returned code when it may not end the program itself.
        code = app(standalone_mode=False)
        if code == CANCELLED:
            _cancelled()
        sys.exit(code or 0)
    except KeyboardInterrupt:
        _cancelled()
    except SystemExit:
        raise
    except Exception as problem:
        _report(problem)


def _report(problem: Exception) -> None:
    from basivert.errors import BasivertError

    if isinstance(problem, BasivertError):
        _fail(problem.exit_code, problem.code, problem.what, problem.fix)
    # typer may carry its own copy of click, so its classes are told by name.
    kinds = {kind.__name__ for kind in type(problem).__mro__}
    if "Exit" in kinds:
        sys.exit(getattr(problem, "exit_code", 0))
    if "Abort" in kinds:
        _cancelled()
    if isinstance(problem, OSError):
        place = f" ({problem.filename})" if problem.filename else ""
        _fail(6, "service", f"The system refused: {problem.strerror or problem}{place}.",
              "Nothing half-written was left; look at space and rights.")  # fmt: skip
    if "ClickException" in kinds:
        _misused(problem)
    raise problem


def _misused(problem: Exception) -> NoReturn:
    """Tell a wrong command line, and whose help says more."""
    what = str(getattr(problem, "format_message", str)())
    path = str(getattr(getattr(problem, "ctx", None), "command_path", "")).split()[1:]
    helped = " ".join(("basivert", *path, "--help"))
    if not what.strip():
        # No word at all was given: the help that was shown is the whole answer.
        if "--json" in sys.argv:
            _fail(2, "usage", "No command was given.", helped)
        sys.exit(2)
    _fail(2, "usage", what, helped)


def _cancelled() -> NoReturn:
    _fail(CANCELLED, "cancelled", "Cancelled. Nothing half-written was left.", "")


def _fail(code: int, word: str, what: str, fix: str) -> NoReturn:
    if "--json" in sys.argv:
        error = {"error": {"code": word, "what": what, "fix": fix, "exit_code": code}}
        sys.stdout.write(json.dumps(error) + "\n")
    sys.stderr.write(f"basivert: {what}\n" + (f"  {fix}\n" if fix else ""))
    sys.exit(code)
