"""A bot whose worker is a forked process; the deadlock is in the worker."""
import multiprocessing
import os
import runpy


def work():
    runpy.run_path(os.path.join(os.path.dirname(os.path.abspath(__file__)), "deadlock.py"))


if __name__ == "__main__":
    worker = multiprocessing.get_context("fork").Process(target=work)
    worker.start()
    worker.join()
