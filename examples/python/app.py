"""A WSGI application. What is done here at the top is done once, when the snapshot is made."""

import json
import re
import string

WORD = re.compile(r"[a-z]+")
SQUARES = {n: n * n for n in range(1000)}
PAGE = string.Template("<!doctype html><title>$title</title><p>$text")
requests = 0


def application(environ, start_response):
    global requests
    requests += 1
    path = environ["PATH_INFO"]
    if path == "/square":
        n = int(environ["QUERY_STRING"] or 0)
        answer, kind = json.dumps({"n": n, "square": SQUARES.get(n), "requests": requests}), "application/json"
    elif path == "/words":
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])).decode()
        answer, kind = json.dumps(WORD.findall(body)), "application/json"
    else:
        answer, kind = PAGE.substitute(title="Python", text="Hello"), "text/html; charset=utf-8"
    start_response("200 OK", [("Content-Type", kind)])
    return [answer.encode()]
