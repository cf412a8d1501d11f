"""A command under ``dump-launch-sequence`` behaves as without it, and its launch is told as it was."""

from __future__ import annotations

import ast
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from diagnostics.agent.recordings import folder
from diagnostics.parsers.hints import Hints
from diagnostics.parsers.snapshot import parse
from tests.agent.commands import OTHERS, PATIENCE, Agent
from tests.conftest import wait_until

READY_AND_WAIT = "import time\nprint('server is ready', flush=True)\ntime.sleep(600)\n"
HUNG = "import time\nprint('Loading model', flush=True)\ntime.sleep(600)\n"


@pytest.fixture(params=[sys.executable, *OTHERS], ids=lambda path: Path(path).parts[-3])
def agent(request: pytest.FixtureRequest, tmp_path: Path) -> Agent:
    """On this Python, and on the oldest and the newest where they are installed."""
    return Agent(tmp_path, request.param)


@pytest.fixture
def here(tmp_path: Path) -> Agent:
    return Agent(tmp_path)


def phases(document: dict[str, Any]) -> dict[str, str]:
    return {phase["phase"]: phase["status"] for phase in document["phases"]}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def alive(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


def ended(pid: int) -> bool:
    return not alive(pid)


def test_a_launch_from_its_output_with_its_exit_code(agent: Agent) -> None:
    program = (
        "import sys, time\n"
        "for line in ('Loading model…', 'Initializing tokenizer', 'Model loaded successfully'):\n"
        "    sys.stdout.buffer.write(line.encode() + b'\\n'); sys.stdout.flush(); time.sleep(0.05)\n"
        "sys.exit(7)\n"
    )
    done = agent.dump("--service", "open-autoglm", "--version", "1.4.2", "--label", "gpu=H100", program=program)
    assert done.returncode == 7
    assert done.stdout.decode() == "Loading model…\nInitializing tokenizer\nModel loaded successfully\n"
    document = agent.snapshot()
    assert phases(document) == {"model-load": "success", "tokenizer-init": "success"}
    assert (document["service"], document["version"], document["labels"]["gpu"]) == ("open-autoglm", "1.4.2", "H100")
    assert [event["text"] for event in document["events"]][-1] == "Model loaded successfully"
    start, ready = document["milestones"]["process_start"], document["milestones"]["ready_line"]
    assert start < document["phases"][0]["start_time"] < ready
    parsed = parse(json.dumps(document).encode(), Hints(received_at=time.time_ns()))
    assert [phase.name for phase in parsed.phases] == ["model-load", "tokenizer-init"]


def test_not_a_byte_is_changed_or_lost(here: Agent) -> None:
    program = (
        "import os, random\nrandom.seed(4)\n"
        "out, err = random.randbytes(3_000_000), random.randbytes(300_000)\n"
        "while out: out = out[os.write(1, out[:70_001]):]\n"
        "while err: err = err[os.write(2, err[:7_001]):]\n"
    )
    done = here.dump(program=program)
    random.seed(4)
    assert done.stdout == random.randbytes(3_000_000)
    assert done.stderr.startswith(random.randbytes(300_000))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1])
def test_signals_reach_the_program_once(here: Agent, number: signal.Signals) -> None:
    program = (
        "import signal, sys, time\n"
        "got = []\n"
        f"signal.signal({int(number)}, lambda *_: got.append(1))\n"
        "print('server is ready', flush=True)\n"
        "while not got: time.sleep(0.01)\n"
        "time.sleep(0.2); print(len(got), flush=True); sys.exit(5)\n"
    )
    with here.start("dump-launch-sequence", "--", sys.executable, "-c", program) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"server is ready\n"
        process.send_signal(number)
        assert process.communicate(timeout=PATIENCE)[0] == b"1\n"
    assert process.returncode == 5


def test_a_program_ended_by_a_signal_gives_the_shells_code(agent: Agent) -> None:
    done = agent.dump(program=["sh", "-c", "echo starting; kill -9 $$"])
    assert done.returncode == 128 + 9
    document = agent.snapshot()
    (phase,) = document["phases"]
    assert (phase["phase"], phase["status"]) == ("unfinished", "failed")
    assert phase["attributes"]["reason"] == "ended by signal 9 (SIGKILL) before it was ready"
    assert phase["attributes"]["last_line"] == "starting"
    assert "ready_line" not in document["milestones"]


