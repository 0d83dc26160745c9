"""How child processes start, end, and never outlive the launcher."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None

Command = Sequence[object]  # programs, words and paths, as str() writes them


def words(command: Command) -> list[str]:
    return [str(part) for part in command]


def ask(command: Command, said: str = "", **options: Any) -> "subprocess.CompletedProcess[str]":
    """Says something to a command and returns all it prints; whether it succeeded is the caller's to see."""
    return subprocess.run(words(command), input=said, capture_output=True, text=True, check=False, **options)


def dying_with_us(last_signal: int) -> Callable[[], None]:
    """For a child to call before exec: the kernel sends it last_signal when we die, even by kill -9."""
    parent = os.getpid()

    def promise() -> None:
        if LIBC:
            LIBC.prctl(PR_SET_PDEATHSIG, int(last_signal))
        if os.getppid() != parent:
            os._exit(1)

    return promise


def start(command: Command, last_signal: int = signal.SIGTERM, **options: Any) -> "subprocess.Popen[Any]":
    """Starts a child in a session of its own: Ctrl-C reaches only the launcher, which ends all in order."""
    return subprocess.Popen(
        words(command), start_new_session=True, preexec_fn=dying_with_us(last_signal), **options
    )


def stop(*children: "subprocess.Popen[Any]", sign: int = signal.SIGTERM, patience: float = 10) -> None:
    """Asks children to end, and after `patience` seconds ends each with all that it started in its session."""
    running = [child for child in children if child.poll() is None]
    for child in running:
        child.send_signal(sign)
    deadline = time.monotonic() + patience
    for child in running:
        try:
            child.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            end_now(child)


def end_now(child: "subprocess.Popen[Any]") -> None:
    if os.getpgid(child.pid) == child.pid:
        os.killpg(child.pid, signal.SIGKILL)
    child.kill()
    child.wait()


def complete(command: Command, **options: Any) -> int:
    """Runs a command apart from the terminal to its end, or to ours, and returns its exit code."""
    child = start(command, stdin=subprocess.DEVNULL, **options)
    try:
        return child.wait()
    finally:
        stop(child)


def attend(command: Command, **options: Any) -> int:
    """Runs a command in the foreground of the terminal. What Ctrl-C does is first for the command to say."""
    interrupts: list[int] = []
    child = subprocess.Popen(words(command), preexec_fn=dying_with_us(signal.SIGTERM), **options)
    before = signal.signal(signal.SIGINT, lambda sign, frame: interrupts.append(sign))
    try:
        code = child.wait()
    finally:
        signal.signal(signal.SIGINT, before)
        stop(child)
    if interrupts:
        raise KeyboardInterrupt
    return code


def end_on_signals() -> None:
    """Makes kill and a closed terminal end the launcher the way Ctrl-C does; nohup keeps its meaning."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
        signal.signal(signal.SIGHUP, signal.default_int_handler)


def finish_undisturbed() -> None:
    """From here on we only clean up, each wait has its limit, and another Ctrl-C must not cut it short."""
    for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(sign, signal.SIG_IGN)
