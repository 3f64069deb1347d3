"""Numbers with units, as a student may write them: "0.5 ms", "24.98 Hz", "50 %", "1/3"."""

import difflib
import math
import re

from wclab.course.odd import Odd

TIME, RATE, SQUARE, PLAIN = "time", "rate", "square of a rate", "plain"
UNITS: dict[str, tuple[str, float]] = {
    "s": (TIME, 1.0),
    "ms": (TIME, 1e-3),
    "us": (TIME, 1e-6),
    "Hz": (RATE, 1.0),
    "kHz": (RATE, 1e3),
    "mHz": (RATE, 1e-3),
    "1/s": (RATE, 1.0),
    "1/ms": (RATE, 1e3),
    "1/s^2": (SQUARE, 1.0),
    "1/ms^2": (SQUARE, 1e6),
    "%": (PLAIN, 0.01),
    "": (PLAIN, 1.0),
}
NAMES = {
    "seconds": "s", "second": "s", "sec": "s", "milliseconds": "ms", "millisecond": "ms",
    "msec": "ms", "µs": "us", "μs": "us", "hertz": "Hz", "percent": "%", "per cent": "%",
}  # fmt: skip
LONGEST = 1_000  # characters of a number with its unit
SIGNS = {
    0x2212: "-",  # minus
    0x00D7: "x",  # times
    0x00B7: " ",  # middle dot
    0x207B: "^-",  # minus, above
    0x00B9: "1",  # one, above
    0x00B2: "^2",  # two, above
}
NUMBER = re.compile(
    r"\s*(?P<top>[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)"
    r"(?:\s*/\s*(?P<bottom>\d+\.?\d*))?\s*(?P<unit>.*?)\s*",
    re.IGNORECASE | re.DOTALL,
)


def read(text: str, asked: str) -> tuple[float, str]:
    """Return the number of a text in the unit that is asked for, and its digits as written.

    Raises
    ------
    Odd
        If there is no number, or its unit is unknown or measures something else.
    """
    if len(text) > LONGEST:
        raise Odd("text_for_number", given=text[:60])
    plain = re.sub(r"(?<=\d),(?=\d)", ".", text.translate(SIGNS).strip().strip("$'\"`"))
    plain = re.sub(r"\s*[x*]\s*10\s*(?:\^|\*\*)\s*([+-]?\d+)", r"e\1", plain)
    found = NUMBER.fullmatch(plain)
    if not found:
        raise Odd("text_for_number", given=text[:60])
    value = float(found["top"])
    if found["bottom"]:
        if float(found["bottom"]) == 0:
            raise Odd("infinite")
        value /= float(found["bottom"])
    if math.isinf(value):
        raise Odd("infinite")
    if not found["unit"]:
        return value, found["top"]
    kind, factor = UNITS[_unit(found["unit"])]
    wanted, scale = UNITS[asked]
    if kind != wanted:
        key = "other_unit" if asked not in ("", "%") else "needs_no_unit"
        raise Odd(key, given=found["unit"], asked=asked)
    return value * factor / scale, found["top"] if factor == scale else ""


def _unit(name: str) -> str:
    """Return the name of a unit in our table."""
    plain = re.sub(r"\s+", " ", name)
    plain = NAMES.get(plain.lower(), plain)
    plain = re.sub(r"^(?:per |/)\s*", "1/", plain)
    plain = re.sub(r"^(m?s)\s*(?:\^|\*\*)\s*-\s*1$", r"1/\1", plain)
    plain = re.sub(r"^(m?s)\s*(?:\^|\*\*)\s*-\s*\^?2$", r"1/\1^2", plain).replace("**", "^")
    if plain in UNITS:
        return plain
    same = [unit for unit in UNITS if unit.lower() == plain.lower()]
    if same:
        return same[0]
    near = difflib.get_close_matches(plain, UNITS, n=1, cutoff=0.5)
    raise (
        Odd("near_unit", given=name[:40], near=near[0])
        if near
        else Odd("unknown_unit", given=name[:40])
    )
