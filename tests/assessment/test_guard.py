"""Misbehaving objects are looked at quietly, briefly and without an error."""

from __future__ import annotations

import logging
import signal
import sys
import threading
import time
import warnings

import pytest

from oxboys_mlm.assessment.guard import TOOK_TOO_LONG, TookTooLong, attempt, name_problem, time_limit


def _raise(problem: BaseException) -> None:
    raise problem


@pytest.mark.parametrize(
    "problem", [ValueError("x"), SystemExit(), KeyboardInterrupt(), GeneratorExit(), RecursionError()]
)
def test_whatever_is_raised_comes_back(problem: BaseException) -> None:
    """An error of any kind is a value, not an error."""
    assert attempt(lambda: _raise(problem), 5) is problem


def test_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    """Prints, warnings and log messages stay inside, even those of a handler that was there before."""
    handler = logging.StreamHandler(sys.stderr)
    logging.getLogger("noisy").addHandler(handler)
    try:

        def look() -> int:
            print("out")
            print("err", file=sys.stderr)
            warnings.warn("look", stacklevel=1)
            logging.getLogger("noisy").critical("look")
            return 1

        assert attempt(look, 5) == 1
    finally:
        logging.getLogger("noisy").removeHandler(handler)
    assert capsys.readouterr() == ("", "")
    assert logging.getLogger("noisy").isEnabledFor(logging.CRITICAL)


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="Windows has no alarms")
def test_time_limit() -> None:
    """What takes too long is interrupted, and the alarm's former handler comes back."""
    before = signal.getsignal(signal.SIGALRM)

    assert isinstance(attempt(lambda: time.sleep(60), 0.05), TookTooLong)
    assert signal.getsignal(signal.SIGALRM) is before
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


@pytest.fixture
def _no_alarms(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away what Windows does not have."""
    monkeypatch.delattr(signal, "setitimer", raising=False)
    monkeypatch.delattr(signal, "SIGALRM", raising=False)


def _endless() -> None:
    while True:
        pass


@pytest.mark.usefixtures("_no_alarms")
def test_time_limit_without_alarms() -> None:
    """Where there are no alarms, what takes too long is interrupted all the same, and Ctrl-C is what it was."""
    before = signal.getsignal(signal.SIGINT)

    assert isinstance(attempt(_endless, 0.05), TookTooLong)
    assert isinstance(attempt(lambda: signal.raise_signal(signal.SIGINT), 5), KeyboardInterrupt)
    assert attempt(lambda: 1, 5) == 1
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.usefixtures("_no_alarms")
def test_swallowed_interruption_without_alarms() -> None:
    """Code that swallows the first interruption meets the next."""

    def look() -> None:
        try:
            _endless()
        except BaseException:  # noqa: BLE001 - as an answer might
            _endless()

    assert isinstance(attempt(look, 0.05), TookTooLong)


@pytest.mark.usefixtures("_no_alarms")
def test_limit_within_a_limit_without_alarms() -> None:
    """The outer limit goes on when the inner one is over."""

    def look() -> None:
        assert isinstance(attempt(_endless, 0.05), TookTooLong)
        _endless()

    assert isinstance(attempt(look, 0.3), TookTooLong)


def test_limit_within_a_limit() -> None:
    """The outer limit goes on when the inner one is over."""

    def look() -> None:
        assert attempt(lambda: 1, 5) == 1
        time.sleep(60)

    assert isinstance(attempt(look, 0.2), TookTooLong)


def test_swallowed_interruption() -> None:
    """Code that swallows the first interruption meets the next."""

    def look() -> str:
        try:
            time.sleep(60)
        except BaseException:  # noqa: BLE001 - as an answer might
            time.sleep(60)
        return "survived"

    assert isinstance(attempt(look, 0.05), TookTooLong)


def test_other_threads_have_no_limit() -> None:
    """Where no alarm can be set, the block simply runs."""
    done = []

    def run() -> None:
        with time_limit(0.01):
            done.append(True)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert done == [True]


class _RudeError(Exception):
    def __str__(self) -> str:
        print("rude")
        raise SystemExit


class _LongError(Exception):
    def __str__(self) -> str:
        return "x" * 100_000 + "\nsecond line"


def test_names_of_problems(capsys: pytest.CaptureFixture[str]) -> None:
    """A problem's name is short and one line, whatever its message does."""
    assert name_problem(ValueError("no\nsecond line")) == "ValueError: no"
    assert name_problem(ValueError()) == "ValueError"
    assert name_problem(TookTooLong()) == TOOK_TOO_LONG
    assert name_problem(_RudeError()) == "_RudeError"
    assert len(name_problem(_LongError())) <= 150
    assert capsys.readouterr() == ("", "")
