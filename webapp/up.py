"""`make up`: everything Launchscope needs, on this machine, under one supervisor. Reads from top to bottom."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import sys
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor

from django.core.exceptions import ImproperlyConfigured

from webapp import embedded, env, static_files
from webapp.children import Children
from webapp.credentials import Credentials
from webapp.home import CannotStart, Home, Lock
from webapp.listening import Listening
from webapp.own_start import OwnStart
from webapp.release import version
from webapp.supervisor import Supervisor

# A new database and its first log segments take about 80 MB; without room to write, it stops at the worst moment.
LEAST_FREE_NEW, LEAST_FREE = 300 * 1024**2, 50 * 1024**2
# After a killed instance its web server may need a moment to let go of the port.
PORT_PATIENCE = 10.0


def main() -> int:
    try:
        listening = Listening(env.text("BIND", "127.0.0.1"), env.integer("PORT", 8000))
        env.endpoint("FORWARD_OTLP_ENDPOINT")  # refused here, before anything is started for it
        Instance(Home.open(env.home()), listening).run()
    except (CannotStart, ImproperlyConfigured) as error:
        return refuse(str(error))
    except KeyboardInterrupt:
        return 130
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        return refuse(f"The disk that holds {env.home()} is full: free some space, then start again.")
    return 0


def refuse(sentence: str) -> int:
    print(f"Launchscope cannot start. {sentence}", file=sys.stderr)
    return 1


def say(line: str) -> None:
    print(line, flush=True)


def remark(line: str) -> None:
    say(f"{time.strftime('%H:%M:%S')}  {line}")


class Instance:
    """One Launchscope in one home."""

    def __init__(self, home: Home, listening: Listening) -> None:
        self.home = home
        self.listening = listening
        port = env.integer("OTLP_PORT", 0)
        self.otlp = Listening(listening.bind, port, "OTLP_PORT") if port else None
        self.supervisor = Supervisor(remark)
        self.start = OwnStart(home.path, say)
        self.is_new = not (home.path / "database").exists() and not env.text("DATABASE_URL")

    def run(self) -> None:
        """Returns after an orderly stop. Raises CannotStart, and KeyboardInterrupt if stopped before it was ready."""
        lock = self.home.lock()
        self.check(lock)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: self.supervisor.stopping.set())
        say(f"Launchscope {version()} starts in {self.home.path}")
        try:
            self.bring_up()
            self.announce()
            self.supervisor.run()
        finally:
            self.shut_down()
            lock.release()

    def check(self, lock: Lock) -> None:
        self.listening.check_free(PORT_PATIENCE if lock.left_by_a_killed_one else 0.0)
        if self.otlp:
            self.otlp.check_free(PORT_PATIENCE if lock.left_by_a_killed_one else 0.0)
        free, least = shutil.disk_usage(self.home.path).free, LEAST_FREE_NEW if self.is_new else LEAST_FREE
        if free < least:
            raise CannotStart(
                f"The disk that holds {self.home.path} has {free // 1024**2} MB left, and {least // 1024**2} MB are "
                "needed: free some space, or set LAUNCHSCOPE_HOME to another disk."
            )
        embedded.check_runnable(self.home)

    def bring_up(self) -> None:
        """Every step as soon as what it depends on is done."""
        self.database, self.queue = embedded.servers(self.home)
        self.children = Children(self.home, self.listening, self.environment())
        with ThreadPoolExecutor() as waiting:
            try:
                # Threads only wait: Linux ends a child together with the thread that started it (see process.py).
                static = self.begin_static_files(waiting)
                queue = self.begin_queue(waiting)
                self.start_database()
                self.prepare()
                queue.result()
                worker = self.begin_worker(waiting)
                static.result()
                web = self.begin_web(waiting)
                worker.result(), web.result()
                self.start_otlp()
            except BaseException:
                self.supervisor.stopping.set()
                raise
        self.seconds = self.start.ready()
        # Nobody waits for the clock of periodic work; it must not compete with what somebody waits for.
        self.supervisor.add(self.children.beat())

    def environment(self) -> dict[str, str]:
        """What the children see: this instance's places and servers."""
        database_url = env.text("DATABASE_URL") or self.database.url
        queue_url = env.text("REDIS_URL") or self.queue.url
        embedded.publish_addresses(self.home, database_url, queue_url)
        if not env.text("SECRET_KEY"):
            self.home.secret(self.home.path / "secret_key")
        return {
            **os.environ,
            "LAUNCHSCOPE_HOME": str(self.home.path),
            "DATABASE_URL": database_url,
            "REDIS_URL": queue_url,
            "ALLOWED_HOSTS": env.text("ALLOWED_HOSTS") or ",".join(self.listening.host_names()),
            "DJANGO_SETTINGS_MODULE": "webapp.settings",
            "PYTHONUNBUFFERED": "1",
        }

    def begin_static_files(self, waiting: ThreadPoolExecutor) -> Future[None]:
        phase = self.start.begin("static files", "static")
        directory = self.home.path / "static"
        if static_files.are_collected(directory):
            phase.set("skipped", "unchanged since the last start")
            return waiting.submit(self.start.finish, phase, lambda: None)
        process = self.children.begin("static files", ["collectstatic", "--noinput", "--clear", "--verbosity=0"])

        def finish() -> None:
            self.children.finish("static files", process)
            static_files.note_collected(directory)

        return waiting.submit(self.start.finish, phase, finish)

    def begin_queue(self, waiting: ThreadPoolExecutor) -> Future[None]:
        if env.text("REDIS_URL"):
            return waiting.submit(lambda: None)
        phase = self.start.begin("queue start", "queue")
        self.queue.create()
        child = self.supervisor.add(self.children.queue(self.queue))
        ready = lambda: self.supervisor.wait_for(child, lambda: self.queue.ready(child.pid))  # noqa: E731
        return waiting.submit(self.start.finish, phase, ready)

    def start_database(self) -> None:
        if env.text("DATABASE_URL"):
            return
        if self.is_new:
            self.start.finish(self.start.begin("initdb", "database"), self.database.create)
        phase = self.start.begin("database start", "database", ["initdb"] if self.is_new else [])
        self.database.clear_leftovers()
        child = self.supervisor.add(self.children.database(self.database), stop_last=True)

        def ready() -> None:
            self.supervisor.wait_for(child, lambda: self.database.ready(child.pid))
            self.database.create_database()

        self.start.finish(phase, ready)

    def prepare(self) -> None:
        """Migrations and first accounts, by a process that records them into this launch itself."""
        options = ["--credentials", str(self.home.credentials), "--url", self.url]
        phase = self.start.begin("prepare", "database", [] if env.text("DATABASE_URL") else ["database start"])
        options += ["--launch", self.start.recorder.launch_id, "--spool", str(self.start.spool), "--parent", phase.id]
        options += [] if self.listening.is_loopback else ["--exposed"]
        process = self.children.begin("prepare", ["prepare", *options])
        self.start.finish(phase, lambda: self.children.finish("prepare", process))
        self.supervisor.check_not_stopping()

    def begin_worker(self, waiting: ThreadPoolExecutor) -> Future[None]:
        depends_on = ["prepare", *([] if env.text("REDIS_URL") else ["queue start"])]
        phase = self.start.begin("worker ready", "worker", depends_on)
        child = self.supervisor.add(self.children.worker())
        ready = self.children.worker_ready_file.exists
        return waiting.submit(self.start.finish, phase, lambda: self.supervisor.wait_for(child, ready))

    def begin_web(self, waiting: ThreadPoolExecutor) -> Future[None]:
        phase = self.start.begin("web ready", "web", ["prepare", "static files"])
        child = self.supervisor.add(self.children.web())
        return waiting.submit(self.start.finish, phase, lambda: self.supervisor.wait_for(child, self.listening.answers))

    def start_otlp(self) -> None:
        """Where OTLP_PORT asks for it, the second listener; announced only when it answers."""
        if self.otlp:
            child = self.supervisor.add(self.children.otlp(self.otlp))
            self.supervisor.wait_for(child, self.otlp.answers)

    @property
    def url(self) -> str:
        return env.text("SITE_URL").rstrip("/") or self.listening.url

    def announce(self) -> None:
        say(f"\nLaunchscope is ready after {self.seconds:.1f} s\n\n  URL           {self.url}/")
        credentials = Credentials.read(self.home.credentials)
        if credentials is None:
            say(f"  {self.home.credentials} is not there, so this start is not recorded.")
        else:
            say(f"  User          {credentials.user}\n  Password      {credentials.password}")
            say(f"  Ingest token  {credentials.ingest_token}\n  Read token    {credentials.read_token}")
            say(f"  Kept in       {self.home.credentials} (the password as it was first)")
        if self.otlp:
            say(f"  OTLP          {self.otlp.url}/v1/traces")
        say(f"  Logs          {self.home.logs}\n\nCtrl-C stops everything.\n")
        if credentials and env.flag("DEMO", True):
            local = credentials.moved_to(self.listening.url)
            threading.Thread(target=self.start.send, args=[local], daemon=True).start()

    def shut_down(self) -> None:
        remark("Stopping: " + ", ".join(child.name for child in reversed(self.supervisor.children)))
        # A second Ctrl-C must not leave half of them behind.
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        self.supervisor.stop()
        remark("Stopped; nothing is lost.")


if __name__ == "__main__":
    sys.exit(main())
