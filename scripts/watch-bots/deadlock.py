"""A bot that stops: one thread saves the state under its lock and asks for the budget, the other does the reverse."""
import threading
import time


class State:
    def __init__(self):
        self.lock = threading.Lock()

    def save(self):
        with self.lock:
            time.sleep(0.2)
            with budget:
                pass


budget = threading.Lock()
state = State()


def trade():
    with budget:
        time.sleep(0.2)
        with state.lock:
            pass


threads = [threading.Thread(target=state.save, name="saver"), threading.Thread(target=trade, name="engine")]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
