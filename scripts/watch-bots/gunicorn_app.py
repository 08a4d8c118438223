"""A service under gunicorn; two threads of its worker wait for each other soon after it is there."""
import os
import runpy
import threading

here = os.path.dirname(os.path.abspath(__file__))
threading.Thread(target=lambda: runpy.run_path(os.path.join(here, "deadlock.py")), name="service").start()


def app(environment, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"alive\n"]
