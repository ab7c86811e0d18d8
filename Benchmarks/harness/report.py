"""Rows: what was measured, beside whom, against which target; printed as a table and written as JSON lines."""

import json
from dataclasses import dataclass, field
from typing import TextIO

from harness.rounds import Samples


@dataclass(frozen=True)
class Target:
    """What a row should reach. `of` is "ratio" (ours by the peer's) or "ours" (the value itself)."""

    value: float
    at_least: bool
    of: str = "ratio"
    aim: bool = False

    def text(self, unit: str) -> str:
        sign = "≥" if self.at_least else "≤" if self.of == "ratio" else "<"
        value = f"{self.value:g}×" if self.of == "ratio" else f"{self.value:g} {unit}"
        return f"{'aim ' if self.aim else ''}{sign} {value}"

    def met(self, reached: float) -> bool:
        if self.at_least:
            return reached >= self.value
        return reached <= self.value if self.of == "ratio" else reached < self.value


@dataclass
class Row:
    """One line of the report. Without a peer the target is of the value itself; without a target it explains others."""

    name: str
    what: str
    unit: str
    ours: Samples | None = None
    peer: Samples | None = None
    peer_name: str | None = None
    target: Target | None = None
    # Durability and configuration of both sides, and whatever else must be known to read the number.
    note: str = ""
    # Further measurements by name, CPU and latency: ours, and the peer's where it has one.
    details: dict[str, tuple[float | None, float | None]] = field(default_factory=dict)
    # Why there is no number.
    failure: str | None = None

    @property
    def ratio(self) -> float | None:
        if not (self.ours and self.peer and self.ours.values and self.peer.values) or self.peer.median == 0:
            return None
        return self.ours.median / self.peer.median

    @property
    def met(self) -> bool | None:
        """Nil without a target or a number."""
        reached = self.ratio if self.target and self.target.of == "ratio" else self.ours.median if self.ours else None
        return None if self.target is None or reached is None else self.target.met(reached)

    def as_json(self, context: dict) -> str:
        def median(samples: Samples | None) -> float | None:
            return rounded(samples.median) if samples else None

        fields = {
            "row": self.name, "ours": median(self.ours), "peer": median(self.peer), "peer_name": self.peer_name,
            "ratio": rounded(self.ratio), "target": self.target.value if self.target else None,
            "what": self.what, "unit": self.unit,
            "target_of": self.target.of if self.target else None,
            "target_is": None if not self.target else "at least" if self.target.at_least else "at most",
            "target_is_aim": bool(self.target and self.target.aim),
            "met": self.met,
            "ours_spread": [rounded(value) for value in self.ours.spread] if self.ours else None,
            "peer_spread": [rounded(value) for value in self.peer.spread] if self.peer else None,
            "rounds": len(self.ours.values) if self.ours else 0,
            "note": self.note, "failure": self.failure,
            "details": {
                name: {"ours": rounded(ours), "peer": rounded(peer)} for name, (ours, peer) in self.details.items()},
        }
        return json.dumps(fields | context, ensure_ascii=False)


def rounded(value: float | None) -> float | None:
    """Four significant digits are more than any of these measurements has."""
    return None if value is None else float(f"{value:.4g}")


def _number(value: float) -> str:
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def _cell(samples: Samples | None, unit: str) -> str:
    if samples is None or not samples.values:
        return "–"
    low, high = samples.spread
    if len(samples.values) == 1:
        return f"{_number(samples.median)} {unit}"
    return f"{_number(samples.median)} {unit} ({_number(low)}…{_number(high)})"


def _print_aligned(table: list[list[str]], out: TextIO) -> None:
    """A Markdown table, aligned; the first line is the heading."""
    widths = [max(len(line[column]) for line in table) for column in range(len(table[0]))]
    table.insert(1, ["-" * width for width in widths])
    for line in table:
        print("| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths)) + " |", file=out)


def print_table(rows: list[Row], out: TextIO) -> None:
    """Median (least…greatest) of each side, their ratio, and the target; then what else was measured, and the notes."""
    if not rows:
        return
    table = [["row", "what", "ours", "peer", "ratio", "target", "met"]]
    for row in rows:
        if row.failure:
            table.append([row.name, row.what, "could not be run", row.peer_name or "–", "–", "–", "–"])
            continue
        peer = f"{row.peer_name} {_cell(row.peer, row.unit)}" if row.peer_name else "–"
        table.append([
            row.name, row.what, _cell(row.ours, row.unit), peer,
            f"{row.ratio:.2f}×" if row.ratio is not None else "–",
            row.target.text(row.unit) if row.target else "–",
            "–" if row.met is None else "yes" if row.met else "NO",
        ])
    _print_aligned(table, out)
    if any(row.details for row in rows):
        table = [["also measured in", "what", "ours", "peer"]]
        for row in rows:
            for name, pair in row.details.items():
                table.append([row.name, name, *("–" if value is None else _number(value) for value in pair)])
        print(file=out)
        _print_aligned(table, out)
    notes: dict[str, list[str]] = {}
    for row in rows:
        if row.note:
            notes.setdefault(row.note, []).append(row.name)
    for note, names in notes.items():
        print(f"\n{', '.join(names)}:\n  {note}", file=out)
    for row in rows:
        if row.failure:
            print(f"\n{row.name} could not be run: {row.failure}", file=out)
