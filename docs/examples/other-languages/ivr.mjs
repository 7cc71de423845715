// The program under test: it plays a menu, says goodbye to who presses 1, and hangs up.
const { ARI_URL: url, ARI_USERNAME: user, ARI_PASSWORD: password } = process.env;
const headers = { Authorization: `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}` };

async function ari(method, path) {
  const answer = await fetch(`${url}/ari${path}`, { method, headers });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
}

const handlers = {
  StasisStart: async ({ channel: { id } }) => {
    await ari("POST", `/channels/${id}/answer`);
    await ari("POST", `/channels/${id}/play?media=sound:menu`);
  },
  ChannelDtmfReceived: async ({ channel: { id }, digit }) => {
    if (digit === "1") await ari("POST", `/channels/${id}/play?media=sound:goodbye`);
  },
  PlaybackFinished: async ({ playback: { media_uri, target_uri } }) => {
    if (media_uri === "sound:goodbye") await ari("DELETE", `/channels/${target_uri.replace("channel:", "")}`);
  },
};

const socket = new WebSocket(`${url.replace("http", "ws")}/ari/events?app=ivr&api_key=${user}:${password}`);
socket.onmessage = ({ data }) => {
  const event = JSON.parse(data);
  handlers[event.type]?.(event).catch((error) => console.error(error.message));
};
socket.onclose = () => process.exit(1);
