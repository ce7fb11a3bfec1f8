"""Checks access tokens of CPS Agent without asking it: RFC 9068, RFC 8725, RFC 9449. Needs joserfc (pip install joserfc)."""

import base64
import hashlib
import json
import threading
import time
import urllib.parse
import urllib.request

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, KeySet
from joserfc.jws import JWSRegistry

ALGORITHMS = ["ES256", "EdDSA", "Ed25519"]
PRIVATE_MEMBERS = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}
SKEW = 60
SIZE_LIMIT = 16_384


class Rejection(Exception):
    """Why a request is not served: a status, and the value of WWW-Authenticate."""

    def __init__(self, status, error=None, text=None, **more):
        super().__init__(text)
        self.status = status
        members = {"error": error, "error_description": text, **more, "algs": "ES256 EdDSA"}
        self.challenge = "DPoP " + ", ".join(f'{name}="{value}"' for name, value in members.items() if value)


class Keys:
    """The agent's published keys: fetched every ten minutes, and when a token names one that is not there, every ten seconds at most."""

    def __init__(self, address):
        self.address = address
        self.lock = threading.Lock()
        self.fetched = float("-inf")
        self.keys = []

    def named(self, kid):
        with self.lock:
            found = self.find(kid)
            age = time.monotonic() - self.fetched
            if age > 600 or (found is None and age > 10):
                self.fetched = time.monotonic()
                with urllib.request.urlopen(self.address, timeout=5) as answer:
                    self.keys = KeySet.import_key_set(json.loads(answer.read(65_536))).keys
                found = self.find(kid)
        return found

    def find(self, kid):
        return next((key for key in self.keys if key.kid == kid and key.key_type in ("EC", "OKP") and not key.is_private), None)


class Once:
    """What may be used once, for as long as it could pass again. Full means refused: nothing is forgotten before its time."""

    def __init__(self, seconds=2 * SKEW + 1, capacity=65_536):
        self.seconds, self.capacity = seconds, capacity
        self.lock = threading.Lock()
        self.known = {}

    def is_new(self, identifier):
        now = time.monotonic()
        with self.lock:
            while self.known and next(iter(self.known.values())) <= now:
                del self.known[next(iter(self.known))]
            if identifier in self.known or len(self.known) >= self.capacity:
                return False
            self.known[identifier] = now + self.seconds
            return True


