// The functions of ymera.yml. Runs in Artillery and in wsblast alike.
'use strict';

const AGENTS = 100;

module.exports = { generateUserId, sendAgentMessage, measureLatency, printStats };

// Of all users of this process.
const stats = { users: 0, sent: 0, received: 0, latencySumMs: 0 };

// A random user and the agent that it talks to: {{ userId }} and {{ agentId }}.
function generateUserId(context, events, done) {
  context.vars.userId = `user_${Math.random().toString(36).slice(2, 11)}`;
  context.vars.agentId = `agent_${Math.floor(Math.random() * AGENTS)}`;
  stats.users += 1;
  return done();
}

// The answer's `timestamp` is the one of `payload`: measureLatency() takes the difference.
function sendAgentMessage(context, events, done) {
  const message = {
    type: 'agent_message',
    from: context.vars.userId,
    to: context.vars.agentId,
    payload: { action: 'execute', timestamp: Date.now(), data: { test: true } },
  };
  // Artillery leaves the handler of the last `match` in place, and ends when it gets this message's answer.
  if (context.ws.onmessage) context.ws.onmessage = undefined;
  context.ws.send(JSON.stringify(message));
  stats.sent += 1;
  return done();
}

// Answers to agent messages go into the histogram ymera.agent_latency, in milliseconds.
function measureLatency(context, events, done) {
  context.ws.on('message', (data) => {
    const message = JSON.parse(data);
    if (message.type !== 'agent_response' || !message.timestamp) return;
    const latencyMs = Date.now() - message.timestamp;
    stats.received += 1;
    stats.latencySumMs += latencyMs;
    events.emit('histogram', 'ymera.agent_latency', latencyMs);
    events.emit('counter', 'ymera.agent_responses', 1);
  });
  return done();
}

// Not for every user of a large run: it is a line each.
function printStats(context, events, done) {
  const meanMs = stats.received === 0 ? 0 : stats.latencySumMs / stats.received;
  const { users, sent, received } = stats;
  const mean = meanMs.toFixed(2);
  console.log('%d users, %d agent messages, %d answers, mean %s ms', users, sent, received, mean);
  return done();
}
