"""Answers one request: SCGI on standard input, CGI on standard output. The first read is where the snapshot is made."""

import sys

sys.path.insert(0, "/app")
from app import application

stdin, stdout = sys.stdin.buffer, sys.stdout.buffer


def variables():
    length = b""
    while (digit := stdin.read(1)) != b":":
        length += digit
    fields = stdin.read(int(length) + 1)[:-2].decode("latin-1").split("\0")
    return dict(zip(fields[::2], fields[1::2]))


def start_response(status, headers, exc_info=None):
    head = "".join(f"{name}: {value}\r\n" for name, value in [("Status", status), *headers])
    stdout.write(f"{head}\r\n".encode("latin-1"))
    return stdout.write


environ = variables()
environ.update({
    "wsgi.version": (1, 0),
    "wsgi.url_scheme": "http",
    "wsgi.input": stdin,
    "wsgi.errors": sys.stderr,
    "wsgi.multithread": False,
    "wsgi.multiprocess": True,
    "wsgi.run_once": True,
})
for piece in application(environ, start_response):
    stdout.write(piece)
stdout.flush()
