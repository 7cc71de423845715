// What programs for node's ari-client do, in its own idioms; prints what each scene saw, with names for ids.
// Called with the folder in which `ari-client` is installed, the server's address, user and password, and the app's name.
const { createRequire } = require("node:module");
const [folder, url, user, password, app] = process.argv.slice(2);
const client = createRequire(`${folder}/`)("ari-client");

const names = new Map();
const seen = (scene, what) => {
  let text = JSON.stringify(what);
  for (const [id, name] of names) text = text.replaceAll(id, name);
  console.log(`${scene} ${text}`);
};
const once = (emitter, name, matches = () => true) =>
  new Promise((resolve) => {
    const take = (event, ...instances) => {
      if (!matches(event)) return;
      emitter.removeListener(name, take);
      resolve([event, ...instances]);
    };
    emitter.on(name, take);
  });
const failure = (promise) => promise.then(() => "no error", (error) => JSON.parse(error.message));
const until = async (condition) => {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20));
};
const keys = (one) => Object.keys(one).sort();

async function makers(ari) {
  const bridge = ari.Bridge();
  seen("makers", [/^[a-z0-9]{8}(-[a-z0-9]{4}){3}-[a-z0-9]{12}$/.test(bridge.id), ari.LiveRecording("mine").name]);
  const resources = Object.keys(ari).filter((one) => /^[a-z]/.test(one)).sort();
  seen("resources", resources);
  for (const one of resources) seen(one, keys(ari[one]));
}

async function place(ari, name, options = {}) {
  // Both halves of the Local channel enter the app; the one that is returned was asked for, the other is its far side.
  const near = ari.Channel();
  names.set(near.id, name);
  const far = once(ari, "StasisStart", (event) => event.channel.id !== near.id && event.args.length === 0);
  const arrived = once(near, "StasisStart");
  await near.originate({ endpoint: `Local/x@stasis-${app}`, app, appArgs: "dialed,twice", ...options });
  const [other] = await far;
  names.set(other.channel.id, `${name}-far`);
  await ari.channels.answer({ channelId: other.channel.id });
  const [event, instance] = await arrived;
  seen(`${name} entered`, [event.args, event.application, keys(event), instance.id, keys(event.channel)]);
  return [near, ari.Channel(other.channel.id)];
}

async function gone(ari, channel) {
  const ended = once(channel, "ChannelDestroyed");
  const left = once(channel, "StasisEnd");
  await channel.hangup();
  const [[event]] = await Promise.all([ended, left]);
  seen("gone", [event.cause, event.cause_txt, keys(event)]);
  await until(() => channel.get().then(() => false, () => true));
  seen("asked for again", await failure(channel.get()));
}

async function variables(ari) {
  const variables = { CUSTOM: "my var", "CALLERID(name)": "Alice" };
  const [near] = await place(ari, "call", { variables, callerId: "Bob <200>" });
  seen("custom", await near.getChannelVar({ variable: "CUSTOM" }));
  seen("function", await near.getChannelVar({ variable: "CALLERID(name)" }));
  const set = once(near, "ChannelVarset", (event) => event.variable === "LATER");
  await near.setChannelVar({ variable: "LATER", value: "é=1&2" });
  seen("set", [(await set)[0].value, await near.getChannelVar({ variable: "LATER" })]);
  seen("unknown", await failure(near.getChannelVar({ variable: "NEVER_SET" })));
  await gone(ari, near);
}

async function playing(ari) {
  const [near] = await place(ari, "listener");
  const playback = ari.Playback();
  names.set(playback.id, "playback");
  const started = once(playback, "PlaybackStarted");
  const finished = once(playback, "PlaybackFinished");
  const made = await near.play({ media: ["sound:hello-world", "sound:beep"], lang: "en" }, playback);
  // Asterisk answers before it plays, or just after it has begun.
  seen("play", [made.id, ["queued", "playing"].includes(made.state), made.target_uri]);
  seen("started", [(await started)[0].playback.media_uri, (await started)[0].playback.next_media_uri]);
  await playback.control({ operation: "pause" });
  await until(async () => (await playback.get()).state === "paused");
  await playback.control({ operation: "unpause" });
  await playback.stop();
  seen("finished", [keys((await finished)[0].playback), (await finished)[0].playback.state]);
  await until(() => playback.get().then(() => false, () => true)); // it is forgotten a moment after its event
  seen("stopped twice", await failure(playback.stop()));
  seen("no such sound", await failure(near.play({ media: "nonsense:hello" })));
  await gone(ari, near);
}

