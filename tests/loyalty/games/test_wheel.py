"""Drawing: the published table to its edges, what a draw costs, the daily limit, and the substitute when stock is out."""

from typing import Any

import pytest

from loyalty.engine.outcomes import Outcome
from loyalty.engine.pools import Pools
from loyalty.engine.refusals import NotEnoughPoints
from loyalty.engine.rules import RulesChanged, SharedRowsDue
from loyalty.games.commands import Draw
from loyalty.games.decide import SeedSealed, prices
from loyalty.games.fairness import roll
from loyalty.games.outcomes import DrawLimitReached, Drawn, UnknownWheel
from loyalty.games.rows import DRAWS, LAST_NONCE, OPEN_ROUNDS, Round, draws_of
from loyalty.games.rule import Wheel
from loyalty.ledger.wallet import Wallet
from loyalty.programme.rules import RuleSet
from loyalty.programme.tickets import tickets_of
from loyalty.vouchers.codes import voucher_code
from loyalty.vouchers.rows import REDEMPTIONS, VOUCHER_CODES
from tests.ledger import rules_with
from tests.loyalty.purse import MEMBER, TODAY, decided, lot, noon, story, wallet_of

DEMO = rules_with()
LUCKY = DEMO.wheels[0]
ENTROPY = b"0123456789abcdef"

EDGES = [
    (0, "season_pass"), (999, "season_pass"),
    (1_000, "points_5"), (299_999, "points_5"),
    (300_000, "latte"), (329_999, "latte"),
    (330_000, "points_10"), (599_999, "points_10"),
    (600_000, "points_50"), (679_999, "points_50"),
    (680_000, "thanks"), (879_999, "thanks"),
    (880_000, "cookie"), (929_999, "cookie"),
    (930_000, "points_20"), (999_999, "points_20"),
]  # fmt: skip


@pytest.mark.parametrize(("rolled", "prize"), EDGES)
def test_the_table_to_its_edges(rolled: int, prize: str) -> None:
    assert LUCKY.prize_at(rolled).id == prize


def test_beyond_the_table_is_nothing() -> None:
    with pytest.raises(ValueError, match="outside"):
        LUCKY.prize_at(1_000_000)


def test_the_order_in_the_file_does_not_matter() -> None:
    turned = Wheel.model_construct(**{**dict(LUCKY), "prizes": LUCKY.prizes[::-1]})
    assert [turned.prize_at(at).id for at, _ in EDGES] == [prize for _, prize in EDGES]
    assert turned.odds_version == LUCKY.odds_version


def test_a_prize_without_odds_is_never_won() -> None:
    wheel = rules_with(wheels=[limited(free=0)]).wheels[0]
    assert {wheel.prize_at(at).id for at in (0, 1, 500_000, 999_999)} == {"grand"}


def limited(*, free: int, cost: int = 20, per_day: int = 20) -> dict[str, Any]:
    """A wheel on which the grand prize is certain as long as it lasts, then fifteen points."""
    return {
        "id": "w", "name": "转盘", "cost_points": cost, "free_per_day": free, "draws_per_day": per_day,
        "prizes": [
            {"id": "grand", "slot": 0, "name": "大奖", "level": "一等奖", "kind": "voucher", "odds_ppm": 1_000_000,
             "stock": 100, "substitute": "points", "valid_days": 10, "terms": "凭券领取"},
            {"id": "points", "slot": 1, "name": "15 积分", "level": "参与奖", "kind": "points", "points": 15, "odds_ppm": 0},
        ],
    }  # fmt: skip


TABLE = rules_with(wheels=[limited(free=0)]).wheels[0].odds_version


def draw(
    rules: RuleSet,
    held: int,
    count: int,
    *,
    left: int = 100,
    drawn_today: int = 0,
    nonce: int = 0,
    tickets: int = 0,
) -> tuple[Outcome, Wallet]:
    """Draw on wheel `w` with `held` points, `left` grand prizes on the shelf."""
    meters = {draws_of("w", TODAY): drawn_today, tickets_of("w"): tickets}
    wallet = wallet_of(*([lot(held)] if held else []), meters=meters)
    command = Draw(
        member_id=MEMBER,
        request_key="k",
        at=noon(TODAY),
        wheel="w",
        count=count,
        client_seed="c",
        entropy=ENTROPY,
    )
    rounds = {OPEN_ROUNDS: {"w": Round(5, b"server", rules.wheels[0].odds_version)}}
    pools = Pools({"prize:w:grand": left}, {})
    return decided(command, wallet, rules, {LAST_NONCE: nonce}, rounds, pools), wallet


