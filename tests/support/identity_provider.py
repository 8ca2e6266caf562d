"""An identity provider on loopback: discovery, sign-in, tokens and keys, as OpenID Connect has them.

It signs in whoever is named in ``user`` without asking, so that a test says who that is.
"""

from __future__ import annotations

import base64
import json
import secrets
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT = "assistent"
SECRET = "kun-til-afproevning"


class IdentityProvider:
    """Serves on a free port of 127.0.0.1 until ``close``."""

    def __init__(self) -> None:
        self.user: dict[str, Any] = {}
        self.problems: list[str] = []
        self._key = RSAKey.generate_key(2048, {"kid": "1", "use": "sig", "alg": "RS256"})
        self._codes: dict[str, dict[str, str]] = {}
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                provider._get(self)

            def do_POST(self) -> None:
                provider._token(self)

            def log_message(self, *args: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _get(self, request: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(request.path)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path == "/.well-known/openid-configuration":
            _answer(request, self._metadata())
        elif parts.path == "/jwks":
            _answer(request, {"keys": [self._key.as_dict(private=False)]})
        elif parts.path == "/authorize":
            code = secrets.token_urlsafe(8)
            self._codes[code] = asked
            if asked.get("client_id") != CLIENT:
                self.problems.append(f"client_id: {asked.get('client_id')}")
            target = f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"
            request.send_response(302)
            request.send_header("location", target)
            request.end_headers()
        else:
            request.send_error(404)

    def _token(self, request: BaseHTTPRequestHandler) -> None:
        body = request.rfile.read(int(request.headers["content-length"])).decode()
        sent = {name: values[0] for name, values in parse_qs(body).items()}
        basic = request.headers.get("authorization", "Basic ").removeprefix("Basic ")
        credentials = (
            base64.b64decode(basic).decode() or f"{sent.get('client_id')}:{sent.get('client_secret')}"
        )
        asked = self._codes.pop(sent["code"], None)
        if asked is None or SECRET not in credentials:
            self.problems.append("token asked for without code or secret")
            request.send_error(401)
            return
        now = int(time.time())
        claims = {"iss": self.url, "aud": CLIENT, "iat": now, "exp": now + 600, "nonce": asked.get("nonce")}
        token = jwt.encode({"alg": "RS256", "kid": "1"}, {**claims, **self.user}, self._key)
        _answer(request, {"access_token": "x", "token_type": "Bearer", "expires_in": 600, "id_token": token})

    def _metadata(self) -> dict[str, Any]:
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/jwks",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
        }


def _answer(request: BaseHTTPRequestHandler, content: dict[str, Any]) -> None:
    body = json.dumps(content).encode()
    request.send_response(200)
    request.send_header("content-type", "application/json")
    request.send_header("content-length", str(len(body)))
    request.end_headers()
    request.wfile.write(body)
