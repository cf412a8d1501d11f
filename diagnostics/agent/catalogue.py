"""Every sentence of the agent in Chinese, by its English text. Pure data; a test keeps it complete."""

from __future__ import annotations

from typing import Dict

from diagnostics.agent.catalogue_checks import CHINESE_CHECKS
from diagnostics.agent.catalogue_compare import CHINESE_COMPARE
from diagnostics.agent.catalogue_help import CHINESE_HELP
from diagnostics.agent.catalogue_launch import CHINESE_LAUNCH
from diagnostics.agent.catalogue_results import CHINESE_RESULTS

CHINESE: Dict[str, str] = {**CHINESE_HELP, **CHINESE_CHECKS, **CHINESE_RESULTS, **CHINESE_LAUNCH, **CHINESE_COMPARE}
