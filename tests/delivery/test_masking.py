"""Secrets are recognised in whichever spelling a text quotes them."""

from __future__ import annotations

import pytest

from diagnostics.delivery.masking import masked, shown_address

SECRETS = {
    "url": "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=693a91f6-7xxx",
    "teams": "https://prod.example.com:443/workflows/0a1b2c3d/triggers/manual/invoke?api-version=1&sig=a%2Fb%2Bc%3Dd12",
    "password": "p@ss wörd/1",
    "authorization": "Bearer abcdef123456",
}


@pytest.mark.parametrize(
    "text",
    [
        "POST https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=693a91f6-7xxx failed",
        "no route for /cgi-bin/webhook/send?key=693a91f6-7xxx",
        "key 693a91f6-7xxx is unknown",
        "workflow 0a1b2c3d is off",
        "sig=a%2Fb%2Bc%3Dd12",
        "signature a/b+c=d12 is wrong",
        "password p@ss wörd/1 is wrong",
        "password p%40ss%20w%C3%B6rd%2F1 is wrong",
        "token abcdef123456",
    ],
)
def test_no_secret_is_left(text: str) -> None:
    told = masked(text, SECRETS)
    assert "•••" in told
    for secret in ("693a91f6", "0a1b2c3d", "d12", "rd/1", "rd%2F1", "abcdef123456"):
        assert secret not in told


def test_other_words_stay() -> None:
    assert masked("invalid webhook url of qyapi.weixin.qq.com", SECRETS) == "invalid webhook url of qyapi.weixin.qq.com"


def test_of_an_address_only_the_host_is_shown() -> None:
    assert shown_address(SECRETS["url"]) == "https://qyapi.weixin.qq.com/•••"
    assert shown_address("http://127.0.0.1:9000/x?y=z") == "http://127.0.0.1:9000/•••"
    assert shown_address("http://[::1]:9000/x") == "http://[::1]:9000/•••"
