"""The client of Ally: the operations and types of its OpenAPI document (`ally_sdk.generated`), and a thin layer for what a
document cannot say."""

from .client import Ally
from .follow import JobNewsItem
from .jobs import JobNotEnded
from .problem import ProblemError, unwrap
from .problem_types import PROBLEM_TYPES
from .retry import RetryLimits
from .webhook import WebhookVerificationError, verify_webhook

__all__ = [
    "PROBLEM_TYPES",
    "Ally",
    "JobNewsItem",
    "JobNotEnded",
    "ProblemError",
    "RetryLimits",
    "WebhookVerificationError",
    "unwrap",
    "verify_webhook",
]
