"""The waterfall of the costliest new regression as PNG: Plotly's own figure, drawn by Chromium where there is one."""

from __future__ import annotations

import logging
from typing import Any

from django.utils.translation import gettext as _

from diagnostics import pictures
from diagnostics.comparison_figures import side_by_side
from diagnostics.delivery import Attachment
from diagnostics.models import Launch
from diagnostics.pictures import NoPicture
from diagnostics.reporting.content import Content, Waterfall

logger = logging.getLogger(__name__)

WIDTH = 1000


def attachment(content: Content) -> tuple[Attachment | None, str]:
    """The picture, or none and the reason as a sentence for the report's log. Never raises, never takes long."""
    told = next((one.detail.waterfall for one in content.new if one.detail and one.detail.waterfall), None)
    if told is None:
        return None, ""
    if pictures.browser() is None:
        return None, _("No picture is attached: Chromium is not installed here.")
    try:
        return Attachment("waterfall.png", "image/png", pictures.drawn(figure(told), "png")), ""
    except Exception as error:  # a picture is never worth a report
        logger.warning("A report goes out without its picture", exc_info=not isinstance(error, NoPicture))
        return None, _("No picture is attached: %(why)s.") % {"why": str(error) or type(error).__name__}


def figure(told: Waterfall) -> dict[str, Any]:
    """Baseline over candidate as the compare page draws it, in the light theme's colours. Raises ``NoPicture``."""
    from diagnostics.charts.theme import plain  # plotly takes its time to import

    launches = {str(pk): one for pk, one in Launch.objects.in_bulk([told.baseline, told.candidate]).items()}
    if len(launches) < 2:
        raise NoPicture(_("its launches are gone"))
    spec = plain(side_by_side(launches[told.baseline], launches[told.candidate], WIDTH), "light")
    spec["layout"]["width"] = WIDTH
    return spec
