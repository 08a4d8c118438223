"""A bot on asyncio whose strategy computes, or sleeps, where it should await."""
import asyncio
import time


async def quotes():
    while True:
        await asyncio.sleep(0.1)


async def strategy():
    await asyncio.sleep(0.5)
    time.sleep(3600)


async def main():
    await asyncio.gather(
        asyncio.create_task(quotes(), name="quotes"), asyncio.create_task(strategy(), name="strategy")
    )


asyncio.run(main())
