"""The token: its shape, and two JWT libraries of another language that verify it from the JWKS alone."""

import base64
import hashlib
import json
import time

import joserfc.errors
import joserfc.jwk
import joserfc.jwt
import jwt
import pytest

from agent_process import AUDIENCE, ISSUER, WORKSTATION


@pytest.fixture
def ready(agent, persona, virtual_card):
    virtual_card(persona("cps4"))
    running = agent()
    running.wait_card()
    return running


def pyjwt_claims(token, jwks, audience=AUDIENCE):
    keys = jwt.PyJWKSet.from_dict(jwks)
    key = keys[jwt.get_unverified_header(token)["kid"]]
    return jwt.decode(
        token, key.key, algorithms=[jwt.get_unverified_header(token)["alg"]], audience=audience, issuer=ISSUER,
        options={"require": ["exp", "iat", "nbf", "iss", "sub", "aud", "jti"]},
    )


def joserfc_claims(token, jwks, algorithm="ES256"):
    decoded = joserfc.jwt.decode(token, joserfc.jwk.KeySet.import_key_set(jwks), algorithms=[algorithm])
    joserfc.jwt.JWTClaimsRegistry(
        iss={"essential": True, "value": ISSUER}, aud={"essential": True, "value": AUDIENCE}, exp={"essential": True}
    ).validate(decoded.claims)
    return decoded.claims


def test_a_token_has_the_promised_shape(ready):
    opened = ready.login()
    session, token = opened["session"], opened["access_token"]
    jwks = ready.get("/jwks")[1]
    claims = pyjwt_claims(token, jwks)
    header = jwt.get_unverified_header(token)
    assert (header["typ"], header["alg"]) == ("at+jwt", "ES256")

    issued = claims["iat"]
    assert abs(issued - time.time()) < 60
    jti = claims.pop("jti")
    assert len(jti) >= 16
    trace = claims["cps"].pop("trace")
    assert claims == {
        "iss": ISSUER, "sub": "899900063480", "aud": AUDIENCE, "client_id": "default",
        "iat": issued, "nbf": issued, "exp": issued + 120, "sid": session["id"],
        "scope": " ".join(session["scopes"]), "auth_time": claims["auth_time"], "acr": session["acr"], "amr": session["amr"],
        "extensions": {"ihe_iua": {
            "subject_name": "MAX LIBRE",
            "subject_role": [{"system": "urn:oid:1.2.250.1.71.1.2.7", "code": "10"}],
            "subject_organization_id": [],
            "purpose_of_use": [{"system": "urn:oid:2.16.840.1.113883.5.8", "code": "TREAT"}],
        }},
        "cps": {
            "mode": "card", "profile": None, "card_serial": session["card"]["serial"], "workstation": WORKSTATION,
            "reader_kind": "virtual", "revocation_as_of": None, "break_glass": None, "test": True,
        },
    }
    assert 0 <= issued - claims["auth_time"] <= 1
    # The token names its own trace.
    witness = json.loads(ready.leaves(trace)[0])
    assert (witness["seq"], witness["event"], witness["detail"]["jti"]) == (trace, "token.issued", jti)


def test_the_key_is_named_by_its_thumbprint(ready):
    """RFC 7638."""
    keys = ready.get("/jwks")[1]["keys"]
    assert keys
    for key in keys:
        assert "d" not in key
        required = {name: key[name] for name in ("crv", "kty", "x", "y")}
        digest = hashlib.sha256(json.dumps(required, sort_keys=True, separators=(",", ":")).encode()).digest()
        assert key["kid"] == base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        assert (key["use"], key["alg"]) == ("sig", "ES256")


def test_two_libraries_agree_on_the_claims(ready):
    token, jwks = ready.login()["access_token"], ready.get("/jwks")[1]
    claims = pyjwt_claims(token, jwks)
    assert joserfc_claims(token, jwks) == claims
    answer = ready.introspect(token)
    assert {name: answer[name] for name in claims} == claims


def test_two_libraries_refuse_a_changed_token(ready):
    token, jwks = ready.login()["access_token"], ready.get("/jwks")[1]
    head, body, signature = token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    claims["sub"] = "899999999999"
    changed = ".".join([head, base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode(), signature])
    with pytest.raises(jwt.InvalidSignatureError):
        pyjwt_claims(changed, jwks)
    with pytest.raises(joserfc.errors.BadSignatureError):
        joserfc_claims(changed, jwks)
    assert ready.introspect(changed) == {"active": False}
    with pytest.raises(jwt.InvalidAudienceError):
        pyjwt_claims(token, jwks, audience="https://elsewhere.example")


