"""Address and key of the served exchange, and its control."""

import json
import os
import urllib.request

HTTP = os.environ["CHAOS_HTTP"]
WS = os.environ["CHAOS_WS"]
KEY = os.environ["CHAOS_API_KEY"]
SECRET = os.environ["CHAOS_API_SECRET"]


def control(method, path, body=None):
    """A call of /chaos/v1/."""
    request = urllib.request.Request(f"{HTTP}/chaos/v1/{path}", json.dumps(body or {}).encode(), method=method)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def faults(*lines):
    """Arms these faults in place of others; none: takes them back."""
    return control("PUT", "faults", {"faults": list(lines)})


def expect(error, call, *arguments, text="", **named):
    """The call must raise that error, with that text in it."""
    try:
        call(*arguments, **named)
    except error as raised:
        assert text in str(raised), f"{raised!r} does not say {text}"
        return raised
    raise AssertionError(f"{error} was expected")
