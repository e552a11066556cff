"""MD4 (RFC 1320), which Windows makes of a password and no library of today has any more."""

import struct

START = (0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476)
FULL = 0xFFFFFFFF
ROUNDS = (
    (tuple(range(16)), (3, 7, 11, 19), 0),
    ((0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15), (3, 5, 9, 13), 0x5A827999),
    ((0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15), (3, 9, 11, 15), 0x6ED9EBA1),
)
"""Of each round the order of the words, the turns, and what is added."""


def md4(data: bytes) -> bytes:
    """The sixteen bytes."""
    padded = data + b"\x80" + bytes((55 - len(data)) % 64) + struct.pack("<Q", 8 * len(data))
    state = START
    for at in range(0, len(padded), 64):
        state = _block(state, struct.unpack_from("<16I", padded, at))
    return struct.pack("<4I", *state)


def _block(state: tuple[int, int, int, int], words: tuple[int, ...]) -> tuple[int, int, int, int]:
    a, b, c, d = state
    for number, (order, turns, more) in enumerate(ROUNDS):
        for at, word in enumerate(order):
            mixed = (a + _mix(number, b, c, d) + words[word] + more) & FULL
            turn = turns[at % 4]
            a, b, c, d = d, (mixed << turn | mixed >> (32 - turn)) & FULL, b, c
    before = state
    return (
        (a + before[0]) & FULL,
        (b + before[1]) & FULL,
        (c + before[2]) & FULL,
        (d + before[3]) & FULL,
    )


def _mix(number: int, b: int, c: int, d: int) -> int:
    if number == 0:
        return (b & c) | (~b & d)
    return (b & c) | (b & d) | (c & d) if number == 1 else b ^ c ^ d
