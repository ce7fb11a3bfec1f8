"""A small web server on the loopback that does what a test tells it, well or badly."""

import http.server
import threading
import time


class WebServer:
    """`answers[path]` is bytes, a number (a status), or a function of the handler. `seen` lists the requests."""

    def __init__(self):
        self.answers = {}
        self.seen = []
        owner = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def respond(self):
                owner.seen.append((self.command, self.path, dict(self.headers)))
                answer = owner.answers.get(self.path, 404)
                if callable(answer):
                    answer(self)
                elif isinstance(answer, int):
                    self.plain(answer)
                else:
                    self.plain(200, answer)

            do_GET = do_POST = respond

            def plain(self, status, body=b"", **headers):
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name.replace("_", "-"), value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05})
        self.thread.start()
        self.stopping = threading.Event()

    @property
    def address(self):
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def stop(self):
        self.stopping.set()
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    # Answers

    def versioned(self, body, tag):
        """Honours If-None-Match."""

        def answer(handler):
            if handler.headers.get("If-None-Match") == tag:
                handler.plain(304)
            else:
                handler.plain(200, body, ETag=tag)

        return answer

    def redirect(self, path):
        return self.redirect_out(f"{self.address}{path}")

    def redirect_out(self, address):
        return lambda handler: handler.plain(302, Location=address)

    def silence(self, handler):
        """Takes the request and says nothing until the server stops."""
        self.stopping.wait(30)
        handler.close_connection = True

    def endless(self, handler):
        """Announces more than anybody takes."""
        handler.send_response(200)
        handler.send_header("Content-Length", str(1 << 33))
        handler.end_headers()
        deadline = time.monotonic() + 30
        try:
            while time.monotonic() < deadline and not self.stopping.is_set():
                handler.wfile.write(b"\0" * 65536)
        except OSError:
            handler.close_connection = True
