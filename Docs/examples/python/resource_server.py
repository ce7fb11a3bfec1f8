"""A server that gives out patient records to whoever has a token for it, and checks tokens for an nginx before others.

    AUDIENCE=https://records.example ISSUER=https://ws-042.example JWKS=https://ws-042.example/.well-known/jwks.json PORT=8080 python3 resource_server.py
"""

import http.server
import json
import os

from token_verifier import Keys, Rejection, Verifier

# This server as its clients see it. From the configuration: a `Host` header is what somebody sent.
ORIGIN = os.environ["AUDIENCE"]
VERIFIER = Verifier(os.environ["ISSUER"], ORIGIN, ["card", "mobile"], ["record:read"], Keys(os.environ["JWKS"]))


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.path.startswith("/patients/"):
            self.serve(self.command, self.path, lambda claims: (200, {}, json.dumps({"reader": claims["sub"]}) + "\n"))
        elif self.path == "/verify":
            # For `auth_request` of nginx, which passes on 2xx alone; it must be out of reach of everybody else.
            method, path = self.headers.get("X-Original-Method", ""), self.headers.get("X-Original-URI", "")
            self.serve(method, path, lambda claims: (204, {"X-Subject": claims["sub"], "X-Trace": str(claims["cps"]["trace"])}, ""))
        else:
            self.answer(404)

    def serve(self, method, path, served):
        try:
            proofs = self.headers.get_all("DPoP", [])
            claims = VERIFIER.verify(self.headers.get("Authorization"), proofs, method, ORIGIN + path)
        except Rejection as rejection:
            # nginx knows 401 and 403 alone.
            status = 401 if self.path == "/verify" and rejection.status == 400 else rejection.status
            self.answer(status, {"WWW-Authenticate": rejection.challenge})
        except OSError:
            # The keys could not be fetched.
            self.answer(503)
        else:
            self.answer(*served(claims))

    def answer(self, status, headers=None, body=""):
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_):
        """Requests carry tokens: they are not logged."""


if __name__ == "__main__":
    http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
