"""Serve web-platform-tests with wptserve: serve.py FOLDER.

Prints the port, which is a free one of the loopback interface, and ends when its standard input does.
"""

import logging
import sys

from wptserve import handlers, routes
from wptserve.server import WebTestHttpd


@handlers.handler
def echo_content(request, response):
    """What the tests call `echo-content.py`; their folder of fetch is not in the package."""
    return [("Content-Type", request.headers.get("Content-Type", b"text/plain"))], request.body


def main():
    logging.disable(logging.CRITICAL)
    own = [("*", "/fetch/api/resources/echo-content.py", echo_content)]
    rewrites = [("GET", "/resources/WebIDLParser.js", "/resources/webidl2/lib/webidl2.js")]
    server = WebTestHttpd(port=0, doc_root=sys.argv[1], routes=own + routes.routes, rewrites=rewrites)
    server.start()
    print(server.httpd.server_address[1], flush=True)
    sys.stdin.read()
    server.stop()


main()
