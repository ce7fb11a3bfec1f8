"""A practitioner's phone on stock libraries: Authlib for OAuth, joserfc for the proofs of its key. No code of ours is in it."""

import base64
import hashlib
import secrets
import ssl
import time
import urllib.parse

from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jwt
from joserfc.jwk import ECKey

PRE_AUTHORIZED = "urn:ietf:params:oauth:grant-type:pre-authorized_code"
DEVICE = "urn:ietf:params:oauth:grant-type:device_code"


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def listener_pin(host, port):
    """Of the key that a listener shows, as the code on the workstation has it."""
    certificate = x509.load_pem_x509_certificate(ssl.get_server_certificate((host, port)).encode())
    return base64url(hashlib.sha256(certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).digest())


class Phone:
    """One device with a key of its own. `authority` is the file of the certificate that it trusts."""

    def __init__(self, issuer, authority, name="Pixel de MAX", client="cps-mobile"):
        self.issuer = issuer
        self.name = name
        self.key = ECKey.generate_key("P-256", private=True)
        self.nonce = None
        self.digits = f"{secrets.randbelow(100):02}"
        self.http = OAuth2Session(client_id=client, token_endpoint_auth_method="none")
        self.http.trust_env = False  # else a bundle that the environment names counts for more
        self.http.verify = str(authority)
        self.metadata = self.http.get(f"{issuer}/.well-known/oauth-authorization-server", withhold_token=True).json()
        assert self.metadata["issuer"] == issuer

        def remember(response):
            self.nonce = response.headers.get("DPoP-Nonce", self.nonce)
            return response

        self.http.register_compliance_hook("access_token_response", remember)
        self.http.register_compliance_hook("refresh_token_response", remember)
        self.token = None

    def thumbprint(self):
        return self.key.thumbprint()

    def proof(self, method, url, token=None, key=None, typ="dpop+jwt", private=False, **claims):
        """RFC 9449 §4.2; the rest is for those who do it wrong."""
        key = key or self.key
        header = {"typ": typ, "alg": "ES256", "jwk": key.as_dict(private=private)}
        members = {"jti": secrets.token_urlsafe(16), "htm": method, "htu": url, "iat": int(time.time())}
        if self.nonce:
            members["nonce"] = self.nonce
        if token:
            members["ath"] = base64url(hashlib.sha256(token.encode()).digest())
        members.update(claims)
        return jwt.encode(header, {name: value for name, value in members.items() if value is not None}, key)

    def ask(self, grant, **parameters):
        """The token endpoint; a nonce that is asked for is given."""
        url = self.metadata["token_endpoint"]
        for _ in range(2):
            try:
                self.token = self.http.fetch_token(
                    url, grant_type=grant, headers={"DPoP": self.proof("POST", url), "Accept": "application/json"}, **parameters)
                return self.token
            except OAuthError as refusal:
                if refusal.error != "use_dpop_nonce":
                    raise
        raise AssertionError("the nonce that was given is not taken")

    def refused(self, grant, **parameters):
        """The error of a request that has to be refused."""
        try:
            self.ask(grant, **parameters)
        except OAuthError as refusal:
            return refusal.error
        raise AssertionError("it was granted")

    # The ways in

    def read_code(self, code_uri):
        """What is behind the square on the workstation; the phone looks whether the listener is the one that is meant."""
        parts = urllib.parse.urlsplit(code_uri)
        fields = dict(urllib.parse.parse_qsl(parts.query, strict_parsing=True))
        assert fields["issuer"] == self.issuer
        place = urllib.parse.urlsplit(self.issuer)
        assert listener_pin(place.hostname, place.port) == fields["pin"]
        return fields["code"]

    def redeem(self, code):
        return self.ask(PRE_AUTHORIZED, **self.redemption(code))

    def redemption(self, code):
        return {"pre-authorized_code": code, "tx_code": self.digits, "device_name": self.name}

    def authorize(self, **parameters):
        """Begins a device grant (RFC 8628 §3.1)."""
        url = self.metadata["device_authorization_endpoint"]
        for _ in range(2):
            answer = self.http.request(
                "POST", url, withhold_token=True, headers={"DPoP": self.proof("POST", url)},
                data={"client_id": self.http.client_id, "device_name": self.name, **parameters})
            self.nonce = answer.headers.get("DPoP-Nonce", self.nonce)
            if answer.status_code != 400 or answer.json()["error"] != "use_dpop_nonce":
                break
        return answer.status_code, answer.json()

    def refresh(self, **parameters):
        return self.ask("refresh_token", refresh_token=self.token["refresh_token"], **parameters)

    def call(self, url, method="GET", **wrong):
        """A request to a server that takes its tokens."""
        token = self.token["access_token"]
        headers = {"Authorization": f"DPoP {token}", "DPoP": self.proof(method, url, token, nonce=None, **wrong)}
        return self.http.request(method, url, withhold_token=True, headers=headers)