def test_whoever_ends_a_hung_launch_learns_what_it_waited_for(agent: Agent) -> None:
    with agent.start("dump-launch-sequence", "--", agent.python, "-c", HUNG) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"Loading model\n"
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE)
    assert process.returncode == 128 + 15
    phase = agent.snapshot()["phases"][-1]
    assert (phase["phase"], phase["status"]) == ("model-load", "failed")
    assert f"({phase['attributes']['processes'][0]['pid']})" in phase["attributes"]["waiting_for"]


def test_a_timeout_is_a_failed_launch(agent: Agent) -> None:
    done = agent.dump("--timeout", "1s", "--stop", program=HUNG)
    assert done.returncode == 124
    document = agent.snapshot()
    assert phases(document) == {"model-load": "failed"}
    assert document["phases"][0]["attributes"]["reason"] == "not ready after 1 s"
    assert b"not ready after 1 s" in done.stderr


def test_stop_ends_the_program_and_all_it_started(here: Agent) -> None:
    program = (
        "import os, subprocess, sys, time\n"
        "deaf = 'import signal,time; signal.signal(15, signal.SIG_IGN); time.sleep(600)'\n"
        "child = subprocess.Popen([sys.executable, '-c', deaf])\n"
        "print(os.getpid(), child.pid, flush=True)\nprint('server is ready', flush=True)\ntime.sleep(600)\n"
    )
    done = here.dump("--stop", program=program)
    assert done.returncode == 0
    for pid in map(int, done.stdout.split(b"\n")[0].split()):
        wait_until(partial(ended, pid), f"{pid} to end")


def test_detach_leaves_the_program_running_with_its_output(here: Agent, tmp_path: Path) -> None:
    program = (
        "import os, pathlib, sys, time\n"
        "print(os.getpid(), flush=True)\nprint('server is ready', flush=True)\n"
        "while not pathlib.Path('go').exists(): time.sleep(0.02)\n"
        "print('still here', flush=True); print('and here', file=sys.stderr, flush=True)\n"
        "pathlib.Path('done').touch()\n"
    )
    with (tmp_path / "out").open("wb") as out, (tmp_path / "err").open("wb") as err:
        options = {"stdout": out, "stderr": err}
        done = here.run("dump-launch-sequence", "--detach", "--", sys.executable, "-c", program, **options)
    assert done.returncode == 0
    pid = int((tmp_path / "out").read_text().split()[0])
    assert alive(pid)
    (tmp_path / "go").touch()
    wait_until(lambda: (tmp_path / "done").exists(), "the program to go on")
    wait_until(lambda: "still here" in (tmp_path / "out").read_text(), "its output")
    wait_until(lambda: "and here" in (tmp_path / "err").read_text(), "its errors")
    wait_until(partial(ended, pid), f"{pid} to end")


def test_what_the_program_leaves_behind_keeps_its_output(here: Agent, tmp_path: Path) -> None:
    command = "(while [ ! -e go ]; do sleep 0.05; done; echo late; touch done) & echo started"
    with (tmp_path / "out").open("wb") as out:
        done = here.run("dump-launch-sequence", "--", "sh", "-c", command, stdout=out, stderr=subprocess.DEVNULL)
    assert done.returncode == 0
    assert (tmp_path / "out").read_text() == "started\n"
    (tmp_path / "go").touch()
    wait_until(lambda: (tmp_path / "out").read_text() == "started\nlate\n", "the late line")


def test_a_reader_who_leaves_ends_the_program_as_ever(here: Agent) -> None:
    with here.start("dump-launch-sequence", "--", "sh", "-c", "while :; do echo y; done") as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.stdout.close()
        process.wait(PATIENCE)
    assert process.returncode == 128 + signal.SIGPIPE


