"""A bot in a C function that keeps the interpreter to itself: no Python code of any thread runs any more."""
import ctypes
import threading
import time


def quotes():
    while True:
        time.sleep(0.1)


threading.Thread(target=quotes, name="quotes", daemon=True).start()
time.sleep(0.5)
# PyDLL calls without letting go of the interpreter.
ctypes.PyDLL(None).sleep(3600)
