"""A server that remembers what came: Python's websockets."""
import asyncio
import threading

import websockets


class HeaderServer:
    """Keeps path and headers of each upgrade, and the messages."""

    def __enter__(self):
        self.requests = []
        self.messages = []
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever)
        self.thread.start()
        self.server = asyncio.run_coroutine_threadsafe(self.start(), self.loop).result(10)
        self.port = self.server.sockets[0].getsockname()[1]
        return self

    async def start(self):
        return await websockets.serve(self.talk, "127.0.0.1", 0)

    async def talk(self, connection, *_):
        # The request's place differs from release to release of the library.
        request = getattr(connection, "request", None) or connection
        headers = getattr(request, "headers", None) or connection.request_headers
        self.requests.append((request.path, dict(headers.raw_items())))
        async for message in connection:
            self.messages.append(message)

    def __exit__(self, *_):
        async def stop():
            self.server.close()
            await self.server.wait_closed()

        asyncio.run_coroutine_threadsafe(stop(), self.loop).result(10)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()
