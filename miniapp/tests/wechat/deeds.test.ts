import { beforeEach, expect, it, vi } from "vitest";
import { ok, refused, startedPhone } from "./started";

const phone = startedPhone();
const { weixin } = phone;

/** The words of the last toast. */
function toasted(): string {
  return (weixin.given("showToast").at(-1) as { title: string } | undefined)?.title ?? "";
}

beforeEach(() => {
  weixin.asked.length = 0;
  weixin.called.length = 0;
  weixin.deeds.clear();
  phone.faults.length = 0;
});

it("hears one tap of a line of the menu", async () => {
  const page = await phone.open("pages/members/index");
  await page.tap("go-rules");
  expect(weixin.given("navigateTo")).toMatchObject([{ url: "/pages/rules/index" }]);
  page.close();
});

it("signs in once, with a request key, and says what it brought", async () => {
  const page = await phone.open("pages/index/index");
  await page.tap("btn-checkin");
  const [asked, ...more] = weixin.questions("POST /check-ins");
  expect(asked?.headers["Idempotency-Key"]).toMatch(/^[0-9a-f]{32}$/);
  expect(more).toEqual([]);
  expect(toasted()).toContain("10");
  page.close();
});

it("gives the server the code of WeChat's button for the phone number", async () => {
  weixin.answers.set("PUT /me/profile", ok({}));
  const page = await phone.open("pages/profile/index");
  await page.tell(page.find("btn-phone-number"), "getphonenumber", { errMsg: "getPhoneNumber:fail user deny" });
  expect(weixin.questions("PUT /me/profile")).toEqual([]);
  await page.tell(page.find("btn-phone-number"), "getphonenumber", { code: "phone-code" });
  expect(weixin.questions("PUT /me/profile")[0]?.body).toEqual({ phone_code: "phone-code" });
  expect(toasted()).toContain("手机号已绑定");
  page.close();
});

it("tells the server what the member allowed in WeChat's dialog", async () => {
  weixin.answers.set("POST /subscriptions", ok({}));
  const page = await phone.open("pages/messages/index");
  const template = (weixin.answers.get("GET /subscriptions") as { body: { messages: { template: string }[] } }).body.messages[0]?.template ?? "";
  weixin.deeds.set("requestSubscribeMessage", { [template]: "accept" });
  await page.tap("btn-subscribe");
  expect(weixin.given("requestSubscribeMessage")).toMatchObject([{ tmplIds: [template] }]);
  expect(weixin.questions("POST /subscriptions")[0]?.body).toEqual({ template, accepted: true });
  page.close();
});

it("shows WeChat's question about privacy on the page, and tells WeChat which button agreed", async () => {
  const page = await phone.open("pages/profile/index");
  const heard: object[] = [];
  for (const agrees of [false, true]) {
    weixin.askPrivacy((answer) => heard.push(answer));
    await phone.rest();
    if (agrees) await page.tell(page.find("privacy-agree"), "agreeprivacyauthorization", {});
    else await page.tap("privacy-refuse");
    expect(page.all("privacy-refuse")).toEqual([]);
  }
  expect(heard).toEqual([{ event: "disagree" }, { event: "agree", buttonId: "jf-privacy-agree" }]);
  page.close();
});

it("writes the copy of the member's data to a file, which WeChat sends", async () => {
  const page = await phone.open("pages/personal/index");
  await page.tap("btn-copy-data");
  const [written] = weixin.given("writeFile") as { filePath: string; data: string }[];
  expect(written?.filePath).toMatch(/^http:\/\/usr\/个人信息-.*\.json$/);
  expect(JSON.parse(written?.data ?? "")).toMatchObject({ member_id: 37 });
  expect(weixin.given("shareFileMessage")).toMatchObject([{ filePath: written?.filePath }]);
  page.close();
});

it("offers reminders with the vouchers, and not again after a refusal", async () => {
  const page = await phone.open("pages/rewards/redemptions");
  await page.tap("ask-no");
  expect(page.all("ask-messages")).toEqual([]);
  page.close();
  const again = await phone.open("pages/rewards/redemptions");
  expect(again.all("ask-messages")).toEqual([]);
  expect(weixin.given("requestSubscribeMessage")).toEqual([]);
  again.close();
});

it("turns the wheel to the sector that was drawn, and tells the prize when it stands", async () => {
  const page = await phone.open("pages/games/index");
  await page.tap("btn-draw-once");
  expect(weixin.questions("POST /wheels/lucky/draws").map((one) => one.body)).toMatchObject([{ count: 1 }]);
  expect(page.all("result-prize")).toEqual([]);
  await page.tell(page.find("wheel-disc"), "transitionend", {});
  expect(page.find("result-prize").textContent).toBe("10 积分");
  page.close();
});

it("redeems after the question, for the price that was shown", async () => {
  const page = await phone.open("pages/rewards/index");
  await page.tap("btn-redeem");
  await page.tap("dialog-yes");
  expect(weixin.questions("POST /redemptions").map((one) => one.body)).toMatchObject([{ reward_id: "cookie", price_points: 60 }]);
  page.close();
});

it("asks WeChat to pay where the reward costs money, and keeps silent when the member declines", async () => {
  const payment = { timeStamp: "1", nonceStr: "n", package: "prepay_id=1", signType: "RSA", paySign: "s" };
  const redeemed = weixin.answers.get("POST /redemptions") as { body: object };
  weixin.answers.set("POST /redemptions", ok({ ...redeemed.body, payment }));
  const page = await phone.open("pages/rewards/index");
  await page.tap("btn-redeem");
  await page.tap("dialog-yes");
  expect(weixin.given("requestPayment")).toMatchObject([payment]);
  expect(toasted()).not.toContain("没有付成");
  page.close();
});

it("binds the inviter of the code by which it was opened, and shares its own", async () => {
  weixin.answers.set("POST /referral/bind", ok({ inviter: { name: "小红" } }));
  const page = await phone.open("pages/referral/index", { scene: encodeURIComponent("inv_abc12345") });
  expect(weixin.questions("POST /referral/bind")[0]?.body).toEqual({ code: "inv_abc12345" });
  const share = page.instance.onShareAppMessage as (from: object) => { title: string; path: string };
  expect(share.call(page.instance, { from: "button" })).toMatchObject({ path: "/pages/referral/index?scene=inv_t5sgu4j8" });
  page.close();
});

it("logs in again, once, when the session has ended", async () => {
  const me = weixin.answers.get("GET /me");
  let ended = true;
  weixin.answers.set("GET /me", () => {
    const now = ended;
    ended = false;
    return now ? refused(401, "unauthorized", "请先登录") : (me as ReturnType<typeof ok>);
  });
  const page = await phone.open("pages/members/index");
  expect(weixin.questions("POST /session")).toHaveLength(1);
  expect(page.text()).toContain("会员码");
  page.close();
});

it("loads again when it is pulled down", async () => {
  const page = await phone.open("pages/tiers/index");
  const before = weixin.questions("GET /tiers").length;
  (page.instance.onPullDownRefresh as () => void).call(page.instance);
  await phone.rest();
  expect(weixin.questions("GET /tiers")).toHaveLength(before + 1);
  expect(weixin.given("stopPullDownRefresh")).toHaveLength(1);
  page.close();
});

it("says that there is no network, and loads by its button when there is one", async () => {
  weixin.isOnline = false;
  const page = await phone.open("pages/rules/index");
  await vi.waitFor(() => expect(page.text()).toContain("网络不通"), { timeout: 30_000 });
  weixin.isOnline = true;
  await page.tap("btn-retry");
  expect(page.text()).toContain("每日签到");
  page.close();
});
