import base64
import hashlib
import hmac
import json
import time
import unittest

from ally_sdk import WebhookVerificationError, verify_webhook

SECRET = "whsec_" + base64.b64encode(b"a secret of 24 bytes....").decode()
OTHER = "whsec_" + base64.b64encode(b"another one, of 24 bytes").decode()
BODY = '{"type":"job.completed","data":{"jobId":"ä"}}'.encode()


def signed(secret: str, body: bytes, ago_seconds: int = 0) -> dict[str, str]:
    """Signed here by the specification's text, not by its library."""
    timestamp = str(int(time.time()) - ago_seconds)
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.new(key, f"msg_1.{timestamp}.".encode() + body, hashlib.sha256).digest()
    signature = f"v1a,x v1,{base64.b64encode(digest).decode()}"
    return {"Webhook-Id": "msg_1", "Webhook-Timestamp": timestamp, "Webhook-Signature": signature}


class Webhooks(unittest.TestCase):
    def test_what_is_signed_is_taken_by_either_secret_while_they_rotate(self) -> None:
        self.assertEqual(verify_webhook(BODY, signed(SECRET, BODY), SECRET), json.loads(BODY))
        self.assertEqual(verify_webhook(BODY.decode(), signed(SECRET, BODY), [OTHER, SECRET]), json.loads(BODY))
        self.assertEqual(verify_webhook(BODY, signed(SECRET, BODY), ["", SECRET]), json.loads(BODY))
        self.assertTrue(verify_webhook(BODY, signed(SECRET, BODY, 290), SECRET))

    def test_anything_else_is_refused(self) -> None:
        headers = signed(SECRET, BODY)
        for body, given, secrets in (
            (BODY.replace(b"completed", b"failed"), headers, SECRET),
            (b"\xff" + BODY, headers, SECRET),
            (BODY, {**headers, "Webhook-Id": "msg_2"}, SECRET),
            (BODY, {**headers, "Webhook-Signature": "nonsense"}, SECRET),
            (BODY, {**headers, "Webhook-Signature": "v1,ä"}, SECRET),
            (BODY, signed(SECRET, BODY, 301), SECRET),
            (BODY, signed(SECRET, BODY, -301), SECRET),
            (BODY, headers, OTHER),
            (BODY, headers, []),
            (BODY, {}, SECRET),
            (BODY, signed("", BODY), ""),
            (BODY, signed("", BODY), "whsec_"),
            (BODY, signed("", BODY), ["", SECRET]),
        ):
            with self.subTest(given=given, secrets=secrets), self.assertRaises(WebhookVerificationError):
                verify_webhook(body, given, secrets)
