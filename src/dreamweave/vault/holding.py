"""Holding: many may seal at once, one forgets alone, and neither waits for ever.

Whoever waits to be alone lets nobody new in, except a thread that is inside
already (it would wait for itself); whoever waited while somebody was alone goes
in before the next one is. A thread, not a task: hold nothing across an `await`
whose end another thread has to bring.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition, get_ident


class Holding:
    """A lock that is shared by sealers and held alone by whoever forgets."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._inside: Counter[int] = Counter()  # thread -> how often it is inside
        self._alone = False
        self._asking = 0  # how many wait to be alone
        self._round = 0  # how often somebody was alone
        self._waiting: Counter[int] = Counter()  # round in which they came -> how many wait

    def is_inside(self) -> bool:
        """Whether this thread is inside."""
        with self._changed:
            return self._inside[get_ident()] > 0

    @contextmanager
    def shared(self) -> Iterator[None]:
        me = get_ident()
        with self._changed:
            if not self._inside[me]:
                came = self._round
                self._waiting[came] += 1
                try:
                    self._changed.wait_for(
                        lambda: not self._alone and (not self._asking or self._round > came)
                    )
                finally:
                    self._waiting[came] -= 1
                    if not self._waiting[came]:
                        del self._waiting[came]
                    self._changed.notify_all()
            self._inside[me] += 1
        try:
            yield
        finally:
            with self._changed:
                self._inside[me] -= 1
                if not self._inside[me]:
                    del self._inside[me]
                self._changed.notify_all()

    @contextmanager
    def alone(self) -> Iterator[None]:
        if self.is_inside():
            raise ValueError("forgetting inside sealing() would wait for itself")
        with self._changed:
            self._asking += 1
            try:
                self._changed.wait_for(self._nobody_is_before)
            finally:
                self._asking -= 1
                self._changed.notify_all()
            self._alone = True
        try:
            yield
        finally:
            with self._changed:
                self._alone = False
                self._round += 1
                self._changed.notify_all()

    def _nobody_is_before(self) -> bool:
        due = any(came < self._round for came in self._waiting)
        return not self._alone and not self._inside and not due
