"""Every sentence of the agent in Chinese, by its English text. Pure data; a test keeps it complete."""

from __future__ import annotations

from typing import Dict

CHINESE: Dict[str, str] = {}
