"""The HTTP server of the status page against whoever does not behave: it answers what it should, its memory and its
descriptors stay bounded, and others are still served.  The daemon is not needed for it (tests/pageserver)."""
import email.utils
import gzip
import json
import os
import random
import re
import select
import socket
import subprocess
import time

from harness import need, wait_for
from pageserver import PageServer, parse, statuses


def has_all_headers(headers):
    """What each answer must carry, whatever it is."""
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-cache"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert abs(email.utils.parsedate_to_datetime(headers["date"]).timestamp() - time.time()) < 60


def test_answers():
    with PageServer() as server:
        for path, kind in (("/", "text/html"), ("/status.json", "application/json"), ("/metrics", "text/plain"),
                           ("/healthz", "text/plain"), ("/style.css", "text/css"),
                           ("/status.js", "text/javascript"), ("/icon.svg", "image/svg+xml")):
            status, headers, body = server.get(path)
            assert status == 200 and headers["content-type"].startswith(kind), (path, headers)
            assert int(headers["content-length"]) == len(body) > 0
            has_all_headers(headers)
            assert "access-control-allow-origin" not in headers
            status, same, nothing = server.get(path, method="HEAD")
            assert status == 200 and nothing == b"", nothing
            assert same["content-length"] == headers["content-length"]
            assert same["content-type"] == headers["content-type"]
        assert json.loads(server.get("/status.json")[2])["lines"][1]["owner"]["who"] == "192.0.2.7"
        for path in ("/nothing", "//", "/status.json/", "/..", "/%2e", "/" + "a" * 4000, "/STYLE.CSS"):
            assert server.get(path)[0] == 404, path
        for path in ("/healthz?", "/healthz?a=%00&%zz", "/healthz?" + "?" * 3000, "/healthz#x"):
            assert server.get(path)[0] == 200, path


def test_tags():
    """Who has it already is told so, until it changes."""
    with PageServer() as server:
        tag = server.get("/")[1]["etag"]
        status, headers, body = server.get("/", f"If-None-Match: {tag}")
        assert status == 304 and headers["etag"] == tag and body == b"" and "content-length" not in headers
        assert server.get("/", 'If-None-Match: "x"')[0] == 200
        server.tell("free", 1)
        wait_for(lambda: server.get("/", f"If-None-Match: {tag}")[0] == 200, 5)


def test_compressed():
    """For whoever takes it, and the same; each form has its own tag, and caches are told that there are two."""
    with PageServer() as server:
        for path in ("/", "/status.json", "/metrics", "/style.css", "/status.js"):
            _, plain, text = server.get(path)
            status, headers, body = server.get(path, "Accept-Encoding: deflate, gzip;q=0.5")
            assert status == 200 and headers["content-encoding"] == "gzip" and gzip.decompress(body) == text, path
            assert int(headers["content-length"]) == len(body) < len(text)
            assert headers["vary"] == plain["vary"] == "Accept-Encoding" and "content-encoding" not in plain
            assert headers["etag"] != plain["etag"]
            again = server.get(path, "Accept-Encoding: gzip", f"If-None-Match: {headers['etag']}")
            assert again[0] == 304 and again[1]["etag"] == headers["etag"] and "content-encoding" not in again[1]
            assert server.get(path, f"If-None-Match: {headers['etag']}")[0] == 200, "that is the other form"
            same = server.get(path, "Accept-Encoding: gzip", method="HEAD")
            assert same[1]["content-length"] == headers["content-length"] and same[2] == b""
            for refused in ("gzip;q=0", "identity", "br, *;q=0", ""):
                assert "content-encoding" not in server.get(path, f"Accept-Encoding: {refused}")[1], refused
        assert "content-encoding" not in server.get("/healthz", "Accept-Encoding: gzip")[1], "nothing to gain"


