"""A bot that waits for a fill in a loop that never ends. It prints a line a round until then."""
import time

filled = False
for round in range(3):
    print("round", round, flush=True)
    time.sleep(0.2)
while not filled:
    pass
