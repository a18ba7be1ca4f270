"""健康: what the servers and the worker need, how it is, and a sentence of what to do where it is not well."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, TypeAlias

from channels.faults import open_faults
from loyalty.programme.in_force.live import NoRulesPublished
from runtime.readiness import CHECKS, readiness
from runtime.resources import Resources
from tasks.backlog import COUNTED_AT_MOST, backlog
from tasks.job_ages import LATE_S, MAY_BE_LONG, job_ages
from tasks.schedule import schedule

State: TypeAlias = Literal["good", "warn", "bad"]
WAITED_LONG_S: Final = 300.0
PARTS: Final[Mapping[str, tuple[str, str]]] = {
    "database": ("数据库", "连不上 PostgreSQL：请看数据库是否在运行，JIFEN_DATABASE_URL 是否正确。"),
    "migrations": ("数据库结构", "数据库的结构不完整：请先运行 jifen migrate，再重新启动。"),
    "clock": ("时钟", "这台机器的时钟和数据库差得太多，已停止记账：请让两边都用 NTP 对时。"),
}
QUEUES: Final[Mapping[str, str]] = {
    "notices": "要发的消息",
    "late_replies": "晚到的回复",
    "follow_ups": "后续记账",
}

JOB_TITLES: Final[Mapping[str, str]] = {
    "put_rules_in_force": "规则按时生效", "follow_ups": "后续记账", "merge_members": "合并会员", "ask_unionids": "认出同一位会员",
    "deliver_notices": "发消息", "open_points": "积分到账", "expire_points": "积分到期", "warn_expiring": "到期提醒",
    "release_holds": "放开抵扣占用的积分", "tell_of_rule_changes": "规则调整公告", "wake_silent": "唤醒", "set_tiers": "调整等级",
    "review_tiers": "等级复核", "warn_tiers": "等级提醒", "forfeit_inactive": "久未使用清零", "drop_expired_sessions": "清理登录",
    "file_phone_tails": "整理手机尾号",
    "send_webhooks": "推送", "count_numbers": "汇总每日数字", "watch_numbers": "发现异常", "watch_odds": "核对中奖概率",
    "end_waiting": "结束等得太久的消息", "audit": "对账", "measure_backlog": "量积压",
}  # fmt: skip
"""The worker's jobs, as operators read them."""


@dataclass(frozen=True)
class Sign:
    """One thing that was looked at: how it is, and what to do if it is not well."""

    name: str
    state: State
    told: str


async def signs(resources: Resources, now: datetime) -> list[Sign]:
    """Everything that was looked at. What needs the database is left out without one."""
    found = await readiness(resources)
    listed = [_part(name, found.missing) for name in CHECKS]
    listed.append(_redis(found.redis))
    if "database" in found.missing or "migrations" in found.missing:
        return listed
    listed.append(await _rules(resources, now))
    ages = await job_ages(resources.pool)
    listed += list(_jobs(ages))
    listed += [_queue(name, *waiting) for name, waiting in (await backlog(resources.pool, now)).items()]
    faults = await open_faults(resources.pool)
    told = f"有 {len(faults)} 处设置出错，见「消息 · 发送故障」。" if faults else "没有设置出错。"
    return [*listed, Sign("微信接口", "bad" if faults else "good", told)]


def _part(name: str, missing: tuple[str, ...]) -> Sign:
    title, what_to_do = PARTS[name]
    return Sign(title, "bad", what_to_do) if name in missing else Sign(title, "good", "正常。")


def _redis(works: bool) -> Sign:
    told = "Redis 连不上、满了或只读：会员照常使用，后台任务停着，限流放宽。请看 Redis 的内存和 JIFEN_REDIS_URL。"
    return Sign("Redis", "good", "正常。") if works else Sign("Redis", "bad", told)


async def _rules(resources: Resources, now: datetime) -> Sign:
    try:
        live = await resources.directory.rules(now)
    except NoRulesPublished:
        return Sign(
            "规则", "bad", "还没有发布过规则，会员什么也得不到：请在「规则 · 导入导出」里选一个模板开始。"
        )
    return Sign("规则", "good", f"第 {live.version} 版生效中。")


def _jobs(ages: Mapping[str, float]) -> Iterator[Sign]:
    """One sign for all jobs that are in time, and one for each that is not."""
    names = [job.name for job in schedule() if job.name not in MAY_BE_LONG]
    late = {name: ages.get(name) for name in names if ages.get(name, LATE_S + 1) > LATE_S}
    if len(late) == len(names):
        yield Sign(
            "后台任务", "bad", "后台任务没有在运行：消息不发，积分不到账也不到期。请启动 jifen worker。"
        )
        return
    for name, age_s in late.items():
        since = "还没有运行过" if age_s is None else f"{age_s / 60:,.0f} 分钟没有运行"
        yield Sign(
            f"后台任务 · {JOB_TITLES.get(name, name)}",
            "bad",
            f"{since}：请看后台任务的日志里 {name} 的错误。",
        )
    if not late:
        yield Sign("后台任务", "good", f"{len(names)} 项都按时在运行。")


def _queue(name: str, rows: int, waited_s: float) -> Sign:
    title = f"积压 · {QUEUES[name]}"
    count = f"{rows:,}{' 以上' if rows == COUNTED_AT_MOST else ''}"
    if waited_s <= WAITED_LONG_S:
        return Sign(title, "good", f"到时间的有 {count} 条，没有等得久的。" if rows else "没有积压。")
    told = (
        f"到时间的有 {count} 条，最久的等了 {waited_s / 60:,.0f} 分钟：请看后台任务是否在运行、跟不跟得上。"
    )
    return Sign(title, "warn", told)
