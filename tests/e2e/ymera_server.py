"""A server that is not ours: FastAPI and uvicorn speaking the YMERA protocol. ymera_server.py PORT"""
import json
import sys

import uvicorn
from fastapi import FastAPI, WebSocket, WebSocketDisconnect

app = FastAPI()


@app.get("/health")
def health():
    return {"status": "ok"}


def answer_to(message):
    kind = message.get("type")
    if kind == "ping":
        return {"type": "pong"}
    if kind in ("subscribe", "unsubscribe"):
        return {"type": kind + "d", "channel": message["channel"]}
    if kind == "agent_message":
        payload = message["payload"]
        answer = {"type": "agent_response", "from": message["to"], "to": message["from"],
                  "payload": {"status": "processed", "action": payload["action"],
                              "data": payload.get("data")}}
        return dict(answer, timestamp=payload["timestamp"]) if payload.get("timestamp") else answer
    if kind == "disconnect":
        return {"type": "disconnect_ack"}
    return {"type": "message", "data": message}


@app.websocket("/ws")
async def endpoint(socket: WebSocket):
    await socket.accept()
    try:
        while True:
            await socket.send_text(json.dumps(answer_to(json.loads(await socket.receive_text()))))
    except WebSocketDisconnect:
        pass


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), ws="websockets", log_level="warning")
