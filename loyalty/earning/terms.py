"""The terms of an event: what it earns for any amount that stays paid. They are stored with an order, and a refund reads them.

`due` computes from them what the order has earned for the amount that is left after refunds. Numbers are integers and fractions
only.

Every award, and what each factor adds to it, is a *part*. The sum of all parts is floored once, and then split among them so that
no part grows while the amount falls: a refund never has to grant anything. For this the whole points of flat awards stay with
their parts, and the rest is split one part after the other in proportion to the rates.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from math import floor
from typing import Any, NamedTuple


class Group(NamedTuple):
    """Points that can be spent from one day on, and are gone on another."""

    expires_on: date
    opens_on: date


class Part(NamedTuple):
    """What a base rule gives by itself (`by` empty), or what the factor `by` adds to it: flat points, and points per fen.

    `cap` is the most it gives, where a limit cut the factor; `grows` tells whether its points are growth, too.
    """

    rule: str
    by: str
    group: int
    flat: Fraction
    rate: Fraction
    cap: int | None = None
    grows: bool = True


class OwnGrowth(NamedTuple):
    """The growth of a base rule whose growth differs from its points."""

    rule: str
    flat: int
    rate: Fraction


class Terms(NamedTuple):
    """What an event earns for any amount. `caps` are the most that base rules bring, factors included, where limits cut them."""

    groups: tuple[Group, ...] = ()
    parts: tuple[Part, ...] = ()
    growth: tuple[OwnGrowth, ...] = ()
    caps: tuple[tuple[str, int], ...] = ()


class Due(NamedTuple):
    """The points per group of the terms, and the growth value."""

    points: tuple[int, ...]
    growth: int


def due(terms: Terms, net_fen: int | None) -> Due:
    """The points per group, and the growth, while `net_fen` of the amount stays paid; None for an event without an amount.

    Nothing is due for an amount of 0: flat awards fall with the order.
    """
    return due_of(terms, net_fen, shares_of(terms, net_fen))


def due_of(terms: Terms, net_fen: int | None, shares: Sequence[int]) -> Due:
    """What is due, where each part of the terms brings the points of `shares`."""
    points = [0] * len(terms.groups)
    for part, share in zip(terms.parts, shares, strict=True):
        points[part.group] += share
    growth = sum(share for part, share in zip(terms.parts, shares, strict=True) if part.grows)
    if net_fen != 0:
        growth += sum(one.flat + floor(one.rate * (net_fen or 0)) for one in terms.growth)
    return Due(tuple(points), growth)


def as_json(terms: Terms) -> dict[str, Any]:
    """The terms as a JSON value, which `terms_of` reads."""
    return {
        "groups": [[f"{group.expires_on}", f"{group.opens_on}"] for group in terms.groups],
        "parts": [
            [part.rule, part.by, part.group, str(part.flat), str(part.rate), part.cap, part.grows]
            for part in terms.parts
        ],
        "growth": [[one.rule, one.flat, str(one.rate)] for one in terms.growth],
        "caps": [list(one) for one in terms.caps],
    }


def terms_of(told: Mapping[str, Any]) -> Terms:
    """The terms that `as_json` wrote."""
    return Terms(
        tuple(Group(date.fromisoformat(gone), date.fromisoformat(opens)) for gone, opens in told["groups"]),
        tuple(
            Part(rule, by, group, Fraction(flat), Fraction(rate), cap, grows)
            for rule, by, group, flat, rate, cap, grows in told["parts"]
        ),
        tuple(OwnGrowth(rule, flat, Fraction(rate)) for rule, flat, rate in told["growth"]),
        tuple((rule, points) for rule, points in told["caps"]),
    )


def cut(terms: Terms, net_fen: int | None, rule_id: str, points: int) -> Terms:
    """The terms in which a rule brings at most so many points.

    A factor may concern several groups, so each of its parts keeps what it gives now, the first ones first.
    """
    if any(part.rule == rule_id for part in terms.parts):
        caps = dict(terms.caps)
        caps[rule_id] = min(points, caps.get(rule_id, points))
        return terms._replace(caps=tuple(caps.items()))
    parts = list(terms.parts)
    for place, share in enumerate(shares_of(terms, net_fen)):
        if parts[place].by == rule_id:
            kept = min(share, points)
            parts[place] = parts[place]._replace(cap=kept)
            points -= kept
    return terms._replace(parts=tuple(parts))


def shares_of(terms: Terms, net_fen: int | None) -> tuple[int, ...]:
    """The points of each part. Where no limit cuts, they sum to the floor of the whole."""
    caps = dict(terms.caps)
    shares = []
    for part, whole in zip(terms.parts, _whole_shares(terms.parts, net_fen), strict=True):
        share = min(whole, part.cap if part.cap is not None else whole, caps.get(part.rule, whole))
        shares.append(share)
        if part.rule in caps:
            caps[part.rule] -= share
    return tuple(shares)


def _whole_shares(parts: Sequence[Part], net_fen: int | None) -> list[int]:
    """The points of each part without limits; none falls while the amount grows."""
    if net_fen == 0 or not parts:
        return [0] * len(parts)
    if len(parts) == 1:
        return [_floored(parts[0].flat, parts[0].rate, net_fen or 0)]
    whole = [floor(part.flat) for part in parts]
    total = sum((part.flat + part.rate * (net_fen or 0) for part in parts), Fraction(0))
    weights = [part.rate for part in parts]
    if not any(weights):
        weights = [part.flat - floor(part.flat) for part in parts]
    rests = _split(floor(total) - sum(whole), weights)
    return [one + rest for one, rest in zip(whole, rests, strict=True)]


def _floored(flat: Fraction, rate: Fraction, fen: int) -> int:
    """The floor of flat + rate × fen, without making fractions, each of which would be reduced by its greatest divisor."""
    (a, b), (c, d) = flat.as_integer_ratio(), rate.as_integer_ratio()
    return (a * d + c * b * fen) // (b * d)


def _split(points: int, weights: Sequence[Fraction]) -> list[int]:
    """The points by weight, each share floored out of what the ones before it left; the last one takes the rest."""
    left, shares = sum(weights, Fraction(0)), []
    for weight in weights:
        share = floor(points * weight / left) if left else 0
        shares.append(share)
        points, left = points - share, left - weight
    return shares
