"""Addresses of stores: what is written is read, and nothing of one can be an option of ssh."""

from __future__ import annotations

from ipaddress import IPv6Address
from itertools import pairwise
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assigncli.client.streams import ssh_words
from assigncli.errors import InvalidInput
from assigncli.server_address import (
    MAX_SOCKET_PATH,
    LocalStore,
    SshServer,
    StoreAddress,
    UnixServer,
    read_address,
    written,
)
from assigncli.words.errors import said

LETTERS = "abzAZ09_"
NAMES = st.builds(
    str.__add__,
    st.sampled_from(LETTERS),
    st.text(st.sampled_from(LETTERS + ".-"), max_size=60),
)
SSH = st.builds(
    SshServer,
    NAMES | st.ip_addresses().map(str),
    st.none() | NAMES,
    st.none() | st.integers(1, 65_535),
)
UNIX = st.builds(
    lambda names: UnixServer(PurePosixPath("/", *names)),
    st.lists(st.text(st.sampled_from("abæø -@:."), min_size=1, max_size=12), max_size=3),
)
LOCAL = st.builds(
    lambda text: LocalStore(Path(text)),
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1)
    | st.sampled_from(["unix:x", "ssh:host", "ssh://host", "UNIX:/x", "https://host/", "-oProxy"]),
)


@given(LOCAL | UNIX | SSH)
def test_what_is_written_is_read(address: StoreAddress) -> None:
    assert read_address(written(address)) == address


@given(
    st.text(st.sampled_from("-ab0._@:[]/%oProxyCmd= \n\\'\"$`;|&%\t\0é"), max_size=30),
    st.sampled_from(["", "a@", "-a@", ":22", "[::1]"]),
)
def test_no_part_of_an_accepted_address_can_be_an_option(text: str, beside: str) -> None:
    try:
        address = read_address(f"ssh://{beside}{text}")
    except InvalidInput:
        return
    assert isinstance(address, SshServer)
    words = ssh_words(address)
    end = words.index("--")
    assert words[end + 1 :] == [address.host, "assign", "relay"]
    assert not address.host.startswith("-")
    for name, value in pairwise(words[:end]):
        if name in ("-l", "-p"):
            assert value in (address.user, str(address.port))
            assert not value.startswith("-")


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("/srv/assign/store.db", LocalStore(Path("/srv/assign/store.db"))),
        (r"C:\Users\anne\store.db", LocalStore(Path(r"C:\Users\anne\store.db"))),
        ("unix:/run/assign/socket", UnixServer(PurePosixPath("/run/assign/socket"))),
        ("ssh://assign.example.no", SshServer("assign.example.no")),
        ("ssh://anne@office:2222", SshServer("office", "anne", 2222)),
        ("ssh://my_office", SshServer("my_office")),
        ("ssh://192.0.2.7:22", SshServer("192.0.2.7", None, 22)),
        ("ssh://anne@[2001:db8::7]:22", SshServer("2001:db8::7", "anne", 22)),
        ("ssh://[::1]", SshServer("::1")),
    ],
)
def test_each_form_of_address_is_read(text: str, address: StoreAddress) -> None:
    assert read_address(text) == address
    assert written(address) == text


@pytest.mark.parametrize(
    "text",
    [
        *("", "\0", "a\0b", "https://host", "SSH://host", "Unix:/x", "ssh:host"),
        *("unix:", "unix:socket", "unix:./socket", "unix:/a\nb", "unix:/a\0", "unix:~/socket"),
        f"unix:/{'a' * MAX_SOCKET_PATH}",
        f"unix:/{'å' * (MAX_SOCKET_PATH // 2)}a",
        *("ssh://", "ssh://-oProxyCommand=x", "ssh://-a@host", "ssh://a@-host", "ssh://@host"),
        *("ssh://a@b@host", "ssh://host:", "ssh://host:0", "ssh://host:-1", "ssh://host:022"),
        *("ssh://host:65536", "ssh://host:99999", "ssh://host:22:22", "ssh://host/", "ssh://a b"),
        *("ssh://host/path", "ssh://host\n", "ssh://host:22\n", "ssh://hø", "ssh://%h", "ssh://$x"),
        *("ssh://::1", "ssh://[::1", "ssh://[host]", "ssh://[::1%25eth0]", "ssh://[fe80::1%eth0]"),
        *("ssh://[]", "ssh://a:b@host", "ssh://host:２２", "ssh://.host", "ssh://"),
        f"ssh://{'a' * 254}",
        f"ssh://{'a' * 65}@host",
    ],
)
def test_anything_else_is_refused_with_words(text: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        read_address(text)
    assert raised.value.code == "server_address_invalid"
    assert all(said(raised.value))


def test_no_server_is_made_with_parts_that_no_address_has() -> None:
    for host, user, port in (
        ("-oProxyCommand=x", None, None),
        ("host", "-l", None),
        ("host", None, 0),
        ("host", None, 65_536),
        ("host\n", None, None),
        ("a@b", None, None),
        (str(IPv6Address("fe80::1%1")), None, None),
    ):
        with pytest.raises(InvalidInput):
            SshServer(host, user, port)
