"""`member notify`: an address goes in by a file, a pipe or a prompt, and never comes out again."""

from __future__ import annotations

import logging
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.canary import forms
from tests.mail import HOST, SmtpServer, Webhook, closed_port
from tests.office import Office, Result
from tests.quick import a_few, only
from tests.refusals import everything, refused, rows
from tests.told import reach, require_plain

TOKEN = "Zq7Xwvukt5"
USER = "plukkfisk"
TO = "ulvunge@example.org"
SECRETS = (TOKEN, USER, "ulvunge")
"""What stands in a channel's address and nowhere else."""


@pytest.fixture
def address(server: SmtpServer) -> str:
    return server.address(TO, login=f"{USER}:{TOKEN}")


def require_unsaid(*texts: str) -> None:
    """Hold that nothing of the address is in what was said, in any form."""
    for text in texts:
        for secret in SECRETS:
            assert secret.casefold() not in text.casefold()
            for name, form in forms(secret).items():
                assert form not in text.encode(), name


def require_sealed(office: Office) -> None:
    """Hold that nothing of the address is in any file of the office, nor in a file's name."""
    for path in office.files():
        require_unsaid(str(path))
        content = path.read_bytes()
        for secret in SECRETS:
            for name, form in forms(secret).items():
                assert form not in content, (path.name, name)


def discreet(office: Office, line: str, code: int = 0, *, stdin: str = "") -> Result:
    """Run a command in words, and in JSON with --debug; none of it says the address."""
    for said in (" --json --debug", " --lang nb"):
        result = office.run(line + said, stdin=stdin)
        assert result.code == code, result.said
        require_unsaid(result.said)
    require_sealed(office)
    return result


# Adding, trying and removing


def test_from_a_file(office: Office, server: SmtpServer, address: str, tmp_path: Path) -> None:
    file = tmp_path / "address.txt"
    file.write_bytes(b"\xef\xbb\xbf" + f"  {address} \r\nmailto://other.example\n".encode())
    said = office.ok(f"member notify kari --channel {file}")
    assert said.stdout.splitlines() == [
        "Kari Nordmann will be notified.",
        "Channels: Email",
    ]
    office.ok("member notify kari --test")
    assert [mail.recipients for mail in server.messages] == [[TO]]


def test_from_standard_input(office: Office, hook: Webhook) -> None:
    said = office.ok("member notify kari --channel - --json", stdin=f"{hook.address}\nmore\n")
    assert said.json == {
        "message": "Kari Nordmann will be notified.",
        "handle": "kari",
        "channels": ["JSON"],
    }
    assert hook.requests == []


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="there are no pseudo terminals here")
def test_from_a_prompt_that_shows_nothing(office: Office, server: SmtpServer, address: str) -> None:
    from tests.terminal import require_speakable, terminal

    office.now = datetime.now(UTC)
    with terminal(office, "member notify kari --debug", echo=True) as screen:
        screen.answer("Address for notifications: ", address)
        said = screen.rest()
    assert screen.code == 0, screen.heard
    assert "Kari Nordmann will be notified.\nChannels: Email\n" in said
    require_unsaid(screen.heard)
    require_speakable(screen.heard)
    require_sealed(office)
    office.ok("member notify kari --test")
    assert [mail.recipients for mail in server.messages] == [[TO]]


def test_a_test_message_is_one_real_mail(office: Office, server: SmtpServer, address: str) -> None:
    said = office.ok("member notify kari --channel - --test", stdin=address)
    assert said.stdout.startswith("A test message is sent to Kari Nordmann.\n")
    (mail,) = server.messages
    require_plain(mail)
    assert server.logins == [(USER, TOKEN)]
    assert mail.recipients == [TO]
    assert "Kari" not in mail.raw.decode()
    office.ok("config set notification_language en")
    office.ok("member notify kari --test")
    assert len(server.messages) == 2
    assert server.messages[1].message["Subject"] == "Test message"
    assert server.messages[1].body.startswith("This is a test.")


