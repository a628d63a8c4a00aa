"""A pid file left by a crash must not keep PostgreSQL from starting."""

import os
import subprocess
import sys

import pytest

from tools.fusion_cli.embedded_postgres import SETTINGS, Server


@pytest.fixture
def server(tmp_path) -> Server:
    made = Server(tmp_path, tmp_path / "bin")
    made.data.mkdir()
    return made


def test_without_a_pid_file_nothing_runs(server):
    assert server.running() is False


def test_a_pid_that_now_belongs_to_another_program_is_stale(server):
    pid_file = server.data / "postmaster.pid"
    pid_file.write_text(f"{os.getpid()}\n{server.data}\n0\n5432\n")

    assert server.running() is False
    assert not pid_file.exists()


def test_a_process_that_has_ended_is_stale(server):
    ended = subprocess.Popen([sys.executable, "-c", "", server.data])
    os.waitid(os.P_PID, ended.pid, os.WEXITED | os.WNOWAIT)  # dead, and not buried yet
    (server.data / "postmaster.pid").write_text(f"{ended.pid}\n{server.data}\n0\n5432\n")

    assert server.running() is False
    ended.wait()


def test_a_process_on_our_data_runs(server):
    command = [sys.executable, "-c", "print(flush=True); input()", server.data]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe) as process:
        process.stdout.readline()  # before this it may have no command line yet
        (server.data / "postmaster.pid").write_text(f"{process.pid}\n{server.data}\n0\n5432\n")

        assert server.running() is True
        process.kill()


def test_the_embedded_server_is_reached_from_this_machine_only():
    assert SETTINGS["listen_addresses"] == "127.0.0.1"
    assert SETTINGS["unix_socket_directories"] == ""
