// A client that is not ours: sends each argument after the URL as a text message, waits for one answer each,
// closes with 1000, and prints {"answers": [...], "code": N}. node ws_client.js URL MESSAGE...
const WebSocket = require('ws');

const [url, ...messages] = process.argv.slice(2);
const answers = [];
const socket = new WebSocket(url);
socket.on('open', () => socket.send(messages[0]));
socket.on('message', (data) => {
  answers.push(data.toString());
  if (answers.length < messages.length) socket.send(messages[answers.length]);
  else socket.close(1000, 'done');
});
socket.on('close', (code) => console.log(JSON.stringify({ answers, code })));
socket.on('error', (error) => { console.error(error.message); process.exit(1); });
