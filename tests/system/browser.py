"""A headless Chromium, driven through chromedriver by the WebDriver protocol in plain HTTP."""
import base64
import json
import re
import subprocess
import tempfile
import urllib.error
import urllib.request

from harness import need, wait_for

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # the name that the standard gives to a reference
# Nothing of it may go anywhere but to the page: what looks for updates and the like is off, and no
# name but an address is found.
OPTIONS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
           "--disable-background-networking", "--disable-component-update", "--disable-sync",
           "--disable-default-apps", "--disable-dev-shm-usage", "--disable-extensions",
           "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]


def start(driver, directory):
    """The driver and its port; None: it has ended, as when somebody else was given the port that it
    had found free for one of its two addresses."""
    process = subprocess.Popen([driver, "--port=0"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, cwd=directory)
    for line in process.stdout:
        said = re.search(rb"successfully on port (\d+)", line)
        if said:
            return process, int(said.group(1))
    process.wait()
    return process, None


class Browser:
    """dark: the system prefers dark colours; script: JavaScript is on; size: of the window."""

    def __init__(self, size=(1280, 900), dark=False, script=True):
        chromium, driver = need("chromium"), need("chromedriver")
        self.directory = tempfile.TemporaryDirectory(prefix="modemshare-browser-", ignore_cleanup_errors=True)
        self.session = None
        for _ in range(5):
            self.driver, port = start(driver, self.directory.name)
            if port is not None:
                break
        self.url = f"http://127.0.0.1:{port}"
        prefs = {} if script else {"profile.managed_default_content_settings.javascript": 2}
        capabilities = {"alwaysMatch": {
            "browserName": "chrome", "goog:loggingPrefs": {"performance": "ALL", "browser": "ALL"},
            "goog:chromeOptions": {"binary": chromium, "prefs": prefs, "args": [
                *OPTIONS, f"--user-data-dir={self.directory.name}/profile",
                f"--window-size={size[0]},{size[1]}"]}}}
        created = self.call("POST", "/session", {"capabilities": capabilities})
        self.session = created["sessionId"]
        self.call("POST", self.at("/goog/cdp/execute"), {"cmd": "Emulation.setDeviceMetricsOverride", "params": {
            "width": size[0], "height": size[1], "deviceScaleFactor": 1, "mobile": size[0] < 600}})
        self.call("POST", self.at("/goog/cdp/execute"), {"cmd": "Emulation.setEmulatedMedia", "params": {
            "features": [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]}})

    def at(self, path):
        return f"/session/{self.session}{path}"

    def call(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, {"Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{path}: {error.read().decode(errors='replace')[:1000]}") from None

    def open(self, url):
        self.call("POST", self.at("/url"), {"url": url})

    def run(self, script, *arguments):
        """What the body of a function returns in the page; works without the page's own scripts too."""
        return self.call("POST", self.at("/execute/sync"), {"script": script, "args": list(arguments)})

    def run_later(self, script, *arguments):
        """The same for one that calls its last argument when it is done."""
        return self.call("POST", self.at("/execute/async"), {"script": script, "args": list(arguments)})

    def texts(self, selector):
        """What a reader sees of each such element; all at one moment, as they may be replaced meanwhile."""
        while True:
            try:
                found = self.call("POST", self.at("/elements"), {"using": "css selector", "value": selector})
                return [self.call("GET", self.at(f"/element/{e[ELEMENT]}/text")) for e in found]
            except AssertionError as error:
                if "stale element" not in str(error):
                    raise

    def wait_text(self, selector, wanted, deadline=10):
        """Waits until the first such element shows a text; says how it was at last."""
        seen = []

        def shows():
            seen[:] = self.texts(selector)
            return any(wanted in text for text in seen)
        try:
            wait_for(shows, deadline)
        except AssertionError as error:
            raise AssertionError(f"{selector} shows {seen}, not {wanted!r}: {error}") from None

    def press(self, key):
        self.call("POST", self.at("/actions"), {"actions": [{"type": "key", "id": "keyboard", "actions": [
            {"type": "keyDown", "value": key}, {"type": "keyUp", "value": key}]}]})

    def log(self, kind):
        return self.call("POST", self.at("/se/log"), {"type": kind})

    def requests(self):
        """The URL of each request since it was asked last, but for what the browser has in itself."""
        messages = [json.loads(entry["message"])["message"] for entry in self.log("performance")]
        urls = [m["params"]["request"]["url"] for m in messages if m["method"] == "Network.requestWillBeSent"]
        return [url for url in urls if not url.startswith(("chrome:", "data:"))]

    def picture(self, path):
        """Writes what is seen as a PNG file."""
        with open(path, "wb") as f:
            f.write(base64.b64decode(self.call("GET", self.at("/screenshot"))))

    def stop(self):
        try:
            if self.session:
                self.call("DELETE", self.at(""))
        finally:
            self.driver.terminate()
            self.driver.wait(20)
            self.driver.stdout.close()
            self.directory.cleanup()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
