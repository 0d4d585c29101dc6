import json
import math
import time
import unittest
from uuid import UUID

import httpx

from ally_sdk import PROBLEM_TYPES, Ally, JobNotEnded, ProblemError, RetryLimits, unwrap
from ally_sdk.generated.api.jobs import generate_plan, job as read_job
from ally_sdk.generated.api.onboarding import profile
from ally_sdk.generated.api.operations import redrive_dead_letter
from ally_sdk.generated.models import AcceptedJob, Job, OperatorNote, PlanWish, Profile
from double import JOB_ID, Answer, Asked, Double, job, problem

JSON = {"content-type": "application/json"}
JOB = UUID(JOB_ID)
ACCEPTED = {"jobId": JOB_ID, "status": "queued", "position": "PLANS:1", "links": {"self": "/"}}


def in_turn(*answers: Answer):
    return lambda asked, count: answers[count - 1]


def job_answer(status: str, ended: bool, tag: str) -> Answer:
    return Answer(200, json.dumps(job(status, ended)), {**JSON, "etag": f'"{tag}"'})


class Requests(unittest.TestCase):
    def test_a_command_is_sent_again_with_the_same_key(self) -> None:
        answers = in_turn(
            problem(503, "overloaded", retry_after="0"),
            Answer(202, '{"jobId":', JSON, None, "reset"),
            problem(504, "deadline-exceeded"),
            Answer(202, json.dumps(ACCEPTED), JSON),
        )
        with Double(answers) as double, Ally(double.url, "token") as ally:
            accepted = unwrap(generate_plan.sync_detailed(client=ally.api, body=PlanWish(weeks=4)), AcceptedJob)
            self.assertEqual(accepted.job_id, JOB)
            keys = [asked.headers["idempotency-key"] for asked in double.asked]
            self.assertEqual((len(keys), len(set(keys))), (4, 1))
            UUID(keys[0])

    def test_a_key_of_the_callers_stays(self) -> None:
        with Double(in_turn(Answer(202, json.dumps(ACCEPTED), JSON))) as double, Ally(double.url, "token") as ally:
            generate_plan.sync_detailed(client=ally.api, body=PlanWish(), idempotency_key="spring")
            self.assertEqual(double.asked[0].headers["idempotency-key"], "spring")

    def test_a_command_without_a_key_is_not_sent_again_when_it_may_have_been_carried_out(self) -> None:
        for status, kind in ((503, "draining"), (503, "unavailable"), (504, "deadline-exceeded")):
            refusal = problem(status, kind)
            # Behind a proxy that puts a path before those of the document.
            with Double(lambda *_, refusal=refusal: refusal) as double, Ally(double.url + "/ally", "token") as ally:
                answer = redrive_dead_letter.sync_detailed(JOB_ID, client=ally.api, body=OperatorNote(note="x"))
                self.assertEqual((answer.status_code, len(double.asked)), (status, 1))
                self.assertNotIn("idempotency-key", double.asked[0].headers)

    def test_a_command_without_a_key_is_sent_again_when_nothing_was_done(self) -> None:
        answers = in_turn(
            problem(429, "rate-limited", retry_after="0"),
            problem(503, "overloaded", retry_after="0"),
            problem(404, "not-found"),
        )
        with Double(answers) as double, Ally(double.url, "token") as ally:
            answer = redrive_dead_letter.sync_detailed(JOB_ID, client=ally.api, body=OperatorNote(note="x"))
            self.assertEqual((answer.status_code, len(double.asked)), (404, 3))

    def test_commands_of_operators_that_take_a_key_get_one_and_are_sent_again_with_it(self) -> None:
        for path in ("", f"/{JOB_ID}/secret", f"/{JOB_ID}/ping"):
            answers = in_turn(problem(503, "unavailable", retry_after="0"), problem(404, "not-found"))
            with Double(answers) as double, Ally(double.url, "token") as ally:
                ally.api.get_httpx_client().post(f"/api/v1/operator/webhooks{path}")
                first, second = (asked.headers.get("idempotency-key") for asked in double.asked)
                self.assertIsNotNone(first, path)
                self.assertEqual(second, first)

    def test_tries_have_limits(self) -> None:
        with Double(lambda *_: problem(429, "rate-limited", retry_after="0")) as double:
            with Ally(double.url, "token", RetryLimits(attempts=3)) as ally:
                self.assertEqual(profile.sync_detailed(client=ally.api).status_code, 429)
                self.assertEqual(len(double.asked), 3)
        with Double(lambda *_: problem(429, "rate-limited", retry_after="3600")) as double:
            with Ally(double.url, "token", RetryLimits(total_seconds=5)) as ally:
                with self.assertRaises(ProblemError) as raised:
                    unwrap(profile.sync_detailed(client=ally.api), Profile)
                self.assertEqual(len(double.asked), 1, "a wait that is longer than the limit is not begun")
                self.assertEqual(raised.exception.retry_after_seconds, 3600)

    def test_a_request_that_gets_no_answer_in_its_time_is_sent_again(self) -> None:
        never = Answer(200, "{", JSON, None, "never")
        with Double(in_turn(never, job_answer("completed", True, "1"))) as double:
            with Ally(double.url, "token", RetryLimits(attempts=2, attempt_seconds=0.1)) as ally:
                self.assertTrue(unwrap(read_job.sync_detailed(JOB, client=ally.api), Job).ended)
                self.assertEqual(len(double.asked), 2)

    def test_a_server_that_is_not_there_is_an_error(self) -> None:
        with Ally("http://127.0.0.1:9", "token", RetryLimits(attempts=2)) as ally:
            with self.assertRaises(httpx.ConnectError):
                profile.sync_detailed(client=ally.api)

    def test_a_job_is_waited_for_with_the_state_that_is_known(self) -> None:
        answers = in_turn(
            job_answer("queued", False, "1"),
            Answer(304),
            job_answer("running", False, "2"),
            job_answer("completed", True, "3"),
        )
        with Double(answers) as double, Ally(double.url, "token") as ally:
            seen: list[str] = []
            ended = ally.wait_for_job(JOB, on_change=lambda job: seen.append(job.status.value))
            self.assertEqual(ended.status.value, "completed")
            self.assertEqual(seen, ["queued", "running", "completed"])
            tags = [asked.headers.get("if-none-match") for asked in double.asked]
            self.assertEqual(tags, [None, '"1"', '"1"', '"2"'])
            self.assertEqual(double.asked[0].path, f"/api/v1/jobs/{JOB_ID}?wait=30")

    def test_a_job_is_waited_for_through_failures_of_the_server_until_the_time_is_over(self) -> None:
        refusals = [problem(status, "made-up", retry_after="0") for status in (408, 429, 500, 502, 503, 504)]
        cut = Answer(200, "{", JSON, None, "reset")
        answers = in_turn(*refusals, cut, job_answer("completed", True, "1"))
        with Double(answers) as double, Ally(double.url, "token", RetryLimits(attempts=1)) as ally:
            self.assertEqual(ally.wait_for_job(JOB).status.value, "completed")
            self.assertEqual(len(double.asked), 8)

    def test_a_server_that_stays_away_is_the_cause_of_a_job_that_has_not_ended(self) -> None:
        away = problem(503, "draining", retry_after="3600")
        with Double(lambda *_: away) as double:
            for url, cause in ((double.url, ProblemError), ("http://127.0.0.1:9", httpx.ConnectError)):
                with Ally(url, "token", RetryLimits(attempts=1)) as ally:
                    begun = time.monotonic()
                    with self.assertRaises(JobNotEnded) as raised:
                        ally.wait_for_job(JOB, timeout_seconds=0.3)
                    self.assertIsInstance(raised.exception.__cause__, cause)
                    self.assertLess(time.monotonic() - begun, 5, "no wait goes beyond the time")

    def test_a_refusal_for_good_and_an_address_that_is_none_end_the_wait_at_once(self) -> None:
        with Double(in_turn(problem(404, "not-found"))) as double, Ally(double.url, "token") as ally:
            self.assertRaises(ProblemError, ally.wait_for_job, JOB)
        with Ally("ally.example", "token", RetryLimits(attempts=1)) as ally:
            self.assertRaises(httpx.UnsupportedProtocol, ally.wait_for_job, JOB)

    def test_times_without_end_are_no_error(self) -> None:
        answers = in_turn(problem(429, "rate-limited", retry_after="0"), job_answer("completed", True, "1"))
        limits = RetryLimits(total_seconds=math.inf, attempt_seconds=math.inf)
        with Double(answers) as double, Ally(double.url, "token", limits) as ally:
            self.assertEqual(ally.wait_for_job(JOB, timeout_seconds=math.inf).status.value, "completed")

    def test_a_time_to_wait_is_a_year_at_most(self) -> None:
        year = 365 * 24 * 60 * 60
        for value in ("9" * 400, str(2**64), "Fri, 31 Dec 9999 23:59:59 GMT"):
            refusal = problem(429, "rate-limited", retry_after=value)
            with Double(lambda *_, refusal=refusal: refusal) as double, Ally(double.url, "token") as ally:
                with self.assertRaises(ProblemError) as raised:
                    unwrap(profile.sync_detailed(client=ally.api), Profile)
                self.assertEqual((raised.exception.retry_after_seconds, len(double.asked)), (year, 1), value)

    def test_a_job_that_goes_on_is_no_failure_of_the_job(self) -> None:
        with Double(lambda *_: job_answer("running", False, "1")) as double, Ally(double.url, "token") as ally:
            with self.assertRaises(JobNotEnded) as raised:
                ally.wait_for_job(JOB, timeout_seconds=0.1)
            self.assertEqual(raised.exception.job.status.value, "running")

    def test_every_kind_of_problem_is_typed_and_a_newer_one_survives(self) -> None:
        kinds = [path.removeprefix("/problems/") for path in (*PROBLEM_TYPES, "/problems/made-up")]
        answers = in_turn(*(problem(422, kind) for kind in kinds))
        with Double(answers) as double, Ally(double.url, "token") as ally:
            for kind in kinds:
                with self.assertRaises(ProblemError) as raised:
                    unwrap(profile.sync_detailed(client=ally.api), Profile)
                self.assertEqual((raised.exception.kind, raised.exception.status), (kind, 422))

    def test_what_something_between_answers_is_a_problem_too(self) -> None:
        gateway = Answer(502, "<h1>Bad gateway</h1>", {"content-type": "text/html"})
        limits = RetryLimits(attempts=1)
        for status in (502, 503):
            gateway.status = status
            with Double(lambda *_: gateway) as double, Ally(double.url, "token", limits) as ally:
                with self.assertRaisesRegex(ProblemError, "Bad gateway") as raised:
                    unwrap(profile.sync_detailed(client=ally.api), Profile)
                self.assertEqual((raised.exception.kind, raised.exception.status), ("about:blank", status))