def test_a_flood_of_output_passes_and_is_kept_in_bounds(here: Agent) -> None:
    done = here.dump(program=["seq", "1", "400000"])
    assert done.stdout == b"".join(b"%d\n" % n for n in range(1, 400_001))
    document = here.snapshot()
    assert len(document["events"]) <= 1001
    assert int(document["labels"]["lines_not_read"]) > 300_000


@pytest.mark.parametrize(
    ("command", "code", "sentence"),
    [("no-such-command", 127, b"no-such-command: command not found"), ("/etc/passwd", 126, b"Permission denied")],
)
def test_what_cannot_be_run(here: Agent, command: str, code: int, sentence: bytes) -> None:
    done = here.dump(program=[command])
    assert done.returncode == code
    assert sentence in done.stderr
    assert not (here.home / "launch_snapshot.json").exists()


SERVER = """
import http.server, itertools, sys
answers = itertools.chain([503, 503], itertools.repeat(200))
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(next(answers)); self.end_headers(); self.wfile.write(b'x')
http.server.HTTPServer(('127.0.0.1', int(sys.argv[1])), Handler).serve_forever()
"""


def test_a_url_is_ready_when_it_answers_well(agent: Agent) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}/health"
    done = agent.dump("--ready-url", url, "--stop", program=[agent.python, "-c", SERVER, str(port)])
    assert done.returncode == 0
    assert [line.split()[-2] for line in done.stderr.splitlines() if b"GET /health" in line][:3] == [
        b"503",
        b"503",
        b"200",
    ]
    document = agent.snapshot()
    milestones = document["milestones"]
    assert milestones["process_start"] < milestones["health_ok"] < milestones["first_success"]
    assert document["labels"]["ready_by"] == f"url {url}"


def test_a_port_is_ready_when_it_is_listened_on_and_nobody_connects(agent: Agent) -> None:
    port = free_port()
    program = (
        "import socket, sys, time\n"
        f"server = socket.create_server(('127.0.0.1', {port}))\n"
        "server.settimeout(2)\n"
        "try: server.accept(); print('disturbed', flush=True)\n"
        "except TimeoutError: print('undisturbed', flush=True)\n"
        "except socket.timeout: print('undisturbed', flush=True)\n"
    )
    done = agent.dump("--ready-port", str(port), program=program)
    assert (done.returncode, done.stdout) == (0, b"undisturbed\n")
    assert {"port_open", "health_ok"} <= set(agent.snapshot()["milestones"])


def test_a_line_asked_for_decides_and_not_the_profile(here: Agent) -> None:
    program = "import time\nfor t in ('server is ready', 'model warm'):\n    print(t, flush=True); time.sleep(0.2)\n"
    here.dump("--ready-line", "model (warm|hot)", program=program)
    document = here.snapshot()
    warm = next(event["time"] for event in document["events"] if event["text"] == "model warm")
    assert document["milestones"]["ready_line"] == warm


def test_a_program_that_ends_well_but_was_never_ready_did_not_do_what_was_asked(here: Agent) -> None:
    done = here.dump("--ready-line", "never said", program="print('hello')")
    assert done.returncode == 1
    assert phases(here.snapshot()) == {"unfinished": "failed"}
    assert here.dump(program="print('hello')").returncode == 0


def test_a_line_that_is_no_expression_is_a_sentence(here: Agent) -> None:
    done = here.dump("--ready-line", "(", program="print('hello')")
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"not a regular expression" in done.stderr


def test_python_imports_nest_and_do_not_show_in_the_output(agent: Agent) -> None:
    done = agent.dump("--python", program="import json, sys\nprint('done', file=sys.stderr)")
    assert done.returncode == 0
    assert b"import time:" not in done.stderr
    assert done.stderr.startswith(b"done\n")
    imports = {phase["id"]: phase for phase in agent.snapshot()["phases"]}
    assert "import site" in {phase["phase"] for phase in imports.values()}
    inner = [phase for phase in imports.values() if "parent" in phase]
    assert inner
    for phase in inner:
        around = imports[phase["parent"]]
        assert around["start_time"] <= phase["start_time"]
        assert phase["start_time"] + phase["duration_ns"] <= around["start_time"] + around["duration_ns"]


