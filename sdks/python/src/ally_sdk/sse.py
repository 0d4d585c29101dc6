"""Reads server-sent events out of bytes, as they are cut. What is not whole at the end of the bytes was never sent."""

import codecs
from dataclasses import dataclass

LONGEST_EVENT = 8 * 1024 * 1024
"""More text than any event of this API has, in characters."""


@dataclass(frozen=True)
class ServerSentEvent:
    event: str
    data: str
    id: str | None
    """The last id that the stream has named."""


class EventParser:
    def __init__(self) -> None:
        self.reconnect_ms: int | None = None
        """What the server has set with `retry:`."""
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._line: list[str] = []
        self._was_return = False
        self._is_first = True
        self._event = ""
        self._data: list[str] = []
        self._size = 0
        self._id: str | None = None

    def push(self, chunk: bytes) -> list[ServerSentEvent]:
        """The events that are whole with these bytes."""
        text = self._decoder.decode(chunk)
        if text and self._is_first:
            self._is_first = False
            text = text.removeprefix("\ufeff")
        events = []
        begin = 0
        for at, character in enumerate(text):
            if character not in "\r\n":
                continue
            # The second half of \r\n, also where bytes were cut between the two.
            is_second_half = character == "\n" and self._was_return and at == begin and not self._line
            if not is_second_half:
                self._line.append(text[begin:at])
                event = self._take("".join(self._line))
                if event is not None:
                    events.append(event)
            self._line = []
            self._was_return = character == "\r"
            begin = at + 1
        if begin < len(text):
            self._line.append(text[begin:])
            self._was_return = False
        if self._size + sum(map(len, self._line)) > LONGEST_EVENT:
            raise ValueError(f"an event is longer than {LONGEST_EVENT} characters: the stream is not one of Ally")
        return events

    def _take(self, line: str) -> ServerSentEvent | None:
        if not line:
            return self._dispatch()
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        # An empty line of data takes room too.
        self._size += len(value) + 1 if name else 0
        if name == "event":
            self._event = value
        elif name == "data":
            self._data.append(value)
        elif name == "id" and "\0" not in value:
            self._id = value
        elif name == "retry" and value.isascii() and value.isdigit():
            self.reconnect_ms = int(value)
        return None

    def _dispatch(self) -> ServerSentEvent | None:
        event, data = self._event or "message", "\n".join(self._data)
        is_empty = not self._data
        self._event, self._data, self._size = "", [], 0
        return None if is_empty else ServerSentEvent(event, data, self._id)
