"""Requests that no SDK would send: signed by hand, or not, and sent byte by byte."""

import dataclasses
import datetime
import hashlib
import hmac
import socket
import urllib.parse
import xml.etree.ElementTree

EMPTY_SHA256 = hashlib.sha256(b"").hexdigest()


@dataclasses.dataclass
class Answer:
    status: int
    headers: dict
    body: bytes

    @property
    def document(self):
        return xml.etree.ElementTree.fromstring(self.body)

    def text(self, path):
        """The text of an element of the document, wherever its namespace."""
        found = self.document.find(path, {"": ""})
        if found is None:
            found = self.document.find("/".join("{*}" + part for part in path.split("/")))
        return None if found is None else found.text or ""

    @property
    def code(self):
        return self.text("Code")


def read_answer(stream, method="GET"):
    """Reads one response from a buffered socket file."""
    line = stream.readline()
    if not line:
        raise ConnectionError("the server closed the connection without an answer")
    status = int(line.split()[1])
    headers = {}
    while (line := stream.readline()) not in (b"\r\n", b""):
        name, _, value = line.decode("utf-8").partition(":")
        headers[name.strip().lower()] = value.strip()
    if method == "HEAD" or status in (204, 304) or status < 200:
        return Answer(status, headers, b"")
    if headers.get("transfer-encoding") == "chunked":
        body = b""
        while size := int(stream.readline(), 16):
            body += stream.read(size)
            stream.readline()
        stream.readline()
        return Answer(status, headers, body)
    return Answer(status, headers, stream.read(int(headers.get("content-length", 0))))


class Raw:
    def __init__(self, server, access_key="test", secret_key="test", region="us-east-1"):
        self.server, self.access_key, self.secret_key, self.region = server, access_key, secret_key, region

    def connect(self):
        connection = socket.create_connection(("127.0.0.1", self.server.port), timeout=60)
        return connection, connection.makefile("rb")

    def key(self, date):
        key = ("AWS4" + self.secret_key).encode()
        for part in (date, self.region, "s3", "aws4_request"):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        return key

    def sign(self, method, target, headers, sha256, when=None):
        """Signature version 4 in headers, over all headers given."""
        stamp = (when or datetime.datetime.now(datetime.timezone.utc)).strftime("%Y%m%dT%H%M%SZ")
        headers = {**headers, "x-amz-date": stamp, "x-amz-content-sha256": sha256}
        path, _, query = target.partition("?")
        names = sorted(name.lower() for name in headers)
        lower = {name.lower(): " ".join(str(value).split()) for name, value in headers.items()}
        pairs = sorted(tuple((item.split("=", 1) + [""])[:2]) for item in query.split("&") if item)
        canonical = "\n".join([
            method, urllib.parse.quote(urllib.parse.unquote_to_bytes(path), safe="/-_.~"),
            "&".join(f"{quote(name)}={quote(value)}" for name, value in pairs),
            "".join(f"{name}:{lower[name]}\n" for name in names), ";".join(names), sha256])
        scope = f"{stamp[:8]}/{self.region}/s3/aws4_request"
        to_sign = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
        signature = hmac.new(self.key(stamp[:8]), to_sign.encode(), hashlib.sha256).hexdigest()
        headers["Authorization"] = (
            f"AWS4-HMAC-SHA256 Credential={self.access_key}/{scope}, SignedHeaders={';'.join(names)}, "
            f"Signature={signature}")
        return headers

    def head(self, method, target, headers=None, sha256=EMPTY_SHA256, when=None, signed=True):
        """The bytes of a request's head."""
        headers = {"Host": self.server.host, **(headers or {})}
        if signed:
            headers = self.sign(method, target, headers, sha256, when)
        lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8")

    def send(self, method, target, body=b"", headers=None, sha256=None, length=True, **options):
        """Sends a request on a connection of its own, and reads the answer."""
        headers = dict(headers or {})
        if length and (body or method in ("PUT", "POST")):
            headers.setdefault("Content-Length", len(body))
        head = self.head(method, target, headers, sha256 or hashlib.sha256(body).hexdigest(), **options)
        connection, stream = self.connect()
        with connection, stream:
            connection.sendall(head)
            try:
                connection.sendall(body)
            except OSError:
                # The server may have answered and closed before the body was sent: what it said is still to be read.
                pass
            return read_answer(stream, method)


def quote(text):
    return urllib.parse.quote(urllib.parse.unquote(text.replace("+", " ")), safe="-_.~")
