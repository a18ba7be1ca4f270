"""Wrong rule files: each is refused in Chinese, every fault at once, with its line, its item and what was meant."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from pydantic_core import core_schema

from loyalty.programme.declaring.faults import STORED
from loyalty.programme.files import sentences
from loyalty.programme.files.checking import UNKNOWN
from loyalty.programme.files.reading import InvalidRules, read_rules
from loyalty.programme.rules import RuleSet
from tests.ledger import rules_with
from tests.source import ROOT

CASES = ROOT / "tests" / "data" / "rules"
SHOP = (CASES / "shop.yaml").read_text(encoding="utf-8")
BOM = "\ufeff"


def read(tmp_path: Path, text: str | bytes) -> RuleSet:
    path = tmp_path / "rules.yaml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_rules(path)


def refusal(tmp_path: Path, text: str | bytes) -> list[str]:
    """The lines of the refusal, without the first, which names the file and says how many there are."""
    with pytest.raises(InvalidRules) as refused:
        read(tmp_path, text)
    first, *others = str(refused.value).splitlines()
    assert first == f"{tmp_path / 'rules.yaml'} 有 {len(others)} 处要改："
    return [line.removeprefix("  第 ") for line in others]


def shop(*changes: tuple[str, str]) -> str:
    """The whole file with texts replaced, each once."""
    text = SHOP
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return text


WRONG: list[dict[str, Any]] = yaml.safe_load((CASES / "wrong.yaml").read_text(encoding="utf-8"))


def text_of(case: dict[str, Any]) -> str:
    """The file of a case."""
    if "file" in case:
        return str(case["file"])
    changes = [(old, new.replace("{LONG}", "长" * 350_000)) for old, new in case.get("change", [])]
    return shop(*changes) + str(case.get("append", ""))


@pytest.mark.parametrize("case", WRONG, ids=[case["case"] for case in WRONG])
def test_a_wrong_file_is_refused_in_chinese(tmp_path: Path, case: dict[str, Any]) -> None:
    assert refusal(tmp_path, text_of(case)) == case["told"]


FIELD_CASES = [
    ("duplicate_key.yaml", ["「price_points」写了两次（第 3 行和第 3 行）", "「referral」写了两次（第 4 行和第 5 行）"]),
    ("template_fields.yaml", ["date1：date 字段只能填日期，填不了 brand", "number2：number 字段只能填数字，填不了 tip"]),
]  # fmt: skip


@pytest.mark.parametrize(("name", "told"), FIELD_CASES)
def test_files_seen_in_the_field(tmp_path: Path, name: str, told: list[str]) -> None:
    said = "\n".join(refusal(tmp_path, (CASES / name).read_text(encoding="utf-8")))
    for sentence in told:
        assert sentence in said


def test_what_cannot_be_read_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(InvalidRules, match=r"找不到规则文件 .*nowhere\.yaml。"):
        read_rules(tmp_path / "nowhere.yaml")
    with pytest.raises(InvalidRules, match="读不出来"):
        read_rules(tmp_path)
    with pytest.raises(InvalidRules, match="不是 UTF-8 编码"):
        read(tmp_path, SHOP.encode("gb18030"))
    with pytest.raises(InvalidRules, match="太大了，规则文件最多 8 MB"):
        read(tmp_path, b"#" * 8_400_000)


def test_what_is_unusual_and_right_is_read(tmp_path: Path) -> None:
    """A byte order mark, as editors on Windows write; terms in several lines; a family, a flag, a rare character as a name."""
    several = shop(("terms: 凭券码到店领取，颜色以门店现货为准。}", 'terms: "第一行\\n第二行"}'))
    assert read(tmp_path, BOM + several).rewards[4].terms == "第一行\n第二行"
    for name in (
        "👨‍👩‍👧",
        "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        "王\U000323af",
        "❤️",
        "葛\U000e0100",
    ):
        assert read(tmp_path, shop(("brand: 拾光咖啡", f"brand: {name}"))).programme.brand == name


def test_a_message_names_fifty_faults_and_says_how_many_more(tmp_path: Path) -> None:
    with pytest.raises(InvalidRules) as refused:
        read(tmp_path, SHOP + "".join(f"zz{number}: 1\n" for number in range(70)))
    lines = str(refused.value).splitlines()
    assert lines[0].endswith("有 70 处要改：")
    assert (len(lines), lines[-1]) == (52, "  还有 20 处没有列出。")


leaves = (
    st.none()
    | st.booleans()
    | st.integers(-5, 2 * 10**9)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=50)
)
trees = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every (container, key) of a rule set as JSON."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [found for key, one in inner for found in ((value, key), *places(one))]


@given(st.data())
def test_no_sentence_of_a_library_reaches_the_operator(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """Whatever stands wherever in a file: the message is ours, with a line for each fault."""
    body = rules_with().model_dump(mode="json")
    for _ in range(data.draw(st.integers(1, 4))):
        container, key = data.draw(st.sampled_from(places(body)))
        container[key] = data.draw(trees)
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_text(json.dumps(body, ensure_ascii=data.draw(st.booleans())), encoding="utf-8")
    try:
        read_rules(path)
    except InvalidRules as refused:
        said = str(refused)
        assert "写法不对" not in said
        assert not re.search(r"[Ii]nput|should|valid|Value error", re.sub("「[^」]*」|valid_days", "", said))
        assert all(
            re.match(r"  第 \d+ 行|  还有", line) for line in said.split("\n")[1:] if line.startswith("  ")
        )


def test_every_type_of_error_of_the_schema_has_a_sentence() -> None:
    missing = (
        error_types(RuleSet.__pydantic_core_schema__) - sentences.SENTENCES.keys() - {"missing", *UNKNOWN}
    )
    assert not missing


RAISED: dict[str, set[str]] = {
    "any": set(), "bool": {"bool_type"}, "dataclass": {"dataclass_type"},
    "dataclass-args": {"missing", "unexpected_keyword_argument"},
    "default": set(), "definition-ref": set(), "definitions": set(), "dict": {"dict_type"}, "function-after": {"value_error"},
    "function-before": set(),
    "int": {"int_type"}, "literal": {"literal_error"}, "model": set(), "model-fields": {"model_type", "missing", "extra_forbidden"},
    "function-plain": {"value_error"}, "tagged-union": set(),
    "nullable": set(), "str": {"string_type"}, "tuple": {"tuple_type", "missing"},
}  # fmt: skip
"""Errors that each type of node in a schema can raise for JSON; a bound adds its own. A new type of node must be added here."""
BOUNDS = {
    ("int", "ge"): "greater_than_equal", ("int", "le"): "less_than_equal", ("str", "min_length"): "string_too_short",
    ("str", "max_length"): "string_too_long", ("str", "pattern"): "string_pattern_mismatch", ("tuple", "min_length"): "too_short",
    ("tuple", "max_length"): "too_long", ("dict", "min_length"): "too_short", ("dict", "max_length"): "too_long",
}  # fmt: skip
NO_BOUND = {
    "function", "values_schema", "extra_behavior",
    "type", "strict", "metadata", "ref", "serialization", "schema", "items_schema", "variadic_item_index", "cls", "config",
    "fields", "model_name", "custom_init", "root_model", "post_init", "frozen", "expected", "default", "keys_schema",
    "choices", "discriminator", "json_schema_input_schema",
    "schema_ref", "definitions", "dataclass_name", "slots", "collect_init_only", "copy_default", "validate_default",
    "computed_fields", "regex_engine", "coerce_numbers_to_str", "field_name", "generic_origin",
}  # fmt: skip


def error_types(schema: Any) -> set[str]:
    """The types of all errors that a schema can raise."""
    if isinstance(schema, list | tuple):
        return set().union(*(error_types(one) for one in schema))
    if not isinstance(schema, dict):
        return set()
    found = set().union(
        *(
            error_types(one)
            for key, one in schema.items()
            if key not in ("metadata", "serialization", "config", "function")
        )
    )
    kind = schema.get("type")
    if kind in ("model-field", "dataclass-field") or not isinstance(kind, str) or "schema_serializer" in kind:
        return found
    found |= RAISED[kind]
    for key in schema.keys() - NO_BOUND:
        found.add(BOUNDS[kind, key])
    return found | ({"too_long"} if kind == "tuple" and "variadic_item_index" not in schema else set())


def test_the_enumeration_of_error_types_sees_what_is_new() -> None:
    """It fails for a type of node, or a bound, that nobody has thought of."""
    with pytest.raises(KeyError):
        error_types(core_schema.url_schema())
    with pytest.raises(KeyError):
        error_types(core_schema.int_schema(multiple_of=5))


def test_a_stored_version_is_read_whatever_is_refused_in_a_draft() -> None:
    """What an older program accepted stays readable: long terms, a name with a mark, a huge stock, a template's odd key."""
    body = rules_with().model_dump(mode="json")
    body["rewards"][0] |= {"terms": "长" * 600, "name": "拿\u202e铁", "stock": 10**15}
    body["notices"]["wake_up"]["template"]["fields"] = {"date1": "brand"}
    with pytest.raises(ValidationError):
        RuleSet.model_validate_json(json.dumps(body))
    stored = RuleSet.model_validate_json(json.dumps(body), context=STORED)
    assert stored.model_dump(mode="json") == body
