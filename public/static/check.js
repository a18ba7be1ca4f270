// Computes a draw again from its proof, as the page's program does, and says what fits. Nothing is sent anywhere.
"use strict";

const PPM = 1_000_000;
const LIMIT = (2n ** 64n / 1_000_000n) * 1_000_000n;
const form = document.getElementById("check");
const told = document.getElementById("told");
const bytes = new TextEncoder();

const isWhole = (value) => Number.isSafeInteger(value) && value >= 0;
const isText = (value) => typeof value === "string";
const isHex = (value) => isText(value) && /^([0-9a-f]{2})+$/.test(value);
const isRow = (row) => row && isWhole(row.slot) && isText(row.prize) && isText(row.name) && isWhole(row.odds_ppm);
const FIELDS = {
  id: isText, wheel: isText, round_id: isWhole, member_id: isWhole, nonce: isWhole, client_seed: isText, commitment: isHex,
  server_seed: (value) => value === null || isHex(value), roll: isWhole, candidate: isText, prize: isText, slot: isWhole,
  odds_version: isText, covered: isText, table: (value) => Array.isArray(value) && value.length > 0 && value.every(isRow),
};

class Unreadable extends Error {}

function readProof(text) {
  let proof;
  try {
    proof = JSON.parse(text);
  } catch {
    throw new Unreadable(text.trim() ? "这不是完整的核对资料，请从头到尾再复制一次。" : "请先把核对资料粘贴在上面的框里。");
  }
  if (typeof proof !== "object" || proof === null || Array.isArray(proof)) throw new Unreadable("这不是一次抽奖的核对资料。");
  const absent = Object.keys(FIELDS).filter((name) => !(name in proof));
  if (absent.length > 0) throw new Unreadable(`这不是一次抽奖的完整核对资料，里面没有 ${absent.join("、")}。`);
  const wrong = Object.keys(FIELDS).filter((name) => !FIELDS[name](proof[name]));
  if (wrong.length > 0) throw new Unreadable(`核对资料读不懂，${wrong.join("、")} 的写法不对。`);
  if (proof.server_seed === null) throw new Unreadable("这一轮还没有结束，种子还没有公开，结束以后再来核对。");
  return proof;
}

const fromHex = (text) => Uint8Array.from(text.match(/../g), (pair) => Number.parseInt(pair, 16));
const toHex = (buffer) => Array.from(new Uint8Array(buffer), (one) => one.toString(16).padStart(2, "0")).join("");
const sha256 = async (data) => toHex(await crypto.subtle.digest("SHA-256", data));

