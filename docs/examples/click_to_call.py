"""Click to call: a web page asks for a call of a user's phone to a customer's number."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, HTTPException

from asterisk_ari import AsyncAsteriskARI
from asterisk_ari.aio import Answered
from asterisk_ari.errors import AriError, WaitError

ari = AsyncAsteriskARI(app_name="click-to-call")
PHONES = {"alice": "PJSIP/alice", "bob": "PJSIP/bob"}
states: dict[str, str] = {}
tasks: set[asyncio.Task[None]] = set()


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    """Connected for as long as the web server runs."""
    async with ari:
        yield
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


app = FastAPI(lifespan=lifespan)


async def connect(call_id: str, phone: str, number: str) -> None:
    """Ring the user, then the customer, and let them talk."""
    states[call_id] = "ringing the user"
    try:
        async with ari.call(phone, answer_timeout_seconds=20) as call:
            states[call_id] = "ringing the customer"
            result = await call.dial(f"PJSIP/{number}@trunk", ring_seconds=30)
            if isinstance(result, Answered):
                states[call_id] = "talking"
                await call.talk(result.leg)
            states[call_id] = type(result).__name__.lower()
    except WaitError as error:
        states[call_id] = error.outcome or "over"
    except AriError as error:
        states[call_id] = f"failed: {error.message}"


@app.post("/calls", status_code=202)
async def place(user: str, number: str) -> dict[str, str]:
    """Begin a call; its id comes back at once."""
    # Both come from outside: only users of the house, and digits.
    if user not in PHONES or not (number.isascii() and number.isdigit() and len(number) <= 15):
        raise HTTPException(422, "no such user, or no number")
    call_id = uuid.uuid4().hex
    task = asyncio.create_task(connect(call_id, PHONES[user], number))
    tasks.add(task)
    task.add_done_callback(tasks.discard)
    return {"id": call_id}


@app.get("/calls/{call_id}")
async def state(call_id: str) -> dict[str, str]:
    """How far a call is."""
    if call_id not in states:
        raise HTTPException(404, "no such call")
    return {"state": states[call_id]}
