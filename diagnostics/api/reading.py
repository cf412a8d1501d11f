"""What comes in with a request, beside the files that are kept: JSON bodies and query parameters."""

from __future__ import annotations

from typing import Any

import jiter
from django.http import HttpRequest
from django.utils.datastructures import MultiValueDict
from ninja.parser import Parser

from diagnostics.api.body import read_body
from diagnostics.api.errors import ApiError


class ContractParser(Parser):
    """Bodies may be gzip or zstd here as well; what is said twice must not be answered as if it was said once."""

    def parse_body(self, request: HttpRequest) -> Any:
        try:
            # Exact beyond 64 bits, and lone surrogates, which no database holds, are refused.
            return jiter.from_json(read_body(request, ends_itself=True), allow_inf_nan=False)
        except ValueError as error:
            raise ApiError(400, "invalid_json", f"This is no JSON: {error}", "body") from None

    def parse_querydict(
        self, data: MultiValueDict[str, Any], list_fields: list[str], request: HttpRequest
    ) -> dict[str, Any]:
        for name in data:
            if name not in list_fields and len(data.getlist(name)) > 1:
                raise ApiError(422, "invalid_parameter", f"“{name[:60]}” is given more than once", name[:60])
        return super().parse_querydict(data, list_fields, request)