async function rollOf(proof) {
  const seed = fromHex(proof.server_seed);
  const key = await crypto.subtle.importKey("raw", seed, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  for (let attempt = 0; ; attempt += 1) {
    const text = [proof.round_id, proof.member_id, proof.nonce, attempt, proof.client_seed].join(":");
    const numbers = new DataView(await crypto.subtle.sign("HMAC", key, bytes.encode(text)));
    for (let at = 0; at < 32; at += 8) {
      const number = numbers.getBigUint64(at);
      if (number < LIMIT) return Number(number % 1_000_000n);
    }
  }
}

function prizeAt(table, roll) {
  let edge = 0;
  return table.find((row) => {
    edge += row.odds_ppm;
    return roll < edge;
  });
}

// Whether the table says what the text says that the version is a digest of.
function isCovered(proof, table) {
  if (!proof.odds_version.startsWith("2-")) {
    return table.map((row) => `${row.slot}:${row.prize}:${row.odds_ppm}`).sort().join("\n") === proof.covered;
  }
  try {
    const wheel = JSON.parse(proof.covered);
    const row = (slot, prize, name, odds, substitute) => JSON.stringify([slot, prize, name, odds, substitute ?? null]);
    const said = wheel.prizes.map((one) => row(one.slot, one.id, one.name, one.odds_ppm, one.substitute));
    const shown = table.map((one) => row(one.slot, one.prize, one.name, one.odds_ppm, one.substitute));
    return wheel.id === proof.wheel && said.join() === shown.join();
  } catch {
    return false;
  }
}

async function isPublished(proof, table) {
  const digest = await sha256(bytes.encode(proof.covered));
  const version = proof.odds_version.startsWith("2-") ? `2-${digest.slice(0, 32)}` : digest.slice(0, 16);
  const total = table.reduce((sum, row) => sum + row.odds_ppm, 0);
  return version === proof.odds_version && total === PPM && isCovered(proof, table);
}

// What was given: the prize that was rolled, or its published substitute where it had run out.
function given(proof, table, rolled) {
  const row = table.find((one) => one.prize === proof.prize);
  const name = row ? row.name : proof.prize;
  if (!row || row.slot !== proof.slot) return [false, `送出的奖品「${name}」与概率表不一致。`];
  if (rolled && proof.prize === rolled.prize) return [true, `送出的奖品就是「${name}」。`];
  const isSubstitute = rolled && rolled.substitute === proof.prize;
  return isSubstitute ? [true, `它已经发完，照公布的改送「${name}」。`] : [false, `送出的是「${name}」，与抽到的不一致。`];
}

async function findings(proof) {
  const table = [...proof.table].sort((one, other) => one.slot - other.slot);
  const seedFits = (await sha256(fromHex(proof.server_seed))) === proof.commitment;
  const roll = await rollOf(proof);
  const rolled = prizeAt(table, roll);
  const named = `对应的奖品：${rolled ? `「${rolled.name}」` : "没有"}`;
  const number = `抽到的号码：${roll.toLocaleString("en")}（从 0 到 999,999）`;
  return [
    seedFits ? [true, "种子与承诺一致。"] : [false, "种子与承诺不一致：这不是抽奖以前就定好的种子。"],
    roll === proof.roll ? [true, `${number}，与记录一致。`] : [false, `${number}，与记录不一致，记录是 ${proof.roll.toLocaleString("en")}。`],
    rolled?.prize === proof.candidate ? [true, `${named}，与记录一致。`] : [false, `${named}，与记录不一致，记录是 ${proof.candidate}。`],
    given(proof, table, rolled),
    (await isPublished(proof, table)) ? [true, "概率表与它的编号一致。"] : [false, "概率表与它的编号不一致：里面有改动。"],
    ...(proof.id === `${proof.round_id}-${proof.nonce}` ? [] : [[false, "抽奖编号与轮次、次序不一致。"]]),
  ];
}

function line(tag, text, tone = "") {
  const element = document.createElement(tag);
  element.textContent = text;
  element.className = tone;
  return element;
}

function tell(proof, found) {
  const fits = found.every(([isRight]) => isRight);
  const list = document.createElement("ul");
  list.append(...found.map(([isRight, text]) => line("li", `${isRight ? "✓" : "✗"} ${text}`, isRight ? "right" : "wrong")));
  told.replaceChildren(
    line("p", fits ? "核对通过：照公布的概率、用事先定好的种子抽的。" : "核对没有通过，请把资料发给运营方。", `state ${fits ? "good" : "bad"}`),
    list,
    line("p", "还要自己对一对：这个承诺是不是抽奖以前在小程序里看到的，这个概率表编号是不是公布过的。抽奖时间不参与计算。", "quiet"),
    line("p", "承诺"), line("code", proof.commitment), line("p", "概率表编号"), line("code", proof.odds_version),
  );
}

async function check() {
  if (!globalThis.crypto?.subtle) {
    throw new Unreadable("这个网页不是用 https 打开的，浏览器不肯做这种计算。请用 https 打开，或用下面的 Python 程序。");
  }
  const proof = readProof(document.getElementById("proof").value);
  tell(proof, await findings(proof));
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  try {
    await check();
  } catch (error) {
    const text = error instanceof Unreadable ? error.message : "浏览器算不出来，请换一个浏览器，或用下面的 Python 程序。";
    told.replaceChildren(line("p", text, "state bad"));
  }
});
form.hidden = false;
