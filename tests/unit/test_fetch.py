"""Which addresses are fetched at all. Nothing is sent here: tests/integration/test_fetch.py does that."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from socket import gaierror

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from summarizer.article.fetch import Fetcher, is_public, system_resolve
from summarizer.errors import FetchBlocked, FetchFailed, SettingsError
from summarizer.settings import FetchSettings, load_settings

PUBLIC = ["1.1.1.1", "93.184.215.14", "172.15.0.1", "172.32.0.1", "2606:4700::1111", "2a00:1450:4001::200e"]
PRIVATE_NETWORKS = """
0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 168.63.129.16/32 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24
192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4
::/128 ::1/128 ::/96 ::ffff:10.0.0.0/104 64:ff9b::127.0.0.0/104 64:ff9b:1::/48 100::/64 2001::/23 2001:db8::/32
2002::/16 3fff::/20 4000::/2 5f00::/16 fc00::/7 fe80::/10 fec0::/10 ff00::/8
""".split()


@pytest.mark.parametrize("address", PUBLIC)
def test_an_address_of_the_internet_is_public(address):
    assert is_public(address)


@pytest.mark.parametrize("network", PRIVATE_NETWORKS)
def test_no_address_of_a_special_network_is_public(network):
    network = ip_network(network)
    assert not is_public(str(network[0]))
    assert not is_public(str(network[-1]))
    assert not is_public(str(network[network.num_addresses // 2]))


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_is_judged_alike_in_every_wrapping(inner):
    value = int(inner)
    assert is_public(f"::ffff:{inner}") == is_public(f"64:ff9b::{inner}") == is_public(str(inner))
    for wrapped in (
        IPv6Address(value),  # "IPv4-compatible"
        IPv6Address(0x2002 << 112 | value << 80),  # 6to4
        IPv6Address(0x20010000 << 96 | value << 64 | value ^ 0xFFFF_FFFF),  # Teredo
        IPv6Address(0x0064_FF9B_0001 << 80 | value),  # NAT64 of one network
        IPv6Address(0xFFFF_0000 << 32 | value),  # "IPv4-translated"
    ):
        assert not is_public(str(wrapped))


@given(st.ip_addresses(), st.sampled_from(["eth0", "1", "25"]))
def test_what_is_public_is_global_and_has_no_zone(address, zone):
    if is_public(str(address)):
        inner = address
        if isinstance(address, IPv6Address) and address not in ip_network("2000::/3"):
            inner = IPv4Address(int(address) & 0xFFFF_FFFF)
        assert inner.is_global
        assert not inner.is_multicast
    if isinstance(address, IPv6Address):
        assert not is_public(f"{address}%{zone}")


class Nowhere(httpx.AsyncBaseTransport):
    """Nothing may be sent."""

    async def handle_async_request(self, request):
        raise AssertionError("something was sent")


def fetcher(resolve=system_resolve, **settings):
    return Fetcher(FetchSettings(**settings), resolve=resolve, transport=Nowhere())


def answering(*addresses):
    async def resolve(host):
        return list(addresses)

    return resolve


@pytest.mark.parametrize(
    "host",
    "localhost LOCALHOST. 127.0.0.1 127.1 2130706433 0x7f.1 0177.0.0.1 0x7f000001 017700000001 0 0.0.0.0 10.1 "
    "169.254.169.254 [::1] [::] [::ffff:127.0.0.1] [::ffff:7f00:1] [64:ff9b::a9fe:a9fe] [2002:7f00:1::] "
    "[fd00:ec2::254] [fe80::1] [fe80::1%25lo] [::127.0.0.1]".split(),
)
async def test_a_host_is_judged_by_what_the_resolver_makes_of_it(host):
    with pytest.raises(FetchFailed) as caught:
        await fetcher().get(f"http://{host}/secret")
    # A spelling that a system's resolver does not know is no way in either.
    assert isinstance(caught.value, FetchBlocked) or "cannot be found" in caught.value.message


@pytest.mark.parametrize("addresses", [["1.1.1.1", "10.0.0.1"], ["2606:4700::1111", "::1"], ["fe80::1%eth0"]])
async def test_one_private_address_among_others_is_enough(addresses):
    with pytest.raises(FetchBlocked, match=r"^site\.test lies in a private network\. SUMMARIZER_FETCH__ALLOW_PRIVATE"):
        await fetcher(answering(*addresses)).get("https://site.test/")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "site.test/page",
        "//site.test/page",
        "https:site.test",
        "https://",
        "https:///page",
        "ftp://site.test/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "data:text/html,x",
        "https://ann:secret@site.test/",
        "https://ann@site.test/",
        "https://site.test:0/",
        "https://site.test:-1/",
        "https://site.test:65536/",
        "https://site.test:http/",
        "https://site.test\\@other.test/",
        "https://[::1/",
        "https://[v1.x]/",
        "https://１２７.0.0.1/",
        "https://site.test/\ud800",
        "https://site.te\nst/",
        f"https://{'a.' * 127}test/",
        f"https://site.test/{'a' * 70_000}",
    ],
)
async def test_what_is_no_address_of_a_page_is_refused(url):
    with pytest.raises(FetchBlocked, match=r"^This is no address of a page\. One starts with https://"):
        await fetcher(answering("1.1.1.1")).get(url)


PIECES = st.sampled_from(["http:", "https://", "/", "[", "]", "@", "%", ":", "?", "#", "\\", "xn--", "。", ".", "site"])


@given(st.lists(PIECES | st.text(max_size=3)).map("".join), st.sampled_from(["", "http://", "https://site.test"]))
async def test_whatever_is_asked_for_gets_an_error_of_ours(url, start):
    with pytest.raises(FetchFailed):
        await fetcher(answering("10.0.0.1")).get(start + url)


@pytest.mark.parametrize("host", ["a..test", f"{'a' * 64}.test", "xn--a.test", "%00.test"])
async def test_a_host_that_no_name_server_can_be_asked_for_cannot_be_found(host):
    with pytest.raises(FetchFailed, match=r"cannot be found\. Check the address\.$"):
        await fetcher().get(f"https://{host}/")


async def test_a_host_without_an_address_cannot_be_found():
    async def resolve(host):
        raise gaierror(-2, "Name or service not known")

    with pytest.raises(FetchFailed, match=r"^The host xn--bcher-kva\.test cannot be found\."):
        await fetcher(resolve).get("https://bücher.test/secret?q=secret")
    with pytest.raises(FetchFailed, match=r"^site\.test has no address\.$"):
        await fetcher(answering()).get("https://site.test/")


async def test_the_system_resolver_gives_addresses():
    found = await system_resolve("localhost")
    assert found
    assert all(ip_address(address).is_loopback for address in found)


@pytest.mark.parametrize("agent", ["", " summarizer", "line\nbreak", "Zürich", "summarizer\n"])
def test_a_user_agent_that_no_header_can_carry_is_refused_at_start_up(agent):
    with pytest.raises(SettingsError):
        load_settings(fetch={"user_agent": agent})
