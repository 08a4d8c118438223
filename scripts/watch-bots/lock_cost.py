"""Prints the microseconds of a lock and unlock by 'with', of processor time: threading.Lock and RLock, best of ten."""
import threading
import time
import timeit


def cost(lock):
    def both():
        with lock:
            pass

    def neither():
        pass

    count = 50_000
    best = [
        min(timeit.repeat(each, number=count, repeat=10, timer=time.thread_time))
        for each in (both, neither)
    ]
    return (best[0] - best[1]) / count * 1e6


print(f"Lock {cost(threading.Lock()):.2f} us, RLock {cost(threading.RLock()):.2f} us")
