import { expect, it } from "vitest";
import type { Answer } from "@/api/types";
import { ok, refused, startedPhone } from "./started";

/** What a member reads on each page of the mini-program. */
const READ: Record<string, string> = {
  "pages/index/index": "每日签到",
  "pages/members/index": "会员码",
  "pages/appeals/index": "账户正常",
  "pages/entries/index": "兑换手工曲奇一份",
  "pages/erasing/index": "申请注销",
  "pages/games/draws": "10积分",
  "pages/games/index": "幸运大转盘",
  "pages/messages/index": "好久没来时的提醒",
  "pages/missions/index": "新人体验",
  "pages/packs/index": "双倍积分包",
  "pages/personal/index": "计算连续签到的天数",
  "pages/profile/index": "昵称",
  "pages/referral/index": "发给好友",
  "pages/rewards/index": "手工曲奇一份",
  "pages/rewards/redemptions": "手工曲奇一份",
  "pages/rules/index": "每日签到",
  "pages/suggestions/index": "提交",
  "pages/tiers/index": "普通会员",
};
/** Half of what WeChat takes well at once. */
const MOST_BYTES = 128_000;
const EXTENSIONS: Answer<"/extensions", "get"> = {
  days: [{ expires_on: "2026-12-01", points: 30, extended_to: "2027-01-01" }],
  price_points: 10,
};
const REPAIRS: Answer<"/check-ins/repairs", "get"> = {
  days: [{ day: "2026-11-27", points: 10, streak: 2 }],
  cards: 0,
  price_points: 20,
  repairs_left: 2,
  per_month: 2,
};

const phone = startedPhone();
const { answers } = phone.weixin;

it("has a sentence for every page of the build", () => {
  expect(Object.keys(READ).sort()).toEqual([...phone.pages].sort());
});

it.each(Object.entries(READ))("starts %s on WeChat", async (path, words) => {
  phone.watch.largest = 0;
  const page = await phone.open(path);
  expect(page.text()).toContain(words);
  expect(phone.faults).toEqual([]);
  expect(phone.watch.largest).toBeLessThan(MOST_BYTES);
  page.close();
});

it("draws what stands on a page at some times only", async () => {
  answers.set("GET /extensions", ok(EXTENSIONS));
  answers.set("GET /check-ins/repairs", ok(REPAIRS));
  const home = await phone.open("pages/index/index");
  await home.tap("btn-calendar");
  expect(home.text()).toContain("30积分11月30日到期");
  home.close();

  const mine = await phone.open("pages/members/index");
  await mine.tap("btn-member-code");
  expect(mine.find("member-code").textContent).toBe("9000 0000 0037 9989 0579");
  mine.close();

  answers.set("GET /draws", ok({ items: [], next_cursor: null }));
  const draws = await phone.open("pages/games/draws");
  expect(draws.text()).toContain("还没有记录");
  draws.close();

  answers.set("GET /tiers", refused(500, "internal", "服务出了问题"));
  const tiers = await phone.open("pages/tiers/index");
  expect(tiers.text()).toContain("服务开小差了");
  tiers.close();
  expect(phone.faults).toEqual([]);
});

it("has drawn every component of the build", () => {
  expect(phone.components().filter((tag) => !phone.drawn.has(tag))).toEqual([]);
});