COSTS = [
    (0, 0, 20, 1, 20), (0, 5, 20, 3, 60), (0, 0, 0, 3, 0),
    (1, 0, 20, 1, 0), (1, 0, 20, 3, 40), (1, 1, 20, 3, 60), (3, 1, 20, 10, 160), (3, 9, 20, 2, 40),
]  # fmt: skip


@pytest.mark.parametrize(("free", "drawn_today", "cost", "count", "paid"), COSTS)
def test_what_draws_cost(free: int, drawn_today: int, cost: int, count: int, paid: int) -> None:
    rules = rules_with(wheels=[limited(free=free, cost=cost)])
    outcome, wallet = draw(rules, 500, count, drawn_today=drawn_today)
    assert isinstance(outcome, Drawn)
    assert outcome.cost_points == paid == sum(row.cost_points for row in wallet.writes.of(DRAWS))
    assert wallet.available == 500 - paid
    assert prices(rules.wheels[0], free, 1, 0) == ([cost], 0)


TICKETS = [
    (0, 0, 3, 2, 20, 2),
    (1, 0, 3, 1, 20, 1),
    (1, 0, 1, 5, 0, 0),
    (0, 0, 2, 5, 0, 2),
    (5, 3, 3, 1, 0, 1),
]


@pytest.mark.parametrize(("free", "drawn_today", "count", "tickets", "paid", "used"), TICKETS)
def test_tickets_pay_after_the_free_draws_of_the_day(
    free: int, drawn_today: int, count: int, tickets: int, paid: int, used: int
) -> None:
    """G12: each ticket pays for one draw."""
    rules = rules_with(wheels=[limited(free=free)])
    outcome, wallet = draw(rules, 500, count, drawn_today=drawn_today, tickets=tickets)
    assert isinstance(outcome, Drawn)
    assert (outcome.cost_points, outcome.tickets) == (paid, used)
    assert wallet.writes.meters.get(tickets_of("w"), 0) == -used
    assert prices(limited_free_wheel(), 0, 3, 3) == ([0, 0, 0], 0)


def limited_free_wheel() -> Wheel:
    """A wheel that costs nothing, on which no ticket is used up."""
    return rules_with(wheels=[limited(free=0, cost=0)]).wheels[0]


LIMITS = [
    (0, 20, None), (0, 21, DrawLimitReached(20, 20)), (19, 1, None), (19, 2, DrawLimitReached(20, 1)),
    (20, 1, DrawLimitReached(20, 0)), (25, 1, DrawLimitReached(20, 0)),
]  # fmt: skip


@pytest.mark.parametrize(("drawn_today", "count", "refusal"), LIMITS)
def test_the_daily_limit(drawn_today: int, count: int, refusal: DrawLimitReached | None) -> None:
    outcome, wallet = draw(rules_with(wheels=[limited(free=0)]), 10_000, count, drawn_today=drawn_today)
    if refusal is None:
        assert isinstance(outcome, Drawn)
    else:
        assert outcome == refusal
        assert (wallet.writes.entries, wallet.writes.of(DRAWS), wallet.available) == ([], [], 10_000)


PURSES = [(39, NotEnoughPoints(40, 39)), (0, NotEnoughPoints(40, 0)), (40, None)]


@pytest.mark.parametrize(("held", "refusal"), PURSES)
def test_all_draws_are_paid_or_none_is_made(held: int, refusal: NotEnoughPoints | None) -> None:
    outcome, wallet = draw(rules_with(wheels=[limited(free=1)]), held, 3)
    if refusal is None:
        assert isinstance(outcome, Drawn)
    else:
        assert outcome == refusal
        assert (wallet.writes.entries, wallet.writes.of(DRAWS), wallet.available) == ([], [], held)


