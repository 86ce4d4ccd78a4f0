"""Read what a platform posts, up to a limit: the part of a webhook that is the same for all of them."""

from starlette.requests import Request


async def read_request(request: Request, most: int) -> bytes | None:
    """Return the body of a request; None once it has grown beyond `most` bytes, whatever its Content-Length said."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            return None
    return bytes(body)
