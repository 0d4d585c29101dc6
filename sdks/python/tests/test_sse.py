import unittest
from unittest import mock

from ally_sdk.sse import EventParser, ServerSentEvent

TEXT = '\ufeffretry: 1500\r\nid: 1\r\nevent: job\r\ndata: {"ä":"🏋"}\r\n\r\n: a comment\n\nevent: end\rdata: one\rdata: two\r\r'
EVENTS = [ServerSentEvent("job", '{"ä":"🏋"}', "1"), ServerSentEvent("end", "one\ntwo", "1")]


class Sse(unittest.TestCase):
    def test_events_are_the_same_wherever_their_bytes_are_cut(self) -> None:
        content = TEXT.encode()
        for first in range(len(content) + 1):
            for second in range(first, len(content) + 1):
                parser = EventParser()
                parts = (content[:first], content[first:second], content[second:])
                events = [event for part in parts for event in parser.push(part)]
                self.assertEqual(events, EVENTS, f"cut at {first} and {second}")
                self.assertEqual(parser.reconnect_ms, 1500)

    def test_an_event_that_is_not_whole_is_none(self) -> None:
        self.assertEqual(EventParser().push(b"id: 2\nevent: job\ndata: {}\n"), [])

    def test_an_event_without_end_is_refused(self) -> None:
        parser = EventParser()
        with self.assertRaisesRegex(ValueError, "longer than"):
            for _ in range(10):
                parser.push(b"data: " + b"x" * 1024 * 1024 + b"\n")
        with mock.patch("ally_sdk.sse.LONGEST_EVENT", 100), self.assertRaisesRegex(ValueError, "longer than 100"):
            EventParser().push(b"data\n" * 101)
