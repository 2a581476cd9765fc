"""ovbench-tui serve: the app in a real browser, and who is kept out."""

from __future__ import annotations

import asyncio
import re
import signal
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path

import aiohttp
import psutil
import pytest

from tests.e2e.browser import CHROMIUM, open_browser
from tests.e2e.conftest import Quiet
from tests.e2e.piped import PROGRAM, run_piped
from tests.e2e.terminal import PATIENCE_S

ANYWHERE = "0.0.0.0"  # noqa: S104 - that this needs a token is what is tested
Serve = Callable[..., tuple[subprocess.Popen[str], str]]


@pytest.fixture
def serve(environment: dict[str, str]) -> Iterator[Serve]:
    """Start a server on a free port; gives its process and the address it prints."""
    with ExitStack() as stack:

        def start(*arguments: str, **variables: str) -> tuple[subprocess.Popen[str], str]:
            server = stack.enter_context(
                subprocess.Popen(
                    [*PROGRAM, "serve", *arguments, "--port", "0"],
                    env=environment | variables,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    text=True,
                )
            )
            stack.callback(server.kill)
            assert server.stderr is not None
            reported = ""
            while not (found := re.search(r"Open (http\S+) in", reported)):
                line = server.stderr.readline()
                assert line, reported
                reported += line
            return server, found[1]

        yield start


def end(server: subprocess.Popen[str]) -> str:
    """Interrupt the server; nothing of it may be left."""
    children = psutil.Process(server.pid).children(recursive=True)
    server.send_signal(signal.SIGINT)
    output, _ = server.communicate(timeout=PATIENCE_S)
    assert server.returncode == 130
    _, left = psutil.wait_procs(children, timeout=PATIENCE_S)
    assert left == []
    return output


@pytest.mark.slow
@pytest.mark.skipif(not CHROMIUM, reason="Chromium is not installed")
async def test_the_page_is_live_and_takes_keys(serve: Serve, tmp_path: Path) -> None:
    server, url = serve("mobilenet-v2")
    async with open_browser(tmp_path / "profile", 1200, 800) as page:
        await page.open(url)
        await page.wait_for(lambda text: re.search(r"count +[1-9]", text))
        # The frame may come in pieces: this is not there as soon as the count is.
        await page.wait_for(lambda text: "nireq      auto (2)" in text)
        before = await page.picture()
        await page.press("+")
        await page.wait_for(lambda text: re.search(r"nireq +3 ", text))
        await page.wait_for(lambda text: "run 2" in text and re.search(r"count +[1-9]", text))
        after = await page.picture()
        assert before != after
        # The widgets of the page itself have been told, too: it is no empty terminal.
        assert await page.evaluate("document.body.className") == "-loaded -first-byte"
        assert "Refused" not in " ".join(page.complaints)
        # The page goes, and its app with it; the summary is told where the server runs.
        await page.call("Page.navigate", url="about:blank")
        assert server.stdout is not None
        line = await asyncio.wait_for(
            asyncio.to_thread(lambda: server.stdout and server.stdout.readline()), PATIENCE_S
        )
        assert line == "Model:           mobilenet-v2 (built-in)\n"
    end(server)


@asynccontextmanager
async def let_in(url: str) -> AsyncIterator[tuple[aiohttp.ClientSession, str]]:
    """A client that has shown the token of the printed address; and the address without it."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as client:
        async with client.get(url) as answer:
            assert answer.status == 200
        yield client, url.partition("?")[0]


async def test_a_second_page_is_told_to_wait(serve: Serve, quiet: Quiet) -> None:
    server, address = serve(*quiet)
    async with (
        let_in(address) as (client, url),
        client.ws_connect(f"{url}ws?width=80&height=24") as first,
    ):
        await first.receive(PATIENCE_S)
        async with client.ws_connect(f"{url}ws") as second:
            reported = await second.receive(PATIENCE_S)
            assert b"Another browser runs this benchmark" in reported.data
            assert (await second.receive(PATIENCE_S)).type is aiohttp.WSMsgType.CLOSE
        await first.send_json(["stdin", "q"])
        received = b""
        async for message in first:
            received += message.data
        assert b"ovbench-tui" in received
    end(server)


async def test_what_other_sites_send_is_refused(serve: Serve) -> None:
    server, address = serve("mobilenet-v2")
    async with let_in(address) as (client, url):
        async with client.get(url) as answer:
            assert answer.status == 200
            assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
            assert "http" not in (await answer.text()).replace(url.partition("//")[2], "")
        for headers in (
            {"Host": "evil.example"},
            {"Origin": "http://evil.example"},
            {"Host": "[::1"},
            {"Origin": "http://[x"},
        ):
            for path in ("", "ws", "static/js/textual.js"):
                async with client.get(url + path, headers=headers) as answer:
                    assert answer.status == 403
    assert end(server) == ""


@pytest.mark.parametrize("host", [ANYWHERE, "127.0.0.1"])
async def test_every_address_needs_the_token(serve: Serve, host: str) -> None:
    server, url = serve("mobilenet-v2", "--host", host)
    bare = url.partition("?")[0].replace(ANYWHERE, "127.0.0.1")
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as client:
        for wrong in (bare, f"{bare}?token=wrong", f"{bare}ws", f"{bare}ws?token="):
            async with client.get(wrong) as answer:
                assert answer.status == 403
        token = url.partition("?")[2]
        assert re.fullmatch(r"token=[0-9a-f]{32}", token)
        async with client.get(f"{bare}?{token}", allow_redirects=False) as answer:
            assert answer.status == 303
            assert answer.headers["Location"] == "/"
            assert "HttpOnly" in answer.headers["Set-Cookie"]
        async with client.get(bare) as answer:
            assert answer.status == 200
    end(server)


@pytest.mark.parametrize(
    ("arguments", "variables", "words"),
    [
        (["nowhere.xml"], {}, "nowhere.xml"),
        (["mobilenet-v2", "--no-tui"], {}, "leave --no-tui"),
        (["mobilenet-v2", "--port", "x"], {}, "--port"),
        (["mobilenet-v2", "--port", "70000"], {}, "--port 70000"),
        (["mobilenet-v2", "--nireqs", "2"], {}, "--nireq"),
        (["mobilenet-v2", "--host", "256.1.1.1"], {}, "Cannot listen on 256.1.1.1"),
        (["mobilenet-v2"], {"OVBENCH_TUI_TOKEN": "short"}, "too easy"),
    ],
)
def test_bad_input_is_one_sentence(
    environment: dict[str, str], arguments: list[str], variables: dict[str, str], words: str
) -> None:
    result = run_piped(environment | variables, "serve", *arguments)
    assert result.returncode == 2
    assert words in result.stderr.splitlines()[-1]
    assert "Traceback" not in result.stderr
    assert result.stdout == ""
