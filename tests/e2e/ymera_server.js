// A server that is not ours: the npm package `ws` speaking the YMERA protocol on /ws, an echo on /echo.
// node ymera_server.js PORT [DEFLATE], with NODE_PATH to the package.
const http = require('http');
const { WebSocketServer } = require('ws');

function answerTo(message) {
  switch (message.type) {
    case 'ping': return { type: 'pong' };
    case 'subscribe': return { type: 'subscribed', channel: message.channel };
    case 'unsubscribe': return { type: 'unsubscribed', channel: message.channel };
    case 'agent_message': return {
      timestamp: message.payload.timestamp, type: 'agent_response', to: message.from, from: message.to,
      payload: { status: 'processed', action: message.payload.action, data: message.payload.data },
    };
    case 'disconnect': return { type: 'disconnect_ack' };
    default: return { type: 'message', data: message };
  }
}

const server = http.createServer((request, response) => response.writeHead(404).end());
const deflate = process.argv[3] ? JSON.parse(process.argv[3]) : true;  // options of permessage-deflate
const sockets = new WebSocketServer({ server, perMessageDeflate: deflate });
sockets.on('connection', (socket, request) => {
  socket.on('error', () => {});  // what breaks the protocol is closed; unheard, it would end the server
  socket.on('message', (data, isBinary) => {
    if (request.url === '/echo') socket.send(data, { binary: isBinary });
    else socket.send(JSON.stringify(answerTo(JSON.parse(data)), null, 1));
  });
});
server.listen(Number(process.argv[2]), '127.0.0.1');