def test_methods():
    with PageServer("-r", "500") as server:
        for method in ("POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "PROPFIND", "BREW", "get", "X" * 99):
            status, headers, _ = server.get("/", method=method)
            assert status == 405 and headers["allow"] == "GET, HEAD", (method, status)
        assert server.get("example.com:443", method="CONNECT")[0] in (400, 405)


def test_hosts():
    """A page of somebody else's whose name leads here reads nothing."""
    with PageServer() as server:
        for host in ("localhost", f"127.0.0.1:{server.port}", "[::1]", "192.0.2.1", "LOCALHOST:80"):
            assert server.get(host=host)[0] == 200, host
        for host in ("evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "", "modems.example", "*"):
            status, _, body = server.get("/", host=host)
            assert status == 421 and b"192.0.2.7" not in body, host
        server.tell("name", "modems.example")
        assert server.get(host="Modems.Example.:8080")[0] == 200
        assert statuses(server.send(b"GET / HTTP/1.1\r\n\r\n")) == [400]
        assert statuses(server.send(b"GET / HTTP/1.1\r\nHost: localhost\r\nhost: evil.example\r\n\r\n")) == [400]
        assert server.get("http://evil.example/")[0] == 421
        assert server.get("http://localhost/healthz")[0] == 200
        assert server.get("http://localhost")[0] == 200
        assert server.get(f"http://[::1]:{server.port}/healthz", host="evil.example")[0] == 200, "Host counts no more"
        assert server.get("http://evil.example/", host="localhost")[0] == 421


FULL = "test_promtool.*"
BAD = (
    b"GET /\r\n", b"GET / HTTP/0.9\r\n\r\n", b"GET / HTTP/9.9\r\nHost: localhost\r\n\r\n", b"\r\n\r\n\r\n\r\n",
    b"GET  HTTP/1.1\r\n\r\n", b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost : localhost\r\n\r\n", b"GET / HTTP/1.1\r\n : x\r\nHost: localhost\r\n\r\n",
    b"GET /\0x HTTP/1.1\r\nHost: localhost\r\n\r\n", b"GET / HTTP/1.1\r\nHost: local\0host\r\n\r\n",
    b"GET \xff\xfe HTTP/1.1\r\nHost: \xff\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(512),
    b"\xff\xfb\x2c\xff\xfa\x2c\x01\0\0\x25\x80\xff\xf0" * 9, b"SSH-2.0-OpenSSH_9.2\r\n" * 9,
    b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello",
    b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999999999999\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nx: y\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n",
    b"GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\nabc",
    b"POST / HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: localhost\r\nExpect: nonsense\r\nContent-Length: 9\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 9000 + b"\r\n\r\n",
    b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X: y\r\n" * 10000 + b"\r\n", b"a" * 100000,
    b"GET / HTTP/1.1\r\n" + b" folded\r\n" * 100, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
)


GET = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n"
# What RFC 9112 says of each: the status.
FAULTS = (
    (505, b"GET / HTTP/0.9\r\n\r\n"), (505, b"GET / HTTP/1.2\r\nHost: localhost\r\n\r\n"),
    (505, b"GET / HTTP/9.9\r\nHost: localhost\r\n\r\n"), (505, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    (400, b"GET / HTTP/-1.1\r\nHost: localhost\r\n\r\n"), (400, b"GET / HTTP/1.10\r\nHost: localhost\r\n\r\n"),
    (400, b"GET / HTTP/1.-1\r\nHost: localhost\r\n\r\n"), (400, b"GET / http/1.1\r\nHost: localhost\r\n\r\n"),
    (400, b"GET /\r\n\r\n"), (400, b"nonsense\r\n\r\n"), (400, b"GET  / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    (400, GET + b"X: y\r\n folded\r\n\r\n"), (400, GET + b"X : y\r\n\r\n"), (400, GET + b"no colon\r\n\r\n"),
    (400, GET + b"X: a\rb\r\n\r\n"), (400, GET + b"X: a\0b\r\n\r\n"),
    (400, b"GET / HTTP/1.1\r\n\r\n"), (400, GET + b"Host: localhost\r\n\r\n"),
    (400, b"GET / HTTP/1.1\r\nHost: a b\r\n\r\n"), (400, b"GET / HTTP/1.1\r\nHost: localhost:x\r\n\r\n"),
    (400, GET + b"Content-Length: 0\r\nContent-Length: 5\r\n\r\nhello"), (400, GET + b"Content-Length: -1\r\n\r\n"),
    (400, GET + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    (413, GET + b"Content-Length: 5\r\n\r\nhello"), (413, GET + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    (501, GET + b"Transfer-Encoding: gzip, chunked\r\n\r\n"),
    (400, b"GET * HTTP/1.1\r\nHost: localhost\r\n\r\n"), (405, b"OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    (405, b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello"),
    (421, b"GET https://localhost/ HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    (421, b"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n"), (404, b"GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    (414, b"GET /" + b"a" * 9000), (431, GET + b"X: " + b"a" * 9000), (431, GET + b"X: y\r\n" * 10000),
)


def test_faults_are_told_with_all_headers():
    """Each by its status, once, with the headers of every other answer; nothing behind it is a request any more."""
    with PageServer() as server:
        for status, request in FAULTS:
            answer = server.send(request + GET + b"\r\n")
            assert statuses(answer) == [status], (request[:80], answer[:200])
            found, headers, body = parse(answer)
            has_all_headers(headers)
            assert headers["connection"] == "close" and body.startswith(str(found).encode()), (headers, body)
            assert int(headers["content-length"]) == len(body)
            if status == 405:
                assert headers["allow"] == "GET, HEAD"


def test_what_is_lenient():
    """Empty lines before a request, HTTP/1.0 without a Host, the other line end, and the first line's host."""
    last = b"Connection: close\r\n\r\n"
    with PageServer() as server:
        for request in (b"\r\n" + GET + last, b"\r\n\r\n\r\n" + GET + last, b"GET /healthz HTTP/1.0\r\n\r\n",
                        GET + b"\r\n\r\n" + GET + last, GET.replace(b"\r", b"") + b"Connection: close\n\n",
                        b"GET http://localhost/healthz HTTP/1.1\r\nHost: other\r\n" + last, GET + b"Content-Length: 0\r\n" + last):
            answer = server.send(request)
            assert statuses(answer) == [200] * request.count(b"GET") and answer.endswith(b"ok\n"), (request, answer)
        with server.connect() as s:  # by pieces, and with its end behind it
            for byte in b"\r\n" + GET + b"\r\n":
                s.send(bytes([byte]))
            s.shutdown(socket.SHUT_WR)
            answer = b""
            while piece := s.recv(65536):
                answer += piece
            assert statuses(answer) == [200], answer


def test_places_of_one_address():
    """400 requests that trickle in from one address: another one is answered at once, and the same one as well."""
    with PageServer() as server:
        crowd = [socket.socket() for _ in range(400)]
        for s in crowd:
            s.bind(("127.0.0.1", 0))
            s.setblocking(False)
            s.connect_ex(("127.0.0.1", server.port))
        wait_for(lambda: server.descriptors() >= 16, 10)
        beside = server.descriptors()
        for by in (2, 1, 3, 1):
            for s in crowd:
                try:
                    s.send(b"G")
                except OSError:
                    pass  # sent away already
            # One of the crowd is not sent away as long as what it has said is not read: then the answer is 503.
            assert server.works(2, by) < 2
        wait_for(lambda: server.descriptors() <= beside + 16, 5, "who was refused has gone")
        for s in crowd:
            s.close()


def test_share_that_is_being_answered():
    """Who takes his answers slowly on all of his places is told so on the next; others are not."""
    request = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with PageServer("-n", "10000", "-s", "4") as server:
        slow = [server.connect(small=True) for _ in range(4)]
        for s in slow:
            s.sendall(request)
            assert s.recv(1) == b"H"
        status, headers, _ = server.get()
        assert status == 503 and headers["retry-after"] == "1"
        has_all_headers(headers)
        assert server.get(by=2)[0] == 200
        slow[0].close()
        server.works()
        for s in slow:
            s.close()


def test_bad_requests():
    """Nothing of it gets a page, and the next reader gets his."""
    with PageServer("-r", "500") as server:
        for request in BAD:
            answer = server.send(request)
            assert not any(s < 400 for s in statuses(answer)), (request[:80], answer[:200])
            server.works()
        random.seed(7)
        seeds = [r for r in BAD if len(r) < 600]
        for _ in range(300):
            request = bytearray(random.choice(seeds))
            for _ in range(random.randrange(1, 6)):
                request[random.randrange(len(request))] = random.randrange(256)
            with server.connect() as s:
                s.sendall(request)
                if random.random() < 0.5:
                    s.shutdown(socket.SHUT_WR)
                    s.settimeout(5)
                    try:
                        while s.recv(65536):
                            pass
                    except ConnectionResetError:
                        pass
        server.works()
        assert server.memory() < 8192, server.memory()


def test_several_on_one_connection():
    """Kept alive, and pipelined: answered in order; what is ahead of its answer is not taken without end."""
    one = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    last = b"GET /nothing HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    with PageServer() as server:
        assert statuses(server.send(one * 200 + last)) == [200] * 200 + [404]
        with server.connect() as s:
            for _ in range(3):
                s.sendall(one)
                assert s.recv(65536).endswith(b"\r\n\r\nok\n")
        assert statuses(server.send(b"GET /healthz HTTP/1.0\r\nHost: localhost\r\n\r\n" + one)) == [200]


def ended(s):
    """The other side has closed or reset this connection."""
    try:
        while select.select([s], [], [], 0)[0]:
            if not s.recv(65536):
                return True
    except OSError:
        return True
    return False


def test_trickling_requests_end():
    """A byte now and then keeps no connection."""
    with PageServer("-r", "1000") as server:
        s = server.connect()
        started = time.monotonic()
        request = b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X: y\r\n" * 1000

        def trickle():
            nonlocal request
            try:
                s.send(request[:1])
            except OSError:
                return True
            request = request[1:]
            select.select([s], [], [], 0.05)
            return ended(s)
        wait_for(trickle, 10, "a connection on which a request trickles in is closed")
        assert 0.9 <= time.monotonic() - started < 5
        idle, half = server.connect(), server.connect()
        half.sendall(b"GET / HTTP/1.1\r\nHost: local")
        wait_for(lambda: ended(idle) and ended(half), 10, "silent connections are closed")
        endless = server.connect()
        endless.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")

        def flood():
            try:
                endless.settimeout(0.05)
                endless.send(b"0" * 65536)
            except TimeoutError:
                pass
            except OSError:
                return True
            return ended(endless)
        wait_for(flood, 10, "a chunk size without end is closed")
        assert server.memory() < 8192, server.memory()


def test_who_says_nothing_ends_while_others_come():
    """Those who come and go each moment keep nobody who is late."""
    with PageServer("-r", "1000") as server:
        idle = server.connect()

        def others():
            assert statuses(server.send(b"GET /healthz HTTP/1.0\r\nHost: localhost\r\n\r\n")) == [200]
            return ended(idle)
        wait_for(others, 5, "a silent connection is closed beside them")


def test_readers_that_never_read():
    """What is made is made once for all of them, and they are sent away."""
    request = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with PageServer("-n", "4000", "-a", "2000", "-c", "32") as server:
        page = len(server.get("/")[2])
        assert page > 1_500_000
        before = server.memory()
        readers = [server.connect(small=True, by=2 + i // 15) for i in range(30)]
        for s in readers:
            s.sendall(request * 20)
        server.works()
        assert server.memory() < before + 3 * page / 1024 + 8192, (before, server.memory())
        wait_for(lambda: all(ended_unread(s) for s in readers), 20, "they are sent away")
        descriptors = wait_for(lambda: server.descriptors() < 16 and server.descriptors(), 10, "all is closed")
        assert descriptors < 16
        server.works()


def ended_unread(s):
    """Without reading: the other side's end shows as an error of what is sent."""
    try:
        s.settimeout(0.01)
        s.send(b"x")
        return False
    except TimeoutError:
        return False
    except OSError:
        return True


def test_a_thousand_connections():
    """The first who are silent make room: a reader waits his turn, not for ever."""
    with PageServer("-c", "16", "-s", "99", "-r", "3000") as server:
        before = server.descriptors()
        crowd = []
        for _ in range(1000):
            s = socket.socket()
            s.setblocking(False)
            s.connect_ex(("127.0.0.1", server.port))
            crowd.append(s)
        wait_for(lambda: server.descriptors() >= before + 16, 10)
        assert server.descriptors() <= before + 17
        for s in crowd:
            s.close()
        server.works(30)
        wait_for(lambda: server.descriptors() <= before, 15, "all are closed")
        wait_for(lambda: server.memory() < 8192, 5)


def test_silent_connections_make_room():
    """While all places are taken, each has a tenth of its time."""
    with PageServer("-c", "4", "-r", "20000") as server:
        silent = [server.connect() for _ in range(4)]
        assert 1 < server.works(10) < 8
        wait_for(lambda: all(ended(s) for s in silent), 10, "who was silent has been sent away")


def test_reads_no_further_ahead():
    """Of what is pipelined behind an answer that is not taken, what the kernel holds waits there."""
    request = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with PageServer("-n", "4000", "-a", "3000") as server:
        before = server.memory()
        s = server.connect(small=True)
        s.sendall(request)
        s.setblocking(False)
        sent, chunk = 0, request * 10000

        def cut():
            nonlocal sent
            try:
                sent += s.send(chunk)
            except BlockingIOError:
                select.select([], [s], [], 0.05)
            except OSError:
                return True
            return False
        wait_for(cut, 15, "the reader is sent away")
        assert sent < 32 << 20, sent
        assert server.memory() < before + 16384, (before, server.memory())


def test_readers_do_not_load_it():
    """However many ask, what takes time is done at most five times a second; nobody asks: nothing is done."""
    request = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with PageServer("-n", "500") as server:
        before = server.tell("made")
        started = time.monotonic()
        with server.connect() as s:
            for _ in range(200):
                s.sendall(request)
                answer = b""
                while b"</html>" not in answer[-16:]:
                    answer += s.recv(1 << 20)
                assert parse(answer)[0] == 200
        seconds = time.monotonic() - started
        made = server.tell("made") - before
        assert made <= seconds / 0.2 + 2, (made, seconds)
        wait_for(lambda: server.descriptors() < 12, 5)
        before = server.cpu()
        assert not select.select([server.process.stdout], [], [], 1)[0]
        assert server.cpu() - before < 0.05


LINES = 1000
MANUAL = os.path.join(os.path.dirname(__file__), "..", "..", "man", "modemshared.conf.5")


def bounds():
    """In bytes, as the manual has them: the page as it is loaded and the first look of its script; a look after which
    nothing has happened; one after which ten lines are others."""
    with open(MANUAL, encoding="utf-8") as f:
        return [1000 * int(n) for n in re.findall(r"less than\s+(\d+)\s+kB", f.read())]


def look(server, version=""):
    """A look of the page's script: what it is sent, head and body, and the version that it has then."""
    answer = server.send(f"GET /changes?{version} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                         "Accept-Encoding: gzip\r\n\r\n".encode())
    status, headers, body = parse(answer)
    assert status == 200
    text = (gzip.decompress(body) if "content-encoding" in headers else body).decode()
    return len(answer), text, re.search('data-version="([^"]+)"', text).group(1)


def test_bytes_of_a_refresh():
    """An open page of a thousand lines costs its reader little, as modemshared.conf(5) says."""
    with PageServer("-n", str(LINES)) as server:
        _, headers, body = server.get("/", "Accept-Encoding: gzip")
        assert headers["content-encoding"] == "gzip"
        page = gzip.decompress(body)
        assert page.count(b'<tr role="row" class="row ') == LINES
        first, text, version = look(server)
        assert text.count("<template>") > LINES and "data-all" in text

        def after(*told):
            for words in told:
                server.tell(*words)
            return wait_for(lambda: (seen := look(server, version))[2] != version and seen, 5)
        server.tell("time", "2000")
        time_alone, text, version = after(("claim", 0, "203.0.113.77", 0, 120000))
        assert text.count("<template>") <= 4, text.count("<template>")
        nothing, text, _ = look(server, version)
        assert text.count("<template>") == 0
        busy, text, version = after(*(("claim", line, "203.0.113.78", 0, 120000) for line in range(1, 11)))
        assert 10 <= text.count("<template>") <= 13, text.count("<template>")
        print(f"{LINES} lines: {len(page)} bytes, compressed {len(body)}, first look {first}, nothing new {nothing}, "
              f"one line {time_alone}, ten lines {busy}")
        whole, quiet, ten = bounds()
        assert len(body) < whole and first < whole and nothing < quiet and busy < ten


def test_changes_load_it_no_more_than_pages():
    """Whatever versions are asked for, it looks at most five times a second, and keeps few answers."""
    with PageServer("-n", "1000") as server:
        _, _, version = look(server)
        before, started = server.tell("looked"), time.monotonic()
        for i in range(200):
            server.tell("claim", i, f"203.0.113.{i}", 0, 120000)
            look(server, random.choice([version, f"{i}-{i}", "x" * i, f"{version}{i}"]))
        looked, seconds = server.tell("looked") - before, time.monotonic() - started
        assert looked <= seconds / 0.2 + 2, (looked, seconds)
        assert server.memory() < 32768, server.memory()


def test_promtool_has_no_objection():
    promtool = need("promtool")
    with PageServer() as server:
        for text in (None, '"}1\\', "a{b}"):
            if text:
                server.tell("reason", 4, text)
            body = server.get("/metrics")[2]
            done = subprocess.run([promtool, "check", "metrics"], input=body, capture_output=True, check=False)
            assert done.returncode == 0 and not done.stderr, done.stderr.decode()
