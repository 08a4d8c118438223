"""A healthy bot with nothing to do: a worker waits for orders, a consumer for a condition, an event loop for a timer."""
import asyncio
import queue
import sys
import threading
import time

seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 600
orders = queue.Queue()
changed = threading.Condition()
stopped = threading.Event()


def wait_for_change():
    with changed:
        changed.wait()


def work():
    while orders.get() is not None:
        pass


def loop():
    asyncio.run(asyncio.sleep(seconds))


threads = [threading.Thread(target=body, name=body.__name__, daemon=True) for body in (wait_for_change, work, loop)]
for thread in threads:
    thread.start()
end = time.monotonic() + seconds
while time.monotonic() < end:
    print("heartbeat", flush=True)
    stopped.wait(1)
