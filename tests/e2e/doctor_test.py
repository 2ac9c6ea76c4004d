"""doctor names the limit that comes first, and what it sets can be undone.

Settings are changed in a network namespace of the test's own, and only those that belong to it.
"""
import ctypes
import json
import os
import random
import resource
import shutil
import signal
import struct
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

from support import WSBLAST, WsblastTest, environment, free_port

PORTS = "20000 21999"
TARGET = "ws://10.77.0.9:8000/ws"  # nobody, on the link of the namespace's own interface
OWN = {"net.ipv4.ip_local_port_range", "net.core.somaxconn", "net.ipv4.tcp_max_syn_backlog",
       "net.ipv4.tcp_tw_reuse"}
NOBODY = 65534


def doctor(*arguments, prefix=(), **options):
    """One run of doctor: the finished process."""
    return subprocess.run([*prefix, WSBLAST, "doctor", *arguments], capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, env=environment(), check=False, timeout=30, **options)


def forbid_io_uring():
    """For this process and its children, as a container's profile does it (seccomp(2)): EPERM."""
    io_uring_setup, no_new_privileges, set_filter, filter_mode = 425, 38, 22, 2
    program = ((0x20, 0, 0, 0),  # load the number of the system call
               (0x15, 0, 1, io_uring_setup),
               (0x06, 0, 0, 0x00050001),  # refuse with EPERM
               (0x06, 0, 0, 0x7fff0000))  # allow
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *one) for one in program))
    head = ctypes.create_string_buffer(struct.pack("HxxxxxxQ", len(program), ctypes.addressof(code)))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(no_new_privileges, 1, 0, 0, 0) or libc.prctl(set_filter, filter_mode, head, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")


class DoctorTest(WsblastTest):
    def examine(self, *arguments, status=0, **options):
        """The JSON table, whose text is held against it."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "table.json"
            os.chmod(folder, 0o777)
            done = doctor(*arguments, "--json", str(path), **options)
            self.assertEqual(done.returncode, status, done.stdout + done.stderr)
            table = json.loads(path.read_text("utf-8"))
        self.assertEqual(table["schema"], "wsblast.doctor/1")
        self.assertEqual(table["exit_status"], status)
        self.assertEqual(status == 1, any(check["status"] == "fail" for check in table["checks"]))
        for check in table["checks"]:
            self.assertIn(check["name"], done.stdout)
            if check["status"] != "ok":
                self.assertIn(check["remedy"], done.stdout)
        self.assertIn(f"{table['ceiling']['connections']:,} connections", done.stdout)
        return table

    def row(self, table, name):
        found = [check for check in table["checks"] if check["id"] == name]
        self.assertEqual(len(found), 1, name)
        return found[0]


class HereTest(DoctorTest):
    """This machine as it is; nothing is changed."""

    def test_a_hundred_connections_over_loopback_are_possible(self):
        table = self.examine()
        self.assertEqual(table["connections"], 100)
        self.assertEqual(table["where"], "over loopback")
        self.assertGreater(table["ceiling"]["connections"], 100)

    def test_json_to_standard_output_sends_the_table_to_standard_error(self):
        done = doctor("--json", "-")
        self.assertEqual(json.loads(done.stdout)["schema"], "wsblast.doctor/1")
        self.assertIn("limit  ", done.stderr)

    def test_memory_of_tls_is_in_the_row_and_in_what_can_be_opened(self):
        for scheme, each in (("ws", 5), ("wss", 9)):
            table = self.examine("--url", f"{scheme}://127.0.0.1:9/ws", "--connections", "1000")
            row = self.row(table, "memory")
            self.assertEqual(row["needed_value"], 1000 * 2 * each * 1024)
            self.assertEqual(row["connections_max"], int(row["here_value"]) // (2 * each * 1024))
            self.assertLessEqual(table["ceiling"]["connections"], row["connections_max"])

    def test_a_low_file_limit_bounds_the_rings(self):
        def lower():
            resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))

        table = self.examine("--connections", "100k", status=1, preexec_fn=lower)
        row = self.row(table, "open_files")
        self.assertEqual((row["status"], row["here_value"]), ("fail", 64))
        self.assertEqual(row["settings"][0]["key"], "nofile")
        few = self.examine("--connections", "500", preexec_fn=lower)
        self.assertEqual(self.row(few, "open_files")["status"], "ok")

    def test_a_forbidden_io_uring_is_the_first_limit(self):
        table = self.examine(status=1, preexec_fn=forbid_io_uring)
        row = self.row(table, "io_uring")
        self.assertEqual((row["status"], row["connections_max"]), ("fail", 0))
        self.assertIn("seccomp", row["why"])
        self.assertEqual(table["ceiling"]["connections"], 0)
        self.assertEqual(table["ceiling"]["limit"], "io_uring")

    def test_the_arithmetic_is_shown_when_it_is_asked_for(self):
        self.assertNotIn("direct descriptors", doctor().stdout)
        self.assertIn("direct descriptors", doctor("--explain").stdout)

    def test_what_cannot_be_is_refused(self):
        self.assertEqual(doctor("--url", "ws://no-such-host.invalid/").returncode, 3)
        self.assertEqual(doctor("--fix", "--apply").returncode, 2)
        refused = doctor("--fix", "--json", "-")
        self.assertEqual(refused.returncode, 2)
        self.assertIn("without --fix", refused.stderr)
        self.assertEqual(doctor("--messages", "5").returncode, 2)
        self.assertEqual(doctor("--json", "/no/such/folder/x").returncode, 3)

    def test_locked_memory_is_what_a_run_of_this_user_needs(self):
        """Where the memory of rings is counted, doctor and run agree on both sides of the bound."""
        if os.geteuid() != 0:
            self.skipTest("another user's limits need root")

        def run_as_nobody(kib, *command):
            def lower():
                resource.setrlimit(resource.RLIMIT_MEMLOCK, (kib * 1024, kib * 1024))
                os.setgroups([])
                os.setgid(NOBODY)
                os.setuid(NOBODY)
            return subprocess.run(command, capture_output=True, text=True, env=environment(), check=False,
                                  preexec_fn=lower, timeout=30)

        with tempfile.TemporaryDirectory() as folder:
            os.chmod(folder, 0o755)
            program = shutil.copy(WSBLAST, folder)
            url = f"ws://127.0.0.1:{free_port()}/"
            for kib, possible in ((512, False), (600, True)):
                table = json.loads(run_as_nobody(kib, program, "doctor", "--cores", "1", "--url", url,
                                                 "--json", "-").stdout)
                row = self.row(table, "locked_memory")
                if row["needed"] is None:
                    self.skipTest("this kernel does not count the memory of rings")
                self.assertEqual(row["status"] == "ok", possible)
                run = run_as_nobody(kib, program, "--cores", "1", "--connections", "1", "--url", url)
                self.assertEqual("too little memory for a ring" not in run.stderr, possible, run.stderr)


@unittest.skipUnless(os.geteuid() == 0, "a network namespace needs root")
class NamespaceTest(DoctorTest):
    """A network namespace with an interface of its own and 2,000 source ports."""

    def setUp(self):
        self.holder = subprocess.Popen(["unshare", "--net", "sh", "-c", "echo ready; exec sleep 300"],
                                       stdout=subprocess.PIPE)
        self.holder.stdout.readline()
        self.enter = ("nsenter", f"--net=/proc/{self.holder.pid}/ns/net")
        self.folder = tempfile.TemporaryDirectory()
        self.state = Path(self.folder.name) / "undo.conf"
        for command in ("ip link set lo up", "ip link add wsb0 type veth peer name wsb1",
                        "ip address add 10.77.0.2/24 dev wsb0", "ip address add 10.77.0.3/24 dev wsb0",
                        "ip link set wsb0 up", "ip link set wsb1 up"):
            self.inside(*command.split())
        self.write("net.ipv4.ip_local_port_range", PORTS)
        self.write("net.core.somaxconn", "64")

    def tearDown(self):
        self.holder.kill()
        self.holder.wait()
        self.holder.stdout.close()
        self.folder.cleanup()

    def inside(self, *command):
        return subprocess.run([*self.enter, *command], capture_output=True, text=True, check=True,
                              timeout=10).stdout

    def read(self, key):
        return " ".join(self.inside("cat", "/proc/sys/" + key.replace(".", "/")).split())

    def write(self, key, value):
        self.inside("sh", "-c", f"echo {value} > /proc/sys/" + key.replace(".", "/"))

    def values(self):
        return {key: self.read(key) for key in OWN}

    def doctor(self, *arguments):
        return doctor(*arguments, "--state", str(self.state), prefix=self.enter)

    def check_only_own(self, *arguments):
        """What --apply would set belongs to the namespace."""
        fix = self.doctor(*arguments, "--fix").stdout
        keys = {line.split(" = ")[0] for line in fix.splitlines() if " = " in line and line[0] != "#"}
        self.assertTrue(keys <= OWN, keys)
        return keys

    def test_the_port_range_is_the_first_limit(self):
        table = self.examine("--url", TARGET, "--connections", "5000", status=1, prefix=self.enter)
        row = self.row(table, "source_ports")
        self.assertEqual((row["status"], row["connections_max"]), ("fail", 2000))
        self.assertEqual(table["ceiling"], {"connections": 2000, "limit": "source ports",
                                            "arithmetic": row["arithmetic"]})
        self.assertEqual(row["settings"][0]["value"], "1024 65535")
        self.assertEqual([check["id"] for check in table["checks"] if check["status"] == "fail"],
                         ["source_ports"])

    def test_source_addresses_and_targets_multiply_it(self):
        two = self.examine("--url", TARGET, "--connections", "4000", "--source-ip", "10.77.0.2,10.77.0.3",
                           prefix=self.enter)
        self.assertEqual(two["ceiling"]["connections"], 4000)
        four = self.examine("--url", TARGET, "--url", "ws://10.77.0.8:8000/ws", "--connections", "8000",
                            "--source-ip", "10.77.0.2,10.77.0.3", prefix=self.enter)
        self.assertEqual(four["ceiling"]["connections"], 8000)

    def test_reserved_ports_are_missing(self):
        self.write("net.ipv4.ip_local_reserved_ports", "20100-20599")
        table = self.examine("--url", TARGET, "--connections", "1500", prefix=self.enter)
        self.assertEqual(table["ceiling"]["connections"], 1500)

    def test_what_is_applied_is_undone_exactly(self):
        arguments = ("--url", TARGET, "--url", "ws://10.77.0.2:8000/ws", "--connections", "8000")
        before = self.values()
        self.assertEqual(self.check_only_own(*arguments), {"net.ipv4.ip_local_port_range",
                                                          "net.core.somaxconn"})
        self.assertEqual(self.values(), before)
        applied = self.doctor(*arguments, "--apply")
        self.assertEqual(applied.returncode, 0, applied.stderr)
        self.assertIn(f"net.ipv4.ip_local_port_range: was {PORTS}, is 1024 65535", applied.stdout)
        self.assertIn("net.core.somaxconn: was 64, is 4096", applied.stdout)
        self.assertEqual(self.read("net.ipv4.ip_local_port_range"), "1024 65535")
        self.examine(*arguments, prefix=self.enter)  # no limit fails any more
        again = self.doctor(*arguments, "--apply")
        self.assertEqual(again.returncode, 0)
        self.assertIn("nothing was set", again.stdout)
        undone = self.doctor("--undo")
        self.assertEqual(undone.returncode, 0, undone.stderr)
        self.assertEqual(self.values(), before)
        self.assertFalse(self.state.exists())
        self.assertEqual(self.doctor("--undo").returncode, 3)

    def test_a_second_apply_keeps_the_oldest_values(self):
        before = self.values()
        self.doctor("--url", "ws://10.77.0.2:8000/ws", "--connections", "1000", "--apply")
        self.assertEqual(self.read("net.core.somaxconn"), "4096")
        self.write("net.core.somaxconn", "100")
        self.doctor("--url", "ws://10.77.0.2:8000/ws", "--connections", "5000", "--apply")
        self.assertEqual(self.read("net.ipv4.ip_local_port_range"), "1024 65535")
        self.assertEqual(self.doctor("--undo").returncode, 0)
        self.assertEqual(self.values(), before)

    def test_an_apply_that_was_killed_can_be_undone(self):
        arguments = ("--url", "ws://10.77.0.2:8000/ws", "--connections", "8000")
        self.check_only_own(*arguments)
        before = self.values()
        started = time.monotonic()
        self.doctor(*arguments, "--apply")
        whole = time.monotonic() - started
        self.doctor("--undo")
        changed, tries = 0, 0
        while tries < 25 or (changed == 0 and tries < 500):
            tries += 1
            process = subprocess.Popen([*self.enter, WSBLAST, "doctor", *arguments, "--apply", "--state",
                                        str(self.state)], stdout=subprocess.DEVNULL, env=environment())
            time.sleep(random.uniform(0, 1.2 * whole))
            process.send_signal(signal.SIGKILL)
            process.wait()
            changed += self.values() != before
            if self.state.exists():
                self.assertEqual(self.doctor("--undo").returncode, 0)
            self.assertEqual(self.values(), before)
        self.assertGreater(changed, 0)

    def test_nobody_else_may_apply(self):
        with tempfile.TemporaryDirectory() as folder:
            os.chmod(folder, 0o755)
            program = shutil.copy(WSBLAST, folder)
            for action in ("--apply", "--undo"):
                done = subprocess.run([program, "doctor", action], capture_output=True, text=True,
                                      user=NOBODY, env=environment(), check=False, timeout=10)
                self.assertEqual(done.returncode, 3)
                self.assertIn("needs root", done.stderr)

    @unittest.skipUnless(shutil.which("nft"), "nft is missing")
    def test_tracking_counts_where_a_rule_asks_for_it(self):
        arguments = ("--connections", "10M", "--cores", "1")
        off = self.row(self.examine(*arguments, status=1, prefix=self.enter), "conntrack")
        self.assertEqual((off["status"], off["connections_max"]), ("ok", None))
        self.inside("nft", "add table inet wsb; "
                    "add chain inet wsb out { type filter hook output priority 0; }; "
                    "add rule inet wsb out ct state new accept")
        on = self.row(self.examine(*arguments, status=1, prefix=self.enter), "conntrack")
        self.assertEqual(on["status"], "fail")
        most = int(self.read("net.netfilter.nf_conntrack_max"))
        self.assertEqual(on["here_value"], most)
        self.assertLess(on["connections_max"], most)
        self.assertGreater(on["connections_max"], most - 100)


if __name__ == "__main__":
    unittest.main()
