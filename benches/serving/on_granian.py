"""authorize on granian's own interface, with orjson: `granian --interface rsgi on_granian:serve`."""

import orjson
from authorize import main

HEADERS = [("content-type", "application/json")]


async def serve(scope, protocol):
    protocol.response_bytes(200, HEADERS, orjson.dumps(main(orjson.loads(await protocol()))))
