"""A phone of stock libraries reads the code of the workstation: pair_phone.py CODE_URI CERTIFICATE AUDIENCE ORDERS.

It shows its two digits, waits for its tokens, and then does what the lines of the pipe ORDERS say: `call` asks whether its token is good,
`refresh` fetches the next one, `end` ends it.
"""

import pathlib
import sys
import time
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "Docs" / "examples" / "phone"))

from authlib.integrations.base_client import OAuthError  # noqa: E402
from mobile_phone import PRE_AUTHORIZED, Phone  # noqa: E402

code_uri, certificate, audience, orders = sys.argv[1:]
issuer = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(code_uri).query))["issuer"]
phone = Phone(issuer, certificate, name="Téléphone de MAX")
code = phone.read_code(code_uri)
print("the listener shows the key that the code names")
assert phone.refused(PRE_AUTHORIZED, **phone.redemption(code)) == "authorization_pending"
print("digits", phone.digits, flush=True)
with open(orders) as pipe:
    for line in pipe:
        order = line.strip()
        try:
            if order == "redeem":
                deadline = time.monotonic() + 20
                while True:
                    try:
                        phone.redeem(code)
                        break
                    except OAuthError as wait:
                        if wait.error not in ("authorization_pending", "slow_down") or time.monotonic() > deadline:
                            raise
                        time.sleep(1)
            elif order == "refresh":
                phone.refresh(resource=audience)
            else:
                break
            print("token", phone.token["access_token"], flush=True)
        except OAuthError as refusal:
            print("refused", refusal.error, flush=True)
