"""A bot that stops: one thread saves the state under its lock and asks for the budget, the other does the reverse."""
import threading


class State:
    def __init__(self):
        self.lock = threading.Lock()

    def save(self):
        with self.lock:
            both.wait()
            with budget:
                pass


budget = threading.Lock()
both = threading.Barrier(2)
state = State()


def trade():
    with budget:
        both.wait()
        with state.lock:
            pass


threads = [threading.Thread(target=state.save, name="saver"), threading.Thread(target=trade, name="engine")]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