def test_the_odds_told_are_those_of_the_spin() -> None:
    """The last piece goes in the second of three spins: from then on the substitute has all the odds."""
    outcome, _ = draw(rules_with(wheels=[limited(free=0)]), 200, 3, left=2)
    assert isinstance(outcome, Drawn)
    assert [(one.prize, one.odds_ppm) for one in outcome.draws] == [
        ("grand", 1_000_000), ("grand", 1_000_000), ("points", 1_000_000)
    ]  # fmt: skip
    assert outcome.gone == ("grand",)
    assert draw(rules_with(wheels=[limited(free=0)]), 200, 3, left=4)[0].gone == ()  # type: ignore[attr-defined]


def test_one_substitute_for_several() -> None:
    """It takes over the odds of each prize that is out, and of no other."""
    odds = LUCKY.odds_now(["season_pass", "cookie"])
    assert (odds["season_pass"], odds["cookie"], odds["latte"], odds["points_20"]) == (0, 0, 30_000, 121_000)
    assert sum(odds.values()) == 1_000_000


@pytest.mark.parametrize(("left", "grand"), [(0, 0), (1, 1), (3, 3), (10, 10), (11, 10)])
def test_ten_draws_at_what_is_left(left: int, grand: int) -> None:
    outcome, wallet = draw(rules_with(wheels=[limited(free=0)]), 200, 10, left=left)
    assert isinstance(outcome, Drawn)
    assert [one.prize for one in outcome.draws] == ["grand"] * grand + ["points"] * (10 - grand)
    assert wallet.writes.pools["prize:w:grand"] == grand
    assert wallet.available == (10 - grand) * 15
    assert [one.voucher for one in outcome.draws if one.voucher] == [
        voucher_code(ENTROPY, line) for line in range(grand)
    ]
    assert len(wallet.writes.of(REDEMPTIONS)) == len(wallet.writes.of(VOUCHER_CODES)) == grand
    assert {(row.candidate, row.prize, row.took_stock) for row in wallet.writes.of(DRAWS)} <= {
        ("grand", "grand", True), ("grand", "points", False)
    }  # fmt: skip


def test_points_won_do_not_pay_for_the_draws_of_the_same_command() -> None:
    outcome, wallet = draw(rules_with(wheels=[limited(free=0, cost=15)]), 15, 2, left=0)
    assert outcome == NotEnoughPoints(30, 15)
    assert story(wallet.writes.entries) == []


def test_spins_are_numbered_on_and_roll_by_their_number() -> None:
    _, wallet = draw(rules_with(wheels=[limited(free=0)]), 100, 3, nonce=41)
    assert [(row.round_id, row.nonce) for row in wallet.writes.of(DRAWS)] == [(5, 42), (5, 43), (5, 44)]
    assert [row.roll for row in wallet.writes.of(DRAWS)] == [
        roll(b"server", 5, MEMBER, "c", n) for n in (42, 43, 44)
    ]


def draw_in(wheel: str, rounds: dict[str, Round]) -> tuple[Outcome, Wallet]:
    """Draw with a hundred points where these rounds are open."""
    wallet, rules = (
        wallet_of(lot(100), meters={draws_of("w", TODAY): 0, tickets_of("w"): 0}),
        rules_with(wheels=[limited(free=0)]),
    )
    command = Draw(member_id=MEMBER, request_key="k", at=noon(TODAY), wheel=wheel)
    pools = Pools({"prize:w:grand": 1}, {})
    return decided(command, wallet, rules, shared={OPEN_ROUNDS: rounds}, pools=pools), wallet


def test_no_such_wheel() -> None:
    outcome, wallet = draw_in("nope", {"nope": Round(1, b"x", TABLE)})
    assert outcome == UnknownWheel("nope")
    assert wallet.writes.entries == []


@pytest.mark.parametrize("rounds", [{}, {"w": Round(1, b"x", "another")}])
def test_no_draw_without_a_round_on_its_own_table(rounds: dict[str, Round]) -> None:
    with pytest.raises(RulesChanged):
        draw_in("w", rounds)


def test_nothing_is_drawn_on_a_round_that_is_over() -> None:
    with pytest.raises(SharedRowsDue):
        draw_in("w", {"w": Round(1, b"x", TABLE, is_over=True)})
    assert isinstance(draw_in("w", {"w": Round(1, b"x", TABLE)})[0], Drawn)


def test_without_the_key_nothing_is_drawn() -> None:
    with pytest.raises(SeedSealed):
        draw_in("w", {"w": Round(1, None, TABLE)})
