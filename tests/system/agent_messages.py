"""The messages of the agent's processes (agent/message/message.h), for tests: bytes to values and
back. It is written from the header alone, so it also judges the program's own encoder."""

import ipaddress
import struct

HELLO, ADDRESS, SEEN, PULSE, GAP, TARGET = 1, 2, 3, 4, 5, 6
SETTING, END, LICENSE, DOMAIN, RESULT, STANDING, TAKEN = 7, 8, 9, 10, 11, 12, 13

# Each kind's name and fields, in the header's order. Types: u8, u16, i64, bool, text, addr,
# licence (an i64), or a tuple of names for an enumeration of one byte.
SOURCES = {1: "keyserver", 2: "nat", 3: "panel", 4: "interface"}
GAPS = {0: "capture", 1: "conntrack", 2: "spool", 3: "mailboxes"}
TRACKING = {0: "unknown", 1: "none", 2: "works"}
SETTINGS = {1: "interval", 2: "mx-suffix", 3: "key-server"}
OUTCOMES = {1: "done", 2: "refused", 3: "stranger", 4: "later", 5: "unreachable",
            6: "untrusted", 7: "no-identity", 8: "broken"}
STATES = {0: "ok", 1: "potential", 2: "confirmed"}

KINDS = {
    HELLO: ("hello", [("sources", "u8"), ("why", "text")]),
    ADDRESS: ("address", [("address", "addr"), ("is_there", "bool"), ("at_s", "i64")]),
    SEEN: ("seen", [("source", SOURCES), ("address", "addr"), ("first_s", "i64"),
                    ("last_s", "i64"), ("packets", "i64")]),
    PULSE: ("pulse", [("at_s", "i64"), ("packets", "i64"), ("packets_lost", "i64"),
                      ("flows", "i64"), ("overruns", "i64"), ("tracking", TRACKING)]),
    GAP: ("gap", [("what", GAPS), ("first_s", "i64"), ("last_s", "i64"), ("lost", "i64")]),
    TARGET: ("target", [("is_collector", "bool"), ("address", "addr"), ("port", "u16")]),
    SETTING: ("setting", [("kind", SETTINGS), ("number", "i64"), ("text", "text")]),
    END: ("end", [("troubles", "u8"), ("has_counted", "bool"), ("why", "text")]),
    LICENSE: ("license", [("license", "licence"), ("version", "text"), ("product", "text"),
                          ("edition", "text"), ("expires", "text"), ("machine_id", "text"),
                          ("since_s", "i64")]),
    DOMAIN: ("domain", [("domain", "text"), ("mailboxes", "i64"), ("aliases", "i64"),
                        ("forwards", "i64"), ("lists", "i64"), ("alias_domains", "i64"),
                        ("catch_all", "bool"), ("filtered", "bool")]),
    RESULT: ("result", [("outcome", OUTCOMES), ("status", "i64"), ("retry_after_s", "i64"),
                        ("clock_boot", "i64"), ("identity_from", "i64"),
                        ("identity_to", "i64"), ("at", "text"), ("why", "text")]),
    STANDING: ("standing", [("license", "licence"), ("state", STATES), ("kinds", "text"),
                            ("since", "i64"), ("confirms_at", "i64")]),
    TAKEN: ("taken", [("server", "text"), ("is_lacking", "bool")]),
}
NUMBERS = {name: number for number, (name, _) in KINDS.items()}


class Malformed(Exception):
    """Bytes that are no message."""


def license_text(code):
    """PREFIX.NNNNNNNN of the integer that the agent holds."""
    prefix, number = divmod(code, 10**8)
    letters = ""
    for _ in range(6):
        prefix, digit = divmod(prefix, 27)
        letters = (chr(ord("A") + digit - 1) if digit else "") + letters
    return f"{letters}.{number:08d}"


def license_code(text):
    letters, number = text.split(".")[:2]
    code = 0
    for letter in letters.ljust(6):
        code = code * 27 + (0 if letter == " " else ord(letter) - ord("A") + 1)
    return code * 10**8 + int(number)


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def bytes(self, count):
        if self.at + count > len(self.data):
            raise Malformed(f"{count} bytes wanted at {self.at} of {self.data!r}")
        self.at += count
        return self.data[self.at - count:self.at]

    def number(self, form):
        return struct.unpack(">" + form, self.bytes(struct.calcsize(">" + form)))[0]

    def address(self):
        family = self.number("B")
        if family not in (4, 6):
            raise Malformed(f"family {family}")
        return str(ipaddress.ip_address(self.bytes(4 if family == 4 else 16)))

    def field(self, kind):
        if isinstance(kind, dict):
            number = self.number("B")
            if number not in kind:
                raise Malformed(f"{number} is none of {kind}")
            return kind[number]
        if kind == "bool":
            number = self.number("B")
            if number > 1:
                raise Malformed(f"{number} is neither 0 nor 1")
            return number == 1
        if kind == "text":
            return self.bytes(self.number("H")).decode()
        if kind == "addr":
            return self.address()
        if kind == "licence":
            return license_text(self.number("q"))
        return self.number({"u8": "B", "u16": "H", "i64": "q"}[kind])


def decode(data):
    """The first message of some bytes: a dict with "kind" and its fields, and how many bytes it
    took. None, 0 when it is not whole yet."""
    if len(data) < 4:
        return None, 0
    number, length = data[0], int.from_bytes(data[1:4], "big")
    if number not in KINDS or 4 + length > 4096:
        raise Malformed(data[:4].hex())
    if len(data) < 4 + length:
        return None, 0
    name, fields = KINDS[number]
    reader, found = Reader(data[4:4 + length]), {"kind": name}
    for field, kind in fields:
        # A setting has a field called kind: it is called `what` here.
        found["what" if field == "kind" else field] = reader.field(kind)
    if reader.at != length:
        raise Malformed(f"{length - reader.at} bytes left over in {name}")
    return found, 4 + length


def decode_all(data):
    """Every message of a pipe's bytes; nothing may be left over."""
    found = []
    while data:
        message, used = decode(data)
        if message is None:
            raise Malformed(f"cut off: {data!r}")
        found.append(message)
        data = data[used:]
    return found


def encode_field(kind, value):
    if isinstance(kind, dict):
        return struct.pack(">B", {name: number for number, name in kind.items()}[value])
    if kind == "text":
        data = value.encode()
        return struct.pack(">H", len(data)) + data
    if kind == "addr":
        address = ipaddress.ip_address(value)
        return struct.pack(">B", address.version) + address.packed
    if kind == "licence":
        return struct.pack(">q", license_code(value))
    return struct.pack({"u8": ">B", "bool": ">B", "u16": ">H", "i64": ">q"}[kind], value)


def encode(name, **values):
    """One message's bytes; what is left out is 0, "" or False (of a setting: `what`)."""
    number = NUMBERS[name]
    body = b""
    for field, kind in KINDS[number][1]:
        none = min(kind) if isinstance(kind, dict) else "" if kind == "text" else 0
        none = kind[none] if isinstance(kind, dict) else none
        body += encode_field(kind, values.pop("what" if field == "kind" else field, none))
    if values:
        raise Malformed(f"{name} has no {', '.join(values)}")
    return bytes([number]) + len(body).to_bytes(3, "big") + body
