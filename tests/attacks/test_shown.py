"""Where each attack of the design's list is tried, and which of them wait for what they would attack.

A name that is no test any more, or an attack that is nowhere, fails.
"""

import ast
from pathlib import Path

import pytest

import tests
from tests.source import parsed

HERE = Path(tests.__file__).parent

SHOWN = {
    "S1": """
        attacks/test_foreign.py::* attacks/test_lock.py::test_s1_the_query_and_the_envelope_name_nobody
        miniapp_api/test_wall.py::test_other_peoples_things miniapp_api/test_wall.py::test_every_path_but_login_needs_a_session
        attacks/test_openapi.py::test_every_check_of_schemathesis_over_the_description
    """,
    "S2": """
        attacks/test_sessions.py::* miniapp_api/test_session.py::test_a_code_works_once
        miniapp_api/test_session.py::test_tokens_that_are_none miniapp_api/test_session.py::test_a_session_ends_after_thirty_days
        bot/test_plain_mode.py::test_a_message_to_the_mini_program_makes_no_second_member
    """,
    "S4": """
        attacks/test_lock.py::test_s4_every_refusal_is_the_same_to_the_byte
        attacks/test_lock.py::test_s4_a_push_replayed_in_its_window_is_the_same_push attacks/test_webhook_bodies.py::*
        bot/test_webhook.py::test_a_plain_post_to_a_safe_account_is_refused
        bot/test_webhook.py::test_whatever_is_wrong_gets_one_answer
        wechat/test_codec.py::test_impossible_credentials_are_refused_at_start
        wechat/test_codec.py::test_encrypted_push_with_a_wrong_query wechat/test_codec.py::test_timestamp_must_be_near
        wechat/test_codec.py::test_a_captured_query_does_not_authorise_another_body
        wechat/test_codec.py::test_all_crypto_failures_look_the_same_outside
    """,
    "S5": """
        attacks/test_wire.py::* attacks/test_webhook_bodies.py::* wechat/test_body.py::test_hostile_bodies_are_cheap
        wechat/test_body.py::test_refused web/test_bodies.py::test_refused miniapp_api/test_wall.py::test_bodies_that_are_none
        miniapp_api/test_wall.py::test_packed_bodies_are_bounded_by_what_they_unpack_to
    """,
    "S6": """
        attacks/test_amounts.py::* miniapp_api/test_wheel.py::test_draws_that_are_none
        miniapp_api/test_redemptions.py::test_exchanges_that_are_none
        loyalty/test_requests.py::test_a_count_below_one_cannot_even_be_asked
        loyalty/test_requests.py::test_an_absurd_count_is_an_ordinary_refusal
    """,
    "S7": """
        attacks/test_foreign.py::test_another_members_request_key_reads_nothing miniapp_api/test_wall.py::test_a_key_is_needed
        miniapp_api/test_wall.py::test_a_key_names_one_request miniapp_api/test_wall.py::test_a_key_belongs_to_its_member
        web/test_keys.py::test_keys_refused
        loyalty/test_requests.py::test_a_reused_key_with_other_content_is_a_conflict_and_leaves_no_row
    """,
    "S8": """
        attacks/test_double_spend.py::* miniapp_api/test_checkin.py::test_fifty_at_once_credit_once
        miniapp_api/test_wall.py::test_one_key_twenty_times_at_once loyalty/test_races.py::test_hot_stock_is_exact_over_engines
        bot/test_webhook.py::test_fifty_at_once_hear_the_same_and_count_once
    """,
    "S10": """
        attacks/test_clocks.py::* bot/test_webhook.py::test_a_message_that_comes_a_day_late_counts_for_its_own_day
        loyalty/test_publishing.py::test_a_command_cannot_speak_of_the_future
        loyalty/checkin/test_checkin.py::test_the_day_that_stands_and_the_day_that_has_passed
    """,
    "S11": """
        attacks/test_wheel.py::* miniapp_api/test_wheel.py::test_a_proof_before_and_after_the_seed_is_revealed
        loyalty/games/test_rounds.py::test_a_publication_between_rules_and_round
        loyalty/games/test_fairness.py::test_rolls_are_uniform
        loyalty/games/test_seeds.py::* loyalty/games/test_objections.py::*
        miniapp_api/test_wheel.py::test_odds_other_than_those_shown_are_refused
        miniapp_api/test_wheel.py::test_winners_cursors_tell_nothing
        bot/test_wheel.py::test_a_wheel_that_changed_is_shown_before_anything_is_spent
    """,
    "S12": """
        attacks/test_referral.py::* loyalty/referral/test_referral.py::test_bind
        miniapp_api/test_referral.py::test_who_cannot_be_bound
        bot/test_follow.py::test_nobody_invites_oneself bot/test_follow.py::test_an_old_friend_scans_in_vain
    """,
    "S13": "miniapp_api/test_me.py::test_nicknames_refused",
    "S14": """
        attacks/test_wire.py::test_s5_requests_that_are_none bot/test_webhook.py::test_a_body_that_dawdles_is_refused
        web/test_bodies.py::test_a_body_that_never_ends_is_given_up miniapp_api/test_me.py::test_pages_that_are_none
    """,
    "S15": "attacks/test_forbidden.py::*",
    "S16": """
        flows/test_app_role.py::test_the_app_role_is_refused models/test_grants.py::test_one_right_too_many_is_seen
    """,
}
WAITING = {
    "S3": "keys of partners come with the partners' door",
    "S9": "refunds, caps by amount and merges come with purchases",
    "S13": "exports and imports come with the console",
    "S14": "outbound webhooks and avatars come with the partners' door",
}


def names_in(path: Path) -> set[str]:
    """Names of the tests of a file."""
    tree = parsed(path.read_text(encoding="utf-8"))
    return {
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
    }


@pytest.mark.parametrize("attack", SHOWN)
def test_an_attack_is_tried_where_it_is_said_to_be(attack: str) -> None:
    for place in SHOWN[attack].split():
        file, name = place.split("::")
        found = names_in(HERE / file)
        assert found, place
        assert name == "*" or name in found, place


def test_every_attack_is_tried_or_waits_for_its_feature() -> None:
    assert set(SHOWN) | set(WAITING) == {f"S{number}" for number in range(1, 17)}