@pytest.mark.slow
def test_removing_them_all(office: Office, server: SmtpServer, address: str) -> None:
    reach(office, "kari", address, server.address("second@example.org"))
    said = office.ok("member notify kari --remove --json")
    assert said.json["channels"] == []
    assert rows(office, "SELECT * FROM notification_channels") == []
    refused(office, "member notify kari --test", "no_channel", 2)
    office.dispatch()
    assert server.messages == []
    assert office.ok("member notify kari --remove").code == 0


@pytest.mark.slow
def test_five_channels_at_most(office: Office, server: SmtpServer) -> None:
    reach(office, "kari", *(server.address(f"box{each}@example.org") for each in range(5)))
    line = "member notify kari --channel -"
    refused(office, line, "channels_too_many", 2, stdin=server.address())
    office.ok("member notify kari --test")
    assert len({mail.recipients[0] for mail in server.messages}) == 5
    reach(office, "ola", server.address())


@pytest.mark.slow
def test_a_test_with_one_channel_that_fails(
    office: Office, server: SmtpServer, address: str
) -> None:
    with closed_port() as port:
        reach(office, "kari", address, f"mailto://{USER}:{TOKEN}@{HOST}:{port}?from={TO}&to={TO}")
        line = "member notify kari --test"
        found = office.refused(line, "notification_not_sent", 5)
        assert "1 of 2 channels did not take" in found.stderr
        discreet(office, line, 5)
    assert len(server.messages) == 3


def test_members_are_shown_as_before(office: Office, address: str) -> None:
    lines = ("member show kari", "member list", "member show kari --json", "member list --json")
    before = [office.ok(line).said for line in lines]
    reach(office, "kari", address)
    assert [office.ok(line).said for line in lines] == before


def test_each_change_is_on_record_without_the_address(office: Office, address: str) -> None:
    reach(office, "kari", address)
    office.ok("member notify kari --remove")
    entries = office.ok("audit log --json").json["entries"][:2]
    assert {entry["action"] for entry in entries} == {"member.channels_changed"}
    office.ok("audit verify")
    require_unsaid(str(entries))


# An e-mail address alone


@pytest.mark.slow
def test_an_email_address_alone_uses_the_organisations_server(
    office: Office, server: SmtpServer
) -> None:
    refused(office, "member notify kari --channel -", "mail_server_missing", 2, stdin=TO)
    login = f"{USER}:{TOKEN}"
    reach(office, "service", server.address("drift@example.org", login=login))
    said = office.ok("member notify kari --channel - --test", stdin=f" {TO}\n")
    assert "Channels: Email\n" in said.stdout
    assert [mail.recipients for mail in server.messages] == [[TO]]
    assert server.logins == [(USER, TOKEN)]
    discreet(office, "member notify kari --test")


def test_a_service_channel_that_is_no_mail_server(office: Office, hook: Webhook) -> None:
    reach(office, "service", hook.address)
    refused(office, "member notify kari --channel -", "mail_server_missing", 2, stdin=TO)


@pytest.mark.parametrize(
    "typed",
    only(
        "ulvunge",
        "a@b@example.org",
        of=[
            *("ulvunge", "ulvunge@", "@example.org", "a@b@example.org", "a b@example.org"),
            "a@example.org,b@example.org",
            "kåre@example.org",
        ],
    ),
)
def test_what_is_no_email_address(office: Office, server: SmtpServer, typed: str) -> None:
    reach(office, "service", server.address("drift@example.org"))
    refused(office, "member notify kari --channel -", "channel_invalid", 2, stdin=typed)


# Refusals


WRONG = (
    f"dbus://{TOKEN}",
    f"syslog://{TOKEN}",
    f"gnome://{TOKEN}",
    f"nowhere://{TOKEN}@example.org",
    f"mailto://{TOKEN}:99999?from={TO}&to={TO}",
    f"mailto://example.org?from={TO}&to={TO}&verify=no&pass={TOKEN}",
    f"json://example.org/{TOKEN}?template=/etc/passwd",
    f"mailto://{TOKEN}\x07.example.org",
    "://",
    f"mailto://example.org?from=a@example.org&to={TOKEN}",
    f"mailto://{TOKEN}." + "x" * 2000,
)


