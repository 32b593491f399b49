"""Private addresses are refused, however they are written."""

from __future__ import annotations

import pytest
from scrapy import Request
from scrapy.http import Response
from scrapy.utils.test import get_crawler

from newsspider.downloadermiddlewares.addresses import AddressMiddleware, is_private_host
from newsspider.downloadermiddlewares.refusals import RefusedError
from newsspider.spiders.news import NewsSpider


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f.0.0.1",
        "0x7f000001",
        "0177.0.0.1",
        "0",
        "0.0.0.0",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::1",
        "[::1]",
        "::ffff:127.0.0.1",
        "::ffff:7f00:1",
        "fe80::1",
        "fe80::1%eth0",
        "fc00::1",
        "ff02::1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "localhost",
        "www.localhost",
        "printer.local",
        "metadata.google.internal",
        "localhost.",
        "WWW.LocalHost.",
        "127.0.0.1.",
        "127.1..",
        "１２７.0.0.1",
        "192.0.0.192",
        "192.88.99.1",
        "198.18.0.1",
        "203.0.113.7",
        "fec0::1",
        "3fff::1",
        "2001:db8::1",
        "2001:20::1",
        "5f00::1",
        "100::1",
        "::7f00:1",
        "64:ff9b:1::a00:1",
        "64:ff9b::c000:c0",
        "2001:0:4136:e378:8000:63bf:80ff:fffe",
        "2400:3200::5efe:a00:1",
        "intranet",
        "",
    ],
)
def test_private_hosts_are_recognised(host):
    assert is_private_host(host)


@pytest.mark.parametrize(
    "host",
    [
        *(
            "www.linhe-news.example",
            "8.8.8.8",
            "1.1.1.1",
            "2606:4700::1111",
            "163.com",
            "localhost.com",
            "10jqka.com.cn",
        ),
        *(
            "192.0.1.1",
            "192.89.99.1",
            "100.128.0.1",
            "2001:200::1",
            "2400:3200::1",
            "64:ff9b::808:808",
            "::ffff:8.8.8.8",
        ),
        *("2002:808:808::1", "163.com.", "8.8.8.8.", "3fff.example"),
    ],
)
def test_public_hosts_are_not(host):
    assert not is_private_host(host)


@pytest.fixture
def addresses():
    crawler = get_crawler(NewsSpider)
    crawler.spider = crawler._create_spider(url="http://127.0.0.1/")
    return AddressMiddleware(crawler)


@pytest.mark.parametrize(
    "url",
    [
        "http://192.168.0.1/",
        "http://[::1]/",
        "http://2130706433/",
        "http://localhost.:8000/",
        "http://10.0.0.8./",
        "http://192.0.0.192/latest/",
        "ftp://www.linhe-news.example/",
        "file:///etc/passwd",
    ],
)
def test_a_request_to_a_private_address_or_another_scheme_is_refused(addresses, url):
    with pytest.raises(RefusedError):
        addresses.process_request(Request(url, meta={"newsspider": {"kind": "article"}}))


def test_a_typed_host_may_be_private(addresses):
    assert addresses.process_request(Request("http://127.0.0.1:8000/")) is None
    assert addresses.process_request(Request("http://127.0.0.1.:8000/")) is None


def test_a_proxy_opens_no_way_to_private_addresses(addresses):
    for host in ("10.0.0.8.", "localhost.", "192.0.0.192", "[fec0::1]"):
        with pytest.raises(RefusedError):
            addresses.process_request(Request(f"http://{host}/", meta={"proxy": "http://proxy.example:3128"}))


def test_an_answer_from_a_private_address_is_thrown_away(addresses):
    import ipaddress

    request = Request("http://www.linhe-news.example/")
    response = Response(request.url, ip_address=ipaddress.ip_address("10.0.0.8"))
    with pytest.raises(RefusedError):
        addresses.process_response(request, response)
    proxied = request.replace(meta={"proxy": "http://10.0.0.8:3128"})
    assert addresses.process_response(proxied, response) is response
