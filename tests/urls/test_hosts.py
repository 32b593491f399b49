"""Registered domains and public IP addresses."""

import pytest

from newsspider.urls import (
    is_public_ip,
    registered_domain,
)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("https://news.a.com.cn/x", "a.com.cn"),
        ("www.gov.cn", "www.gov.cn"),
        ("a.b.sample.example", "sample.example"),
        ("127.0.0.1:8080", "127.0.0.1"),
        ("http://[::1]:80/", "::1"),
        ("localhost", "localhost"),
        ("NEWS.A.COM.", "a.com"),
        ("", ""),
    ],
)
def test_registered_domain(host: str, expected: str) -> None:
    assert registered_domain(host) == expected


@pytest.mark.parametrize(
    ("ip", "is_public"),
    [
        ("8.8.8.8", True),
        ("2606:4700::1111", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("::1", False),
        ("::ffff:127.0.0.1", False),
        ("64:ff9b::7f00:1", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("2002:7f00:1::", False),
        ("news.example", False),
    ],
)
def test_is_public_ip(ip: str, is_public: bool) -> None:
    assert is_public_ip(ip) is is_public