async function waitingRoom(ari) {
  const [near] = await place(ari, "caller");
  seen("holding", (await ari.bridges.list()).filter((one) => one.bridge_type === "holding").length);
  const bridge = ari.Bridge();
  names.set(bridge.id, "room");
  const made = await bridge.create({ type: "holding", name: "waiting" });
  seen("made", [made.id, made.name, made.bridge_type, made.bridge_class, made.technology, made.channels, keys(made)]);
  const entered = once(bridge, "ChannelEnteredBridge");
  await bridge.addChannel({ channel: near.id, role: "participant" });
  seen("in", (await entered)[0].bridge.channels);
  await bridge.startMoh();
  await bridge.stopMoh();
  const left = once(bridge, "ChannelLeftBridge");
  await gone(ari, near);
  const [event, instances] = await left;
  seen("left", [event.bridge.channels, keys(instances)]);
  const destroyed = once(bridge, "BridgeDestroyed");
  await bridge.destroy();
  seen("destroyed", (await destroyed)[0].bridge.id);
  seen("not found", await failure(ari.bridges.get({ bridgeId: bridge.id })));
}

async function digits(ari) {
  const [near, far] = await place(ari, "keys");
  const heard = [];
  const all = once(far, "ChannelDtmfReceived", (event) => heard.push(event.digit) === 4);
  await near.sendDTMF({ dtmf: "12#A", duration: 100, between: 60 });
  await all;
  seen("digits", heard);
  seen("unreadable", await failure(near.sendDTMF({ dtmf: "" })));
  await gone(ari, near);
}

async function recording(ari) {
  const [near] = await place(ari, "speaker");
  const recording = ari.LiveRecording();
  names.set(recording.name, "message");
  const started = once(recording, "RecordingStarted");
  const finished = once(recording, "RecordingFinished");
  const made = await near.record({ format: "wav", maxSilenceSeconds: 30, beep: false, ifExists: "fail" }, recording);
  seen("record", [made.name, made.format, ["queued", "recording"].includes(made.state), keys(made)]);
  await started;
  seen("again", await failure(near.record({ format: "wav", name: recording.name, ifExists: "fail" })));
  await recording.pause();
  await recording.unpause();
  await recording.stop();
  const [event] = await finished;
  seen("recorded", [event.recording.state, keys(event.recording)]);
  seen("stored", (await ari.recordings.listStored()).filter((one) => one.name === recording.name).map((one) => one.format));
  await ari.recordings.deleteStored({ recordingName: recording.name });
  seen("deleted", await failure(ari.recordings.getStored({ recordingName: recording.name })));
  await gone(ari, near);
}

async function counts(ari) {
  const box = `${app}@default`;
  names.set(box, "box");
  const mailbox = ari.Mailbox(box, { oldMessages: 0 });
  seen("mailbox", await failure(mailbox.update({ oldMessages: 1, newMessages: 2 }))); // Asterisk's module is not loaded
  const device = `Stasis:${app}`;
  names.set(device, "device");
  const state = ari.DeviceState(device);
  await ari.applications.subscribe({ applicationName: app, eventSource: `deviceState:${device}` });
  const changed = once(ari, "DeviceStateChanged", (event) => event.device_state.name === device);
  await state.update({ deviceState: "BUSY" });
  seen("device", (await changed)[0].device_state);
  seen("read", (await ari.deviceStates.get({ deviceName: device })).state);
  await ari.deviceStates.delete({ deviceName: device });
  seen("subscribed", (await ari.applications.get({ applicationName: app })).device_names);
  seen("no source", await failure(ari.applications.subscribe({ applicationName: app, eventSource: "nothing:at-all" })));
}

async function snooping(ari) {
  const [near] = await place(ari, "watched");
  const id = `${app}-snoop`;
  names.set(id, "spy");
  const arrived = once(ari, "StasisStart", (event) => event.channel.id === id);
  const spy = await ari.channels.snoopChannelWithId({ channelId: near.id, snoopId: id, spy: "both", app, appArgs: "spying" });
  seen("spy", [spy.id, (await arrived)[0].args]);
  const ended = once(ari, "StasisEnd", (event) => event.channel.id === id);
  await ari.channels.hangup({ channelId: id });
  await ended;
  const left = once(near, "StasisEnd");
  await near.continueInDialplan({ context: "plain", extension: "wait", priority: 1 });
  seen("continued", keys((await left)[0]));
  await until(async () => (await near.get()).dialplan.exten === "wait");
  await near.hangup();
}

async function refusals(ari) {
  seen("no channel", await failure(ari.channels.get({ channelId: "none" })));
  seen("no app", await failure(ari.applications.get({ applicationName: "none" })));
  seen("no endpoint", await failure(ari.channels.originate({ endpoint: "Nonsense/1", app })));
  seen("no parameter", await ari.channels.get({}).then(() => "no error", (error) => String(error)));
  seen("dead letter", await failure(ari.channels.hangup({ channelId: "none" })));
}

client.connect(url, user, password).then(async (ari) => {
  const alarm = setTimeout(() => { console.log("too late"); process.exit(1); }, 60_000);
  ari.start(app);
  await until(() => ari.applications.get({ applicationName: app }).then(() => true, () => false));
  for (const scene of [makers, refusals, variables, playing, waitingRoom, digits, recording, counts, snooping]) await scene(ari);
  clearTimeout(alarm);
  ari.stop();
  process.exit(0);
}, (error) => { console.log(`not connected: ${error.message}`); process.exit(2); });
