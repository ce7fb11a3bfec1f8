"""Verifies an access token on stdin: verify_token.py JWKS AUDIENCE ISSUER. Prints its header and claims."""

import json
import sys

import jwt

keys, audience, issuer = sys.argv[1:]
token = sys.stdin.read().strip()
header = jwt.get_unverified_header(token)
assert header["typ"] == "at+jwt", header
key = next(k for k in jwt.PyJWKSet.from_json(open(keys).read()).keys if k.key_id == header["kid"])
claims = jwt.decode(token, key, algorithms=["ES256", "EdDSA"], audience=audience, issuer=issuer, leeway=2)
print("signature, issuer, audience and times are good (PyJWT " + jwt.__version__ + ")")
print(json.dumps({"header": header, "claims": claims}, indent=2, ensure_ascii=False))
