"""The waterfall of the costliest new regression as PNG: Plotly's own figure, drawn by Chromium where there is one."""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson
from django.utils.translation import gettext as _

from diagnostics.delivery import Attachment
from diagnostics.figures import View, waterfall_bars
from diagnostics.models import Launch
from diagnostics.records import Interval
from diagnostics.reporting.content import Content, Waterfall

logger = logging.getLogger(__name__)

BROWSERS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
SECONDS = 60
WIDTH = 1000


class NoPicture(Exception):
    """Why there is none."""


def attachment(content: Content) -> tuple[Attachment | None, str]:
    """The picture, or none and the reason as a sentence for the report's log. Never raises, never takes long."""
    drawn = next((one.detail.waterfall for one in content.new if one.detail and one.detail.waterfall), None)
    if drawn is None:
        return None, ""
    browser = find()
    if browser is None:
        return None, _("No picture is attached: Chromium is not installed here.")
    try:
        return Attachment("waterfall.png", "image/png", png(figure(drawn), browser)), ""
    except Exception as error:  # a picture is never worth a report
        logger.warning("A report goes out without its picture", exc_info=not isinstance(error, NoPicture))
        return None, _("No picture is attached: %(why)s.") % {"why": str(error) or type(error).__name__}


def find() -> str | None:
    """CHROMIUM, else the system's."""
    named = os.environ.get("CHROMIUM")
    if named:
        return named if os.access(named, os.X_OK) else None
    return next((path for name in BROWSERS if (path := shutil.which(name))), None)


def figure(told: Waterfall) -> dict[str, Any]:
    """Baseline over candidate as the compare page draws it, in the light theme's colours. Raises ``NoPicture``."""
    from diagnostics.charts.comparison import aligned  # plotly takes its time to import
    from diagnostics.charts.theme import resolved

    launches = {str(pk): one for pk, one in Launch.objects.in_bulk([told.baseline, told.candidate]).items()}
    if len(launches) < 2:
        raise NoPicture(_("its launches are gone"))
    sides = [launches[told.baseline], launches[told.candidate]]
    view = View(width=WIDTH, ghosts=False)
    bars = [waterfall_bars(one, Interval(one.start_time, one.ready_time), view) for one in sides]
    drawn = aligned(bars[0], bars[1], origins=(sides[0].start_time, sides[1].start_time), width=WIDTH)
    plain: dict[str, Any] = resolved(drawn.to_dict(), "light")
    plain["layout"] |= {"width": WIDTH, "paper_bgcolor": "#ffffff", "plot_bgcolor": "#ffffff"}
    return plain


def png(figure: dict[str, Any], browser: str, seconds: float = SECONDS) -> bytes:
    """Drawn in a process group of its own, which is ended when the time is over. Raises ``NoPicture``."""
    child = subprocess.Popen(
        [sys.executable, "-m", "diagnostics.charts.png", browser],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=Path(__file__).resolve().parents[2],
        start_new_session=True,
    )
    try:
        image, error = child.communicate(orjson.dumps(figure, option=orjson.OPT_SERIALIZE_NUMPY), seconds)
    except subprocess.TimeoutExpired:
        raise NoPicture(_("Chromium did not finish it in time")) from None
    finally:
        _end(child)
    if child.returncode or not image.startswith(b"\x89PNG"):
        raise NoPicture(error.decode(errors="replace").strip().rpartition("\n")[2][:200] or _("Chromium drew nothing"))
    return image


def _end(child: subprocess.Popen[bytes]) -> None:
    """The child; its browser, whose pipe to it is then closed, follows."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
