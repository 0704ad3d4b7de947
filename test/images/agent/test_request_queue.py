import contextlib
import io
import json
import tempfile
import unittest
from pathlib import Path

import agent_path  # noqa: F401
from failure import Failure
from request_queue import RequestQueue


class RequestQueueTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.requests, self.results = Path(folder.name, "requests"), Path(folder.name, "results")
        self.requests.mkdir()
        self.results.mkdir()
        self.handled = []
        self.seconds = 0
        self.goes_down = False

    def request(self, name, content):
        path = self.requests / name
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        self.seconds = max(self.seconds, path.stat().st_mtime)

    def result(self, name):
        return json.loads((self.results / name).read_text())

    def serve(self, handle=None, on_sleep=lambda: None):
        def sleep(seconds):
            self.seconds += seconds
            on_sleep()

        queue = RequestQueue(self.requests, self.results, handle or self.handle, lambda: self.goes_down, lambda: self.seconds, sleep)
        with contextlib.redirect_stdout(io.StringIO()) as output:
            queue.serve()
        return output.getvalue()

    def handle(self, request, report):
        report("work")
        self.handled.append(request["n"])
        return {"user": "app"}

    def test_requests_are_handled_in_the_order_of_their_names_and_removed(self):
        self.request("b.json", {"n": 2})
        self.request("a.json", {"n": 1})
        self.serve()
        self.assertEqual(self.handled, [1, 2])
        self.assertEqual(list(self.requests.iterdir()), [])
        wanted = {"status": "succeeded", "step": "work", "code": None, "message": None, "data": {"user": "app"}}
        self.assertEqual(self.result("a.json"), wanted)

    def test_a_request_that_has_its_result_is_dropped(self):
        self.request("a.json", {"n": 1})
        self.serve()
        self.request("a.json", {"n": 2})
        self.serve()
        self.assertEqual(self.handled, [1])
        self.assertEqual(list(self.requests.iterdir()), [])

    def test_a_request_that_was_interrupted_is_carried_out_again(self):
        for rest in ('{"status": "running"}', "", "[]"):
            (self.results / "a.json").write_text(rest)
            self.request("a.json", {"n": 1})
            self.serve()
        self.assertEqual(self.handled, [1, 1, 1])

    def test_a_half_written_request_is_waited_for(self):
        self.request("a.json", '{"n"')
        self.serve(on_sleep=lambda: self.request("a.json", {"n": 1}))
        self.assertEqual(self.handled, [1])

    def test_a_request_that_stays_half_written_fails(self):
        self.request("a.json", '{"n"')
        self.serve()
        self.assertEqual(self.result("a.json")["code"], "invalid_request")
        self.assertEqual(list(self.requests.iterdir()), [])

    def test_other_files_are_left_alone_for_a_while_and_then_removed(self):
        self.request("a.json.tmp", "anything")
        self.serve()
        self.assertEqual(list(self.requests.iterdir()), [])
        self.assertEqual(list(self.results.iterdir()), [])

    def test_a_failure_is_told_with_the_step_it_happened_in(self):
        def fail(request, report):
            report("work")
            raise Failure("engine_start_failed", "no luck")

        self.request("a.json", {"n": 1})
        self.serve(fail)
        wanted = {"status": "failed", "step": "work", "code": "engine_start_failed", "message": "no luck", "data": {}}
        self.assertEqual(self.result("a.json"), wanted)

    def test_what_fails_because_the_instance_is_stopped_is_left_to_the_next_boot(self):
        def fail(request, report):
            raise Failure("engine_start_failed", "no luck")

        self.goes_down = True
        self.request("a.json", {"n": 1})
        with self.assertRaises(SystemExit):
            self.serve(fail)
        self.assertEqual(self.result("a.json")["status"], "running")
        self.goes_down = False
        self.serve()
        self.assertEqual(self.handled, [1])

    def test_an_unexpected_error_says_nothing_of_the_request(self):
        def fail(request, report):
            raise ValueError(request["password"])

        self.request("a.json", {"password": "canary"})
        output = self.serve(fail)
        self.assertEqual(self.result("a.json")["code"], "internal_error")
        self.assertNotIn("canary", output + (self.results / "a.json").read_text())

    def test_results_are_for_root_only(self):
        self.request("a.json", {"n": 1})
        self.serve()
        self.assertEqual((self.results / "a.json").stat().st_mode & 0o777, 0o600)


if __name__ == "__main__":
    unittest.main()
