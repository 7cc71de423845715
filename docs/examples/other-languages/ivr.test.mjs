// Its test, in Node: `node --test ivr.test.mjs`, while the server and the program run.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

const { CONTROL_URL: url, ARI_USERNAME: user, ARI_PASSWORD: password } = process.env;
const headers = { Authorization: `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}` };

async function control(method, path, body) {
  const answer = await fetch(`${url}${path}`, { method, headers, body: body && JSON.stringify(body) });
  const result = await answer.json();
  if (!answer.ok) throw new Error(`${result.what}: ${result.why}; ${result.what_to_do}\n${result.ladder}`);
  return result;
}

beforeEach(() => control("POST", "/reset"));

test("who presses 1 hears goodbye", async () => {
  const { id } = await control("POST", "/calls", { app: "ivr", caller: "Ann <1234>" });
  await control("POST", `/calls/${id}/wait-for-prompt`, { media: "sound:menu" });
  await control("POST", `/calls/${id}/press`, { keys: "1" });
  // Goodbye is played behind the menu: virtual time passes until it is heard, and until the program has hung up.
  await control("POST", `/calls/${id}/wait-for-prompt`, { media: "sound:goodbye", virtual_seconds: 60 });
  const over = await control("POST", `/calls/${id}/wait-for-state`, { state: "ended", virtual_seconds: 60 });
  assert.equal(over.hangup_cause, 16);
  await control("POST", "/assert-clean");
});

test("a play that the server refuses leaves the caller in silence", async () => {
  await control("POST", "/faults", { fault: "answer", status: 503, path: "/play" });
  const { id } = await control("POST", "/calls", { app: "ivr" });
  const [play] = await control("POST", "/wait-for-request", { path: "/play" });
  assert.equal(play.status, 503);
  const call = await control("GET", `/calls/${id}`);
  assert.deepEqual([call.answered, call.hears.media], [true, ""]);
  await control("POST", `/calls/${id}/hang-up`);
});

test("what is not heard is told with what happened instead", async () => {
  const { id } = await control("POST", "/calls", { app: "ivr" });
  await control("POST", `/calls/${id}/wait-for-prompt`, { media: "sound:menu" });
  const waiting = control("POST", `/calls/${id}/wait-for-prompt`, { media: "sound:tax", timeout_seconds: 0.1 });
  await assert.rejects(waiting, /sound:tax was not heard: PJSIP\S+ hears sound:menu[^]*POST play/);
});