SDK = """
import multiprocessing, os, sys
from diagnostics.agent.record import Recorder
recorder = Recorder("svc", "prod", "2.0")
def shard(number):
    with recorder.phase(f"shard-{number}", lane=f"TP{number}"): pass
if __name__ == "__main__":
    with recorder.phase("weights-load"):
        workers = [multiprocessing.get_context("fork").Process(target=shard, args=(n,)) for n in (0, 1)]
        for worker in workers: worker.start()
        for worker in workers: worker.join()
    with recorder.phase("warm-up", depends_on=["weights-load"]):
        if "crash" in sys.argv: os.kill(os.getpid(), 9)
    print("server is ready", flush=True)
"""

ANOTHER_USER = """
import os
from diagnostics.agent.record import Recorder
os.setgid(65534); os.setuid(65534)
with Recorder("svc").phase("weights-load"):
    print("server is ready", flush=True)
"""


def test_phases_that_the_program_records_itself(agent: Agent) -> None:
    assert agent.dump(program=[agent.python, "-c", SDK]).returncode == 0
    document = agent.snapshot()
    told = {phase["phase"]: phase for phase in document["phases"]}
    assert set(told) == {"weights-load", "shard-0", "shard-1", "warm-up"}
    assert told["shard-1"]["parent"] == told["weights-load"]["id"]
    assert told["warm-up"]["depends_on"] == [told["weights-load"]["id"]]
    assert (document["service"], document["environment"], document["version"]) == ("svc", "prod", "2.0")
    assert not list(folder(agent.home / "spool").glob(f"{document['launch_id']}*"))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_a_program_that_becomes_another_user_still_records_itself(here: Agent) -> None:
    assert here.dump(program=[here.python, "-c", ANOTHER_USER]).returncode == 0
    assert phases(here.snapshot()) == {"weights-load": "success"}


def test_a_crash_leaves_the_open_phase_failed(agent: Agent) -> None:
    assert agent.dump(program=[agent.python, "-c", SDK, "crash"]).returncode == 128 + 9
    document = agent.snapshot()
    assert phases(document)["warm-up"] == "failed"
    assert phases(document)["weights-load"] == "success"
    parse(json.dumps(document).encode(), Hints(received_at=time.time_ns()))


def test_a_recording_without_anyone_around_it_is_found_later(agent: Agent) -> None:
    program = SDK.replace('Recorder("svc", "prod", "2.0")', 'Recorder("svc", spool=os.environ["LAUNCHSCOPE_SPOOL"])')
    subprocess.run([agent.python, "-c", program, "crash"], env=agent.environment, check=False)
    assert agent.run("dump-launch-sequence", "--output", "later.json", "--verbose").returncode == 1
    assert phases(agent.snapshot("later.json"))["warm-up"] == "failed"


def test_nothing_to_record_is_a_sentence(here: Agent) -> None:
    done = here.run("dump-launch-sequence")
    assert done.returncode == 4
    assert b"no recorded launch" in done.stderr


def test_a_saved_log(agent: Agent) -> None:
    log = Path(__file__).parent / "data" / "logs" / "shape-vllm-v1-tp-worker.log"
    done = agent.run("dump-launch-sequence", "--from-log", str(log), "--year", "2026", "--json", "--output", "l.json")
    assert done.returncode == 0
    assert json.loads(done.stdout)["total_ns"] == 113 * 10**9
    document = agent.snapshot("l.json")
    assert document["labels"]["engine_version"] == "0.11.2"
    assert phases(document)["engine-init"] == "success"


def test_the_snapshot_on_standard_output(here: Agent) -> None:
    log = Path(__file__).parent / "data" / "logs" / "rec-uvicorn.txt"
    done = here.run("dump-launch-sequence", "--from-log", str(log), "--output", "-")
    assert json.loads(done.stdout)["milestones"].keys() == {"process_start", "ready_line"}


