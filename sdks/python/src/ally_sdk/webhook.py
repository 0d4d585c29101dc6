"""Verifies what a webhook of Ally delivers, by the library of the Standard Webhooks specification."""

from collections.abc import Mapping, Sequence
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError
from standardwebhooks.webhooks import EmptyWebhookSecretError

__all__ = ["WebhookVerificationError", "verify_webhook"]


def verify_webhook(body: bytes | str, headers: Mapping[str, str], secrets: str | Sequence[str]) -> Any:
    """The event of a delivery.

    `body` is the body as it came, before anybody parsed it; `secrets` are those of the endpoint (`whsec_…`), two while one
    replaces the other; an empty one is skipped. What is not signed by one of them, or is older than five minutes, is a `WebhookVerificationError`: answer
    it with 400.
    """
    failure = WebhookVerificationError("no secret was given")
    for secret in [secrets] if isinstance(secrets, str) else secrets:
        try:
            return Webhook(secret).verify(body, dict(headers))
        except WebhookVerificationError as error:
            failure = error
        # A variable that nobody set: with an empty key anybody could sign.
        except EmptyWebhookSecretError:
            continue
        # The library takes a signature apart without a look at what it is.
        except ValueError as error:
            failure = WebhookVerificationError(f"the delivery is malformed: {error}")
    raise failure
