"""Ten threads: two in a circle of two locks, seven idle, and the main one. SIGUSR1 has faulthandler write its stacks."""
import faulthandler
import signal
import threading

faulthandler.register(signal.SIGUSR1, file=open("faults.txt", "a"), all_threads=True)
first, second = threading.Lock(), threading.Lock()
both = threading.Barrier(2)
idle = threading.Condition()


def cross(mine, other):
    with mine:
        both.wait()
        with other:
            pass


def rest():
    with idle:
        idle.wait()


for number in range(7):
    threading.Thread(target=rest, name="idle-%d" % number, daemon=True).start()
threading.Thread(target=cross, name="engine-a", args=(first, second), daemon=True).start()
last = threading.Thread(target=cross, name="engine-b", args=(second, first), daemon=True)
last.start()
last.join()