class Verifier:
    def __init__(self, issuer, audience, levels, scopes, keys, test_cards=False):
        self.issuer, self.audience, self.keys, self.test_cards = issuer, audience, keys, test_cards
        self.acr_values = [f"{issuer}/acr/{level}" for level in levels]
        self.scopes = set(scopes)
        self.once = Once()

    def verify(self, authorization, proofs, method, url):
        """The claims of a token that came with a proof of its key. `proofs`: the values of all DPoP headers; `url`: as the client sees it."""
        if authorization is None:
            raise Rejection(401)
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() not in ("dpop", "bearer") or not token:
            raise Rejection(400, "invalid_request", "Authorization must be DPoP and a token")
        claims = self.authentic(token)
        self.judge(claims)
        confirmation = claims.get("cnf")
        if scheme.lower() != "dpop" or not isinstance(confirmation, dict) or set(confirmation) != {"jkt"}:
            raise Rejection(401, "invalid_token", "the token must be bound to a key, and come as DPoP with a proof")
        identifier = self.proven(proofs, confirmation["jkt"], token, method, url)
        self.authorize(claims)
        if not self.once.is_new(identifier):
            raise Rejection(401, "invalid_dpop_proof", "this proof was used before")
        return claims

    def authentic(self, token):
        """The claims, when a published key signed them as an access token."""

        def key_of(message):
            header = message.headers()
            if str(header.get("typ")).lower().removeprefix("application/") != "at+jwt":
                raise Rejection(401, "invalid_token", "typ of the token must be at+jwt")
            key = self.keys.named(header.get("kid"))
            if key is None:
                raise Rejection(401, "invalid_token", "the key of the token is not published")
            return key

        return decoded(token, key_of, "invalid_token")

    def judge(self, claims):
        now = time.time()
        audiences = claims.get("aud")
        audiences = audiences if isinstance(audiences, list) else [audiences]
        cps = claims.get("cps")
        try:
            in_force = claims["nbf"] <= now + SKEW and now - SKEW < claims["exp"]
            is_ours = claims["iss"] == self.issuer and self.audience in audiences
            is_test = cps["test"] is not False
        except (KeyError, TypeError):
            raise Rejection(401, "invalid_token", "the token is not a JWT access token") from None
        if not is_ours:
            raise Rejection(401, "invalid_token", "the token is from another issuer or for another server")
        if not in_force:
            raise Rejection(401, "invalid_token", "the token has expired or is not valid yet")
        if is_test and not self.test_cards:
            raise Rejection(401, "invalid_token", "tokens of test cards are not taken here")

    def authorize(self, claims):
        if claims.get("acr") not in self.acr_values:
            values = " ".join(self.acr_values)
            raise Rejection(401, "insufficient_user_authentication", "a stronger login is needed", acr_values=values)
        if not self.scopes <= set(str(claims.get("scope", "")).split(" ")):
            raise Rejection(403, "insufficient_scope", "the token lacks a scope", scope=" ".join(sorted(self.scopes)))

    def proven(self, proofs, thumbprint, token, method, url):
        """RFC 9449 §4.3, and §7.1: the proof is of the key that the token is bound to."""

        def refuse(text):
            raise Rejection(401, "invalid_dpop_proof", text)

        def key_of(message):
            header = message.headers()
            jwk = header.get("jwk")
            if str(header.get("typ")).lower().removeprefix("application/") != "dpop+jwt" or not isinstance(jwk, dict):
                refuse("typ of the proof must be dpop+jwt, and its header must have a jwk")
            if PRIVATE_MEMBERS & set(jwk) or jwk.get("kty") not in ("EC", "OKP"):
                refuse("the jwk of the proof must be a public key on P-256 or Ed25519")
            key = JWKRegistry.import_key(jwk)
            if key.thumbprint() != thumbprint:
                refuse("the proof was made with another key than the token is bound to")
            return key

        if len(proofs) != 1:
            refuse("there must be one DPoP header")
        # The key makes the header longer than joserfc allows by itself.
        registry = JWSRegistry(algorithms=ALGORITHMS)
        registry.max_header_length = 2048
        claims = decoded(proofs[0], key_of, "invalid_dpop_proof", registry)
        identifier, made, digest = claims.get("jti"), claims.get("iat"), hashlib.sha256(token.encode()).digest()
        if claims.get("htm") != method:
            refuse("htm of the proof names another method")
        if normal(claims.get("htu")) is None or normal(claims.get("htu")) != normal(url):
            refuse("htu of the proof names another address")
        if isinstance(made, bool) or not isinstance(made, (int, float)) or not abs(time.time() - made) <= SKEW:
            refuse("the proof is too old or from the future")
        if claims.get("ath") != base64.urlsafe_b64encode(digest).rstrip(b"=").decode():
            refuse("ath of the proof is not the hash of the access token")
        if not isinstance(identifier, str) or not 1 <= len(identifier.encode()) <= 128:
            refuse("jti of the proof must have 1 to 128 bytes")
        return thumbprint, identifier


def decoded(text, key_of, error, registry=None):
    """The claims of a JWT, signed with the key that `key_of` finds by the header, by the algorithm of that key."""
    if len(text) > SIZE_LIMIT:
        raise Rejection(401, error, "too long")
    try:
        return jwt.decode(text, key_of, algorithms=ALGORITHMS, registry=registry).claims
    except (JoseError, ValueError, TypeError, KeyError):
        raise Rejection(401, error, "not a JWT that its key signed") from None


def normal(url):
    """An address without query and fragment, so that two spellings are equal (RFC 3986 §6.2); None for what is none."""
    try:
        parts = urllib.parse.urlsplit(url)
        port = parts.port or {"http": 80, "https": 443}[parts.scheme]
    except (AttributeError, KeyError, TypeError, ValueError):
        return None
    if parts.username is not None or not parts.hostname or {".", ".."} & set(urllib.parse.unquote(parts.path).split("/")):
        return None
    return parts.scheme, parts.hostname, port, parts.path or "/"
