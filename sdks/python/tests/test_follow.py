import time
import unittest
from collections.abc import Iterable
from unittest import mock
from uuid import UUID

from ally_sdk import Ally, JobNewsItem, ProblemError
from double import JOB_ID, Answer, Asked, Double, job, message, problem

STREAM = {"content-type": "text/event-stream"}
JOBS = 8
JOB = UUID(JOB_ID)


def event(number: int) -> str:
    body = {**job("running", False), "progress": number}
    data = {"type": "job.progressed", "id": f"log-{number}", "at": "2026-11-27T08:30:02Z", "job": body}
    return message("job", data, f"log-{number}")


def resumed(last: str | None, length: int | None = None, pieces: int | None = None, ends: str = "whole") -> Answer:
    """A stream of all events behind the last id, cut after some bytes."""
    after = 0 if last is None else int(last.split("-")[1])
    events = "".join(event(number) for number in range(after + 1, JOBS + 1))
    body = f"retry: 5\n{events}{message('end', {'type': 'end', 'reason': 'job_ended'})}"
    return Answer(200, body[:length], STREAM, pieces, ends)


def last(asked: Asked) -> str | None:
    return asked.headers.get("last-event-id")


def ids(items: Iterable[JobNewsItem]) -> list[str | None]:
    return [item.id for item in items]


ALL = [f"log-{number}" for number in range(1, JOBS + 1)]


class Follow(unittest.TestCase):
    def test_each_event_is_seen_once_and_in_order_wherever_connections_are_cut(self) -> None:
        for ends in ("clean", "reset"):

            def answering(asked: Asked, count: int, ends: str = ends) -> Answer:
                if count < 14:
                    # Each connection gets a little further than an event, by a length that no event has.
                    return resumed(last(asked), 350 + count * 7, 1 + count % 5, ends)
                return resumed(last(asked))

            with Double(answering) as double, Ally(double.url, "token") as ally:
                self.assertEqual(ids(ally.follow_job(JOB, attempts=50)), ALL)
                self.assertGreater(len(double.asked), 3)
                self.assertEqual(double.asked[0].headers["authorization"], "Bearer token")

    def test_a_refusal_for_now_is_waited_out_as_long_as_the_server_says(self) -> None:
        refusals = [problem(429, "rate-limited", retry_after="1"), problem(503, "overloaded", retry_after="0")]

        def answering(asked: Asked, count: int) -> Answer:
            return refusals[count - 1] if count <= len(refusals) else resumed(last(asked))

        with Double(answering) as double, Ally(double.url, "token") as ally:
            begun = time.monotonic()
            self.assertEqual(ids(ally.follow_job(JOB)), ALL)
            self.assertGreaterEqual(time.monotonic() - begun, 1)
            self.assertEqual(len(double.asked), 3)

    def test_only_a_wait_of_its_own_has_a_limit(self) -> None:
        ended = Answer(200, "retry: 99999999\n\n", STREAM, None, "clean")
        answers = [problem(503, "draining", retry_after="3600"), ended, Answer(204)]
        with Double(lambda _, count: answers[count - 1]) as double, Ally(double.url, "token") as ally:
            with mock.patch("ally_sdk.follow.time.sleep") as sleep:
                ids(ally.follow_job(JOB))
            server, own = (call.args[0] for call in sleep.call_args_list)
            self.assertGreaterEqual(server, 3600)
            self.assertTrue(300 <= own <= 330, own)

    def test_204_ends_it(self) -> None:
        with Double(lambda *_: Answer(204)) as double, Ally(double.url, "token") as ally:
            self.assertEqual(ids(ally.follow_job(JOB, last_event_id="log-8")), [])
            self.assertEqual([last(asked) for asked in double.asked], ["log-8"])

    def test_an_end_with_a_time_is_come_back_from_with_the_last_id(self) -> None:
        end = message("end", {"type": "end", "reason": "draining", "reconnectAfterMs": 1})

        def answering(asked: Asked, count: int) -> Answer:
            return Answer(200, event(1) + end, STREAM) if count == 1 else resumed(last(asked))

        with Double(answering) as double, Ally(double.url, "token") as ally:
            self.assertEqual(ids(ally.follow_jobs()), ALL)
            self.assertEqual([last(asked) for asked in double.asked], [None, "log-1"])
            self.assertEqual(double.asked[1].path, "/api/v1/events")

    def test_after_a_resync_the_last_id_is_forgotten(self) -> None:
        resync = message("resync", {"type": "resync", "reason": "unknown_position"})

        def answering(asked: Asked, count: int) -> Answer:
            return Answer(200, "retry: 5\n" + resync, STREAM, None, "clean") if count == 1 else resumed(None)

        with Double(answering) as double, Ally(double.url, "token") as ally:
            self.assertEqual(ids(ally.follow_job(JOB, last_event_id="other-9")), [None, *ALL])
            self.assertEqual([last(asked) for asked in double.asked], ["other-9", None])

    def test_events_of_another_kind_are_left_out_and_their_ids_count(self) -> None:
        def answering(asked: Asked, count: int) -> Answer:
            weather = "retry: 5\n" + message("weather", {"rain": True}, "log-3")
            return Answer(200, weather, STREAM, None, "clean") if count == 1 else resumed(last(asked))

        with Double(answering) as double, Ally(double.url, "token") as ally:
            self.assertEqual(ids(ally.follow_job(JOB)), ALL[3:])
            self.assertEqual(last(double.asked[1]), "log-3")

    def test_news_of_a_newer_server_is_there_as_it_came(self) -> None:
        data = {"type": "job.admired", "id": "log-8", "at": "2026-11-27T08:30:02Z", "job": job("completed", True)}
        end = message("end", {"type": "end", "reason": "job_ended"})
        with Double(lambda *_: Answer(200, message("job", data, "log-8") + end, STREAM)) as double:
            with Ally(double.url, "token") as ally:
                [item] = ally.follow_job(JOB)
                self.assertEqual((item.type, item.news, item.data), ("job.admired", None, data))

    def test_a_refusal_for_good_is_raised_at_once(self) -> None:
        for status, kind in ((401, "unauthorized"), (404, "not-found")):
            refusal = problem(status, kind)
            with Double(lambda *_, refusal=refusal: refusal) as double, Ally(double.url, "token") as ally:
                with self.assertRaises(ProblemError) as raised:
                    ids(ally.follow_job(JOB))
                self.assertEqual((raised.exception.kind, len(double.asked)), (kind, 1))

    def test_a_silent_stream_is_left_and_failures_without_end_are_raised(self) -> None:
        silent = Answer(200, "retry: 5\n\n", STREAM, None, "never")
        with Double(lambda *_: silent) as double, Ally(double.url, "token") as ally:
            with self.assertRaisesRegex(Exception, "timed out"):
                ids(ally.follow_job(JOB, attempts=3, silence_seconds=0.5))
            self.assertEqual(len(double.asked), 3)

    def test_a_token_is_asked_for_anew_with_each_connection(self) -> None:
        tokens = iter(["one", "two"])

        def answering(asked: Asked, count: int) -> Answer:
            return problem(503, "draining") if count == 1 else resumed(last(asked))

        with Double(answering) as double, Ally(double.url, lambda: next(tokens)) as ally:
            ids(ally.follow_job(JOB))
            used = [asked.headers["authorization"] for asked in double.asked]
            self.assertEqual(used, ["Bearer one", "Bearer two"])