@pytest.mark.parametrize("typed", a_few(2, of=WRONG), ids=map(str, range(len(WRONG))))
def test_an_address_that_cannot_be_used(office: Office, typed: str) -> None:
    line = "member notify kari --channel -"
    refused(office, line, "channel_invalid", 2, stdin=typed, unsaid=SECRETS)
    require_unsaid(office.run(f"{line} --debug", stdin=typed).said)
    require_sealed(office)


@pytest.mark.parametrize("stdin", ["", "\n", "   \nmailto://second.line"])
def test_nothing_where_an_address_should_be(office: Office, stdin: str) -> None:
    refused(office, "member notify kari --channel -", "channel_invalid", 2, stdin=stdin)


def test_an_address_that_is_not_text(office: Office, tmp_path: Path) -> None:
    file = tmp_path / "address.txt"
    file.write_bytes(f"mailto://{TOKEN}".encode() + b"\xff\xfe")
    line = f"member notify kari --channel {file}"
    refused(office, line, "channel_unreadable", 2, unsaid=SECRETS)
    refused(office, f"member notify kari --channel {tmp_path}", "channel_unreadable", 2)


def test_an_address_in_the_wrong_place_is_not_repeated(office: Office, address: str) -> None:
    before = everything(office)
    for words in (f"--channel '{address}'", f"'{address}'", f"'--channel={address}'"):
        discreet(office, f"member notify kari {words}", 2)
    assert everything(office) == before


def test_without_a_terminal_nothing_is_asked(office: Office) -> None:
    found = refused(office, "member notify kari --no-input", "input_needed", 2)
    assert "--channel" in found.stderr


@pytest.mark.parametrize("more", ["--test", "--channel -"])
def test_removing_goes_with_nothing_else(office: Office, address: str, more: str) -> None:
    reach(office, "kari", address)
    refused(office, f"member notify kari --remove {more}", "usage", 2, stdin=address)


@pytest.mark.slow
@pytest.mark.parametrize("more", a_few(2, of=["--channel -", "--remove", "--test"]))
def test_a_mentor_may_not(office: Office, server: SmtpServer, address: str, more: str) -> None:
    reach(office, "kari", address)
    for handle in ("kari", "ola"):
        line = f"member notify {handle} {more}"
        refused(office, line, "role_missing", 4, profile="kari", stdin=server.address())
    assert server.messages == []


def test_coordinators_and_administrators_may(office: Office, server: SmtpServer) -> None:
    for role in ("coordinator", "org_admin"):
        office.ok(f"member invite {role[:3]} --name Ny --here --keys keyring --role {role}")
        reach(office, "kari", server.address(f"{role[:3]}@example.org"), profile=role[:3])
    office.ok("member notify kari --test", profile="org")
    assert {mail.recipients[0] for mail in server.messages} == {
        "coo@example.org",
        "org@example.org",
    }


@pytest.mark.slow
def test_members_of_others_are_unknown(office: Office, server: SmtpServer, address: str) -> None:
    line = "init --organization Andre --handle berit --name Berit --keys keyring"
    office.ok(line, profile=None)
    reach(office, "kari", address)
    for more in ("--channel -", "--remove", "--test"):
        for handle in ("kari", "nobody"):
            line = f"member notify {handle} {more}"
            refused(office, line, "member_not_found", 3, profile="berit", stdin=address)
    assert server.messages == []


# Never in clear


@pytest.mark.slow
def test_the_address_is_nowhere_in_clear(
    office: Office,
    server: SmtpServer,
    address: str,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    discreet(office, "member notify kari --channel -", stdin=address)
    reach(office, "anne", address)
    discreet(office, "member notify kari --test")
    number = office.dispatch()
    server.replies["RCPT"] = f"550 5.1.1 {TO} {TOKEN} is unknown here"
    office.dispatch()
    server.replies = {"DATA": f"554 5.7.1 {TO} {TOKEN} is blocked"}
    office.dispatch()
    office.to_status(number, "acknowledged")
    said = [office.run(f"sweep{more}").said for more in (" --dry-run", "", " --json --debug")]
    for line in ("status", "audit log --limit 100 --json", f"show {number} --json", "doctor"):
        said.append(office.run(line).said)
    said += caplog.text, *capfd.readouterr()
    assert "Nobody knows" in said[1]
    require_unsaid(*said)
    require_sealed(office)
