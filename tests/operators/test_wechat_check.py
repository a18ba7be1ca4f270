"""微信接入检查: every thing that a real account needs is found good or named with where it is set; nothing is changed."""

from dataclasses import replace

from pydantic import SecretStr

from base.settings import Settings
from bot import menu
from loyalty.programme.declaring.sections import Template
from operators.wechat.check import check
from operators.wechat.checked import Checked
from operators.wechat.quotas import quotas
from operators.wechat.templates import compare
from tests.house import House
from wechat.registered import RegisteredTemplate


def settings_of(house: House, **changed: object) -> Settings:
    values = house.resources.settings.model_dump() | {"public_base_url": house.server_url} | changed
    return Settings.model_validate(values)


async def found(house: House, **changed: object) -> dict[str, Checked]:
    settings = settings_of(house, **changed)
    return {one.title: one for one in await check(replace(house.resources, settings=settings))}


async def test_each_thing_is_good_or_named(house: House) -> None:
    first = await found(house)
    assert first["公众号的 AppID、AppSecret 和 IP 白名单"].state == "good"
    assert first["小程序的 AppID 和 AppSecret"].state == "good"
    assert first["服务器地址和令牌（Token）"].state == "good"
    assert "jifen menu" in first["公众号的菜单"].told
    assert first["收到微信的消息"].state == "look"
    assert first["模板消息 · 积分到期提醒"].state == "good"
    assert "不是 https" in first["小程序的服务器域名"].told

    await house.follower()
    await menu.create(house.resources.official_account, settings_of(house))
    then = await found(house)
    assert then["收到微信的消息"].state == "good"
    assert then["公众号的菜单"].state == "good"
    left = {one.title: one.quota for one in await quotas(house.resources)}
    assert left["模板消息"] is not None
    assert (left["模板消息"].per_day, left["模板消息"].left) == (100_000, 100_000)


async def test_what_is_wrong_says_where_it_is_set(house: House) -> None:
    wrong = await found(house, oa_token=SecretStr("another"), oa_encoding_aes_key=None)
    assert "JIFEN_OA_TOKEN" in wrong["服务器地址和令牌（Token）"].told
    assert "43 位" in wrong["EncodingAESKey 和消息加密"].told
    nowhere = await found(house, public_base_url=None)
    assert "JIFEN_PUBLIC_BASE_URL" in nowhere["服务器地址和令牌（Token）"].told
    away = await found(house, public_base_url="http://127.0.0.1:9")
    assert "打不开" in away["服务器地址和令牌（Token）"].told


def test_templates_are_compared_by_their_keys() -> None:
    template = Template(template_id="T1", fields={"thing1": "brand", "number2": "points"})
    fits = RegisteredTemplate("T1", "提醒", frozenset({"thing1", "number2"}))
    other = RegisteredTemplate("T1", "提醒", frozenset({"thing1", "thing9"}))
    assert compare("模板消息 · 提醒", template, fits, "公众平台").state == "good"
    assert "请在公众平台的" in compare("模板消息 · 提醒", template, None, "公众平台").told
    told = compare("模板消息 · 提醒", template, other, "公众平台").told
    assert "规则里少了 thing9" in told
    assert "模板里没有 number2" in told
