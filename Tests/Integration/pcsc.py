"""A PC/SC program of a few lines, for what ready-made tools hide: result codes, and an answer buffer of the usual size."""

import contextlib
import ctypes
import time

LIBRARY = ctypes.CDLL("libpcsclite.so.1")
EXCLUSIVE, SHARED, ANY_PROTOCOL, SYSTEM_SCOPE, LEAVE = 1, 2, 3, 2, 0
EMPTY, PRESENT = 0x10, 0x20
NOT_TRANSACTED = 0x80100016
REMOVED = 0x80100069
# What a program is told of a card without answer to reset depends on who tried to power it, and when.
CANNOT_BE_POWERED = {NOT_TRANSACTED, 0x80100066, 0x80100067}
READER = b"Virtual PCD 00 00"


class ReaderState(ctypes.Structure):
    _fields_ = [
        ("reader", ctypes.c_char_p), ("user_data", ctypes.c_void_p), ("current", ctypes.c_ulong), ("event", ctypes.c_ulong),
        ("atr_length", ctypes.c_ulong), ("atr", ctypes.c_ubyte * 33),
    ]


class IORequest(ctypes.Structure):
    _fields_ = [("protocol", ctypes.c_ulong), ("length", ctypes.c_ulong)]


def exchange(*commands):
    """Connects once and sends each command; gives pairs of result code and answer. A failed connection is one pair."""
    context, card, protocol = ctypes.c_long(), ctypes.c_long(), ctypes.c_ulong()
    code = LIBRARY.SCardEstablishContext(SYSTEM_SCOPE, None, None, ctypes.byref(context)) & 0xFFFFFFFF
    assert code == 0, hex(code)
    try:
        code = LIBRARY.SCardConnect(
            context, READER, SHARED, ANY_PROTOCOL, ctypes.byref(card), ctypes.byref(protocol)) & 0xFFFFFFFF
        if code:
            return [(code, b"")]
        answers = []
        for command in commands:
            data = bytes.fromhex(command)
            buffer, length = ctypes.create_string_buffer(258), ctypes.c_ulong(258)
            request = IORequest(protocol.value, ctypes.sizeof(IORequest))
            code = LIBRARY.SCardTransmit(
                card, ctypes.byref(request), data, len(data), None, buffer, ctypes.byref(length)) & 0xFFFFFFFF
            answers.append((code, buffer.raw[: length.value] if code == 0 else b""))
        LIBRARY.SCardDisconnect(card, LEAVE)
        return answers
    finally:
        LIBRARY.SCardReleaseContext(context)


def card_is_present():
    """As pcscd has it now; it looks into a virtual reader a few times a second."""
    context, state = ctypes.c_long(), ReaderState(reader=READER)
    assert LIBRARY.SCardEstablishContext(SYSTEM_SCOPE, None, None, ctypes.byref(context)) == 0
    try:
        code = LIBRARY.SCardGetStatusChange(context, 0, ctypes.byref(state), 1) & 0xFFFFFFFF
        assert code == 0, hex(code)
        return bool(state.event & PRESENT)
    finally:
        LIBRARY.SCardReleaseContext(context)


@contextlib.contextmanager
def held():
    """Has the card for itself, as some banking and signing programs do."""
    context, card, protocol = ctypes.c_long(), ctypes.c_long(), ctypes.c_ulong()
    assert LIBRARY.SCardEstablishContext(SYSTEM_SCOPE, None, None, ctypes.byref(context)) == 0
    try:
        code = LIBRARY.SCardConnect(
            context, READER, EXCLUSIVE, ANY_PROTOCOL, ctypes.byref(card), ctypes.byref(protocol)) & 0xFFFFFFFF
        assert code == 0, hex(code)
        yield
    finally:
        LIBRARY.SCardDisconnect(card, LEAVE)
        LIBRARY.SCardReleaseContext(context)


def wait_for_removal(seconds=20):
    """Returns the moment (time.perf_counter) at which PC/SC says that the reader is empty."""
    context, state = ctypes.c_long(), ReaderState(reader=READER)
    assert LIBRARY.SCardEstablishContext(SYSTEM_SCOPE, None, None, ctypes.byref(context)) == 0
    try:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            LIBRARY.SCardGetStatusChange(context, 1000, ctypes.byref(state), 1)
            if state.event & EMPTY:
                return time.perf_counter()
            state.current = state.event
        raise AssertionError(f"the reader was not empty within {seconds} s")
    finally:
        LIBRARY.SCardReleaseContext(context)
