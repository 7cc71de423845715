"""Its test, in Python, without this package: `python test_ivr.py`, while the server and the program run."""

import base64
import json
import os
import unittest
import urllib.error
import urllib.request

USER = f"{os.environ['ARI_USERNAME']}:{os.environ['ARI_PASSWORD']}"
HEADERS = {"Authorization": f"Basic {base64.b64encode(USER.encode()).decode()}", "Content-Type": "application/json"}


def control(method, path, **body):
    data = json.dumps(body).encode() if body else None
    request = urllib.request.Request(os.environ["CONTROL_URL"] + path, data, HEADERS, method=method)
    try:
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        problem = json.load(error)
        raise AssertionError(f"{problem['what']}: {problem['why']}\n{problem['ladder']}") from None


class TestIvr(unittest.TestCase):
    def setUp(self):
        control("POST", "/reset")

    def test_who_presses_1_hears_goodbye(self):
        call = control("POST", "/calls", app="ivr", caller="Ann <1234>")
        path = f"/calls/{call['id']}"
        control("POST", f"{path}/wait-for-prompt", media="sound:menu")
        control("POST", f"{path}/press", keys="1")
        control("POST", f"{path}/wait-for-prompt", media="sound:goodbye", virtual_seconds=60)
        over = control("POST", f"{path}/wait-for-state", state="ended", virtual_seconds=60)
        self.assertEqual(over["hangup_cause"], 16)
        control("POST", "/assert-clean")

    def test_who_presses_nothing_hears_the_menu_once(self):
        call = control("POST", "/calls", app="ivr", listens=True)
        control("POST", f"/calls/{call['id']}/wait-for-prompt", media="sound:menu")
        control("POST", "/advance", seconds=3600)
        heard = control("POST", f"/calls/{call['id']}/assert-heard", media="sound:menu", seconds=2.9)
        self.assertEqual([one["media"] for one in heard], ["sound:menu"])
        control("POST", f"/calls/{call['id']}/hang-up")
        control("POST", "/assert-clean")


if __name__ == "__main__":
    unittest.main()
