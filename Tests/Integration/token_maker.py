"""Tokens and proofs as an agent and a phone make them, or as somebody makes them who should not."""

import base64
import hashlib
import json
import time
import uuid

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature


def encode64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def as_json(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


class Key:
    """A key on P-256 that signs whatever it is given."""

    def __init__(self):
        self.private = ec.generate_private_key(ec.SECP256R1())
        numbers = self.private.public_key().public_numbers()
        x, y = (encode64url(value.to_bytes(32, "big")) for value in (numbers.x, numbers.y))
        self.jwk = {"kty": "EC", "crv": "P-256", "x": x, "y": y}
        self.thumbprint = encode64url(hashlib.sha256(as_json(self.jwk)).digest())
        self.private_value = encode64url(self.private.private_numbers().private_value.to_bytes(32, "big"))

    def sign(self, header, claims):
        signed = f"{encode64url(as_json({'alg': 'ES256', **header}))}.{encode64url(as_json(claims))}"
        r, s = decode_dss_signature(self.private.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
        return f"{signed}.{encode64url(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"

    def proof(self, token, method, url, header=(), **claims):
        """A DPoP proof; a claim that is None is left out."""
        digest = encode64url(hashlib.sha256(token.encode()).digest())
        members = {"htm": method, "htu": url, "iat": int(time.time()), "jti": str(uuid.uuid4()), "ath": digest, **claims}
        return self.sign({"typ": "dpop+jwt", "jwk": self.jwk, **dict(header)}, {n: v for n, v in members.items() if v is not None})


class Issuer:
    """An agent that signs tokens for the holder of `client`."""

    def __init__(self, address, audience):
        self.address, self.audience = address, audience
        self.key, self.client = Key(), Key()

    @property
    def jwks(self):
        return as_json({"keys": [{**self.key.jwk, "kid": self.key.thumbprint, "use": "sig", "alg": "ES256"}]})

    def claims(self, cps=(), **changes):
        now = int(time.time())
        claims = {
            "iss": self.address, "sub": "899900063480", "aud": self.audience, "client_id": "cps-mobile", "iat": now, "nbf": now,
            "exp": now + 300, "jti": str(uuid.uuid4()), "sid": "s1", "scope": "record:read record:write", "auth_time": now - 60,
            "acr": f"{self.address}/acr/mobile", "amr": ["sc", "pin", "mfa", "hwk"], "cnf": {"jkt": self.client.thumbprint},
            "extensions": {"ihe_iua": {
                "subject_name": "MAX LIBRE", "subject_role": [{"system": "urn:oid:1.2.250.1.71.1.2.7", "code": "10"}],
                "subject_organization_id": [], "purpose_of_use": [{"system": "urn:oid:2.16.840.1.113883.5.8", "code": "TREAT"}]}},
            "cps": {
                "mode": "mobile", "profile": "1", "card_serial": "2600855206", "workstation": "ws-042", "reader_kind": "usb",
                "revocation_as_of": None, "trace": 1234, "break_glass": None, "test": False, **dict(cps)},
            **changes,
        }
        return {name: value for name, value in claims.items() if value is not None}

    def token(self, header=(), cps=(), key=None, **changes):
        head = {"typ": "at+jwt", "kid": self.key.thumbprint, **dict(header)}
        return (key or self.key).sign(head, self.claims(cps, **changes))