def test_tokens_can_be_signed_with_ed25519(agent, persona, virtual_card):
    virtual_card(persona("cps4"))
    running = agent(tokens={"algorithm": "Ed25519"})
    running.wait_card()
    token, jwks = running.login()["access_token"], running.get("/jwks")[1]
    assert jwt.get_unverified_header(token)["alg"] in ("EdDSA", "Ed25519")
    assert pyjwt_claims(token, jwks)["sub"] == "899900063480"


def test_a_token_has_the_scopes_and_life_that_were_asked_for(ready):
    session = ready.login()["session"]["id"]
    route = f"/sessions/{session}/tokens"
    status, answer = ready.post(route, {"audience": "https://dmp.example", "scopes": ["record:read"], "ttl": 30})
    assert (status, answer["expires_in"], answer["scope"]) == (201, 30, "record:read")
    claims = ready.introspect(answer["access_token"])
    assert (claims["aud"], claims["scope"], claims["exp"] - claims["iat"]) == ("https://dmp.example", "record:read", 30)
    assert ready.post(route, {"audience": AUDIENCE, "ttl": "1m"})[1]["expires_in"] == 60
    assert ready.post(route, {"audience": AUDIENCE, "ttl": "7d"})[1]["expires_in"] <= 900


def test_a_token_bound_to_a_key_says_so(ready):
    thumbprint = base64.urlsafe_b64encode(hashlib.sha256(b"a key").digest()).rstrip(b"=").decode()
    session = ready.login()["session"]["id"]
    status, answer = ready.post(f"/sessions/{session}/tokens", {"audience": AUDIENCE, "jkt": thumbprint})
    assert (status, answer["expires_in"]) == (201, 300)
    assert pyjwt_claims(answer["access_token"], ready.get("/jwks")[1])["cnf"] == {"jkt": thumbprint}


def test_a_scope_that_is_not_granted_refuses_the_whole_request(ready):
    session = ready.login()["session"]["id"]
    asked = {"audience": AUDIENCE, "scopes": ["record:read", "dispensation:write"]}
    status, refusal = ready.post(f"/sessions/{session}/tokens", asked)
    assert (status, refusal["code"], refusal["scope"]) == (403, "scope_denied", "dispensation:write")
    assert refusal["rule"]
    assert "access_token" not in refusal
    refused = ready.traces("token.refused")
    assert [trace["code"] for trace in refused] == ["scope_denied"]
    # At a login the same request is refused before the PIN.
    status, refusal = ready.post("/logins", asked)
    assert (status, refusal["code"]) == (403, "scope_denied")


@pytest.mark.parametrize(
    ("members", "status", "code"),
    [
        ({}, 422, "audience_required"),
        ({"audience": ""}, 422, "audience_required"),
        ({"audience": 7}, 400, "invalid_request"),
        ({"audience": AUDIENCE, "scopes": "record:read"}, 400, "invalid_request"),
        ({"audience": AUDIENCE, "scopes": ["two words"]}, 400, "invalid_request"),
        ({"audience": AUDIENCE, "ttl": -1}, 400, "invalid_request"),
        ({"audience": AUDIENCE, "jkt": "short"}, 400, "invalid_request"),
        ({"audience": AUDIENCE, "scope": "record:read"}, 400, "invalid_request"),
    ],
    ids=lambda value: json.dumps(value) if isinstance(value, dict) else None,
)
def test_a_malformed_request_gets_no_token(ready, members, status, code):
    session = ready.login()["session"]["id"]
    answered, refusal = ready.post(f"/sessions/{session}/tokens", members)
    assert (answered, refusal["code"]) == (status, code)
    assert ready.session(session)["state"] == "active"


def test_tokens_of_an_unknown_session_are_not_given(ready):
    status, refusal = ready.post("/sessions/none/tokens", {"audience": AUDIENCE})
    assert (status, refusal["code"]) == (404, "session_not_found")


@pytest.mark.parametrize(
    ("profession", "scopes"),
    [
        ("21", ["dispensation:write", "identity:read", "record:read"]),
        ("60", ["identity:read", "record:read", "record:write"]),
    ],
)
def test_rights_follow_the_profession(agent, persona, virtual_card, profession, scopes):
    virtual_card(persona("cps4", profession=profession, family="SAGE", given="LOU"))
    running = agent()
    running.wait_card()
    opened = running.login()
    assert opened["session"]["scopes"] == scopes
    role = running.introspect(opened["access_token"])["extensions"]["ihe_iua"]["subject_role"]
    assert role == [{"system": "urn:oid:1.2.250.1.71.1.2.7", "code": profession}]