def test_no_secret_is_in_the_snapshot(here: Agent) -> None:
    here.extra["HF_TOKEN"] = "hf_abcdefghijklmnopqrstuv"
    program = "import os, sys\nprint('using', os.environ['HF_TOKEN'])\nprint('password=hunter22', sys.argv)"
    command = [sys.executable, "-c", program, "--api-key", "hunter33"]
    done = here.dump("--verbose", program=command)
    assert b"hf_abcdefghijklmnopqrstuv" in done.stdout
    text = (here.home / "launch_snapshot.json").read_text()
    for secret in ("hf_abc", "hunter22", "hunter33"):
        assert secret not in text
    assert here.snapshot()["config"]["HF_TOKEN"] == {"actual": "***"}


def test_a_full_disk_does_not_disturb_the_program(here: Agent) -> None:
    done = here.dump("--output", "/nonexistent/x.json", program="import sys; print('works'); sys.exit(3)")
    assert (done.returncode, done.stdout) == (3, b"works\n")
    assert b"/nonexistent/x.json cannot be written" in done.stderr


def test_the_launch_is_the_trace_it_belongs_to(here: Agent) -> None:
    here.extra["TRACEPARENT"] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    done = here.dump(program="import os; print(os.environ['TRACEPARENT'])")
    assert done.stdout.decode().strip() == here.extra["TRACEPARENT"]
    assert here.snapshot()["launch_id"] == "0af76519-16cd-43dd-8448-eb211c80319c"
    del here.extra["TRACEPARENT"]
    done = here.dump(program="import os; print(os.environ['TRACEPARENT'])")
    assert done.stdout.decode().split("-")[1] == here.snapshot()["launch_id"].replace("-", "")


def test_an_instrumented_program_knows_whose_spans_it_sends(here: Agent) -> None:
    told = "import os; print({k: v for k, v in os.environ.items() if k.startswith('OTEL')})"
    done = here.dump("--service", "glm", "--environment", "prod", "--version", "1.2", program=told)
    assert ast.literal_eval(done.stdout.decode()) == {
        "OTEL_SERVICE_NAME": "glm",
        "OTEL_RESOURCE_ATTRIBUTES": "deployment.environment.name=prod,service.version=1.2",
    }
    here.extra |= {"OTEL_SERVICE_NAME": "mine", "OTEL_RESOURCE_ATTRIBUTES": "service.version=9"}
    done = here.dump("--service", "glm", "--version", "1.2", program=told)
    assert ast.literal_eval(done.stdout.decode()) == {
        "OTEL_SERVICE_NAME": "mine",
        "OTEL_RESOURCE_ATTRIBUTES": "service.version=9",
    }


def test_the_program_has_the_signals_and_the_terminal_settings_of_its_own(here: Agent) -> None:
    program = (
        "import os, signal\n"
        "print(signal.getsignal(signal.SIGINT) is signal.default_int_handler, os.getpgrp() == os.getpid())\n"
        "print(open('/proc/self/status').read().split('SigIgn:')[1].split()[0])\n"
    )
    bare = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True).stdout.splitlines()
    done = here.dump(program=program).stdout.splitlines()
    assert done == [b"True True", bare[1]]


def test_a_terminal_is_lent_to_the_program(here: Agent) -> None:
    """Ctrl-C on the terminal ends the program by its own handler, once, and the agent tells of it."""
    program = (
        "import sys, time\n"
        "try: print('server is ready', flush=True); time.sleep(600)\n"
        "except KeyboardInterrupt: print('interrupted', flush=True); sys.exit(9)\n"
    )
    master, slave = os.openpty()
    code = (
        "import fcntl, os, sys, termios\n"
        "os.setsid(); fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])\n"
    )
    command = [sys.executable, "-c", code, *here.command("dump-launch-sequence", "--", sys.executable, "-c", program)]
    process = subprocess.Popen(
        command, stdin=slave, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=here.home, env=here.environment
    )
    os.close(slave)
    assert process.stdout is not None
    assert process.stdout.readline() == b"server is ready\n"
    os.write(master, b"\x03")
    out, _ = process.communicate(timeout=PATIENCE)
    os.close(master)
    assert (process.returncode, out) == (9, b"interrupted\n")
