"""authorize on FastAPI: `uvicorn on_fastapi:app`."""

from authorize import main
from fastapi import FastAPI

app = FastAPI()


@app.post("/")
async def serve(args: dict) -> dict:
    return main(args)
