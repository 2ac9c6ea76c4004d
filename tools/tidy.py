#!/usr/bin/env python3
"""The house rules that a machine can check: tidy.py [ROOT].

Prints "file:line: rule: remedy" for each breach and exits 1 when there is one. A line that must break a rule
ends with "// tidy: <reason>".
"""
import ast
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from cpp_outline import blank, introduced, outline, parameters  # noqa: E402

# A file includes only lower floors, or its own folder.
FLOORS = {
    "base": 0,
    "ring": 1, "crypto": 1, "deflate": 1, "json": 1, "yaml": 1, "regexp": 1, "math": 1, "text": 1, "http": 1,
    "js": 2, "proto": 2, "stats": 2, "host": 2,
    "plan": 3, "transport": 3,
    "worker": 4, "session": 4, "script": 4, "watch": 4,
    "load": 5, "target": 5, "report": 5,
    "search": 6,
    "app": 7,
}
# The one folder that may include a library, by the beginning of the header's name.
LIBRARIES = {
    "liburing": "ring", "openssl/": "crypto", "zlib": "deflate", "simdjson": "json", "fmt/": "text",
    "curl/": "http", "yaml-cpp": "yaml", "pcre2": "regexp", "js/": "js", "jsapi": "js", "jsfriendapi": "js",
    "mozilla/": "js",
    "nlohmann/": "report",
    "boost/math/": "math", "boost/program_options": "app", "mimalloc": "app",
}
FILE_LINES_MAX = 400
MODULE_LINES_MIN = 40
FUNCTION_LINES_MAX = 69
COLUMNS_MAX = 109
NESTING_MAX = 3
PARAMETERS_MAX = 4

# Modules (header and source together) that are small for a reason.
SMALL_MODULES = {
    "src/app/allocator": "one include, in a file of its own because sanitizers leave it out",
    "src/math/distributions": "the one place that names the library",
    "src/session/memory_budget": "what inflaters and deflaters share",
    "src/crypto/openssl_owners": "plain types",
    "src/crypto/tls_pipe": "plain data",
    "src/base/ascii": "one-line functions",
    "src/crypto/base64": "one function of the library",
    "src/plan/watch_options": "plain data",
    "src/plan/message_options": "plain data",
    "src/plan/doctor_options": "plain data",
    "src/plan/capacity_options": "plain data",
    "src/plan/saturate_options": "plain data",
    "src/app/script_options": "plain data",
    "src/report/saturation_values": "what the text files share",
    "src/report/text_values": "what both text files share",
    "src/report/artillery_values": "what both of Artillery's reports share",
    "src/report/json_values": "what the JSON reports share",
    "src/text/format": "the one place that names the library",
    "src/load/direct_worker": "one kind of worker, compiled apart from the other",
    "src/load/tunnel_worker": "one kind of worker, compiled apart from the other",
    "src/target/plain_server": "one kind of worker, compiled apart from the other",
    "src/target/secure_server": "one kind of worker, compiled apart from the other",
    "src/app/main": "the table of contents",
    "src/app/exit_status": "scripts rely on it, and it stands alone",
}
# Tests of a rule that no single source file holds.
TESTS_OF_SEVERAL = {
    "tests/proto/round_trip_test.cpp": "what the writer writes, the reader reads",
    "tests/transport/tunnel_proxy_test.cpp": "transport/tunnel.hpp, apart for its length",
    "tests/transport/tunnel_flood_test.cpp": "transport/tunnel.hpp, apart for its length",
    "tests/transport/tunnel_seeds_test.cpp": "whole lives behind TLS, over a network with faults",
    "tests/proto/compressed_messages_test.cpp": "proto/message_reader.hpp, apart for its length",
    "tests/session/compression_test.cpp": "offer, templates and inflation in whole runs",
    "tests/session/fault_seeds_test.cpp": "whole runs over a network with faults",
    "tests/session/round_seeds_test.cpp": "rounds over a network with faults",
    "tests/session/recorded_times_test.cpp": "session/answers.hpp and the histograms, apart for its length",
    "tests/session/hot_path_allocations_test.cpp": "generator and target together allocate nothing",
}
# Inputs of fuzzers, which no person writes.
CORPUS = "tests/fuzz/corpus/"
PROSE = re.compile(r"\b(?:" + "TO" + "DO|FIX" + "ME|XX" + r"X)\b")
MACHINE_PATH = re.compile(r"(?<![\w.$}])/(?:" + "home|ro" + r"ot|wo" + r"rk)/")
ASSERTION = re.compile(r"\b\w*(?:check|expect|require|verify|fail)\w*\s*[(<]", re.IGNORECASE)
# Pattern, what to use instead, and where it is allowed.
BANNED = [
    (r"(?<!\w)v?sprintf\s*\(", "text::format, or std::snprintf", ()),
    (r"(?<!\w)str(?:cpy|cat|tok)\s*\(", "std::string or std::string_view", ()),
    (r"(?<![\w.>])s?rand\s*\(", "Prng of base/prng.hpp", ()),
    (r"\brandom_device\b", "random_seed of base/prng.hpp", ("src/base/",)),
    (r"(?<!\w)f?printf\s*\(", "a Result or a counter; report/ and app/ speak to people",
     ("src/report/", "src/app/", "tests/", "bench/")),
    (r"\bstd::c(?:out|err)\b", "a Result or a counter; report/ and app/ speak to people",
     ("src/report/", "src/app/", "tests/", "bench/")),
    (r"(?<![\w.>])system\s*\(", "a call of the library that does it", ()),
    (r"(?<!\w)u?sleep\s*\(", "the timer wheel, or std::this_thread::sleep_for in tests", ()),
    (r"(?<!\w)gettimeofday\s*\(", "monotonic_now of base/clock.hpp", ()),
    (r"\bsystem_clock\b|\bhigh_resolution_clock\b", "monotonic_now of base/clock.hpp", ()),
    (r"(?<!\w)ato[if]l?\s*\(", "parse_count of base/units.hpp, or std::from_chars", ()),
    (r"(?<![\w.>])(?:std::)?(?:exit|abort)\s*\(", "a Result that goes up to main", ("tests/", "bench/")),
]


class Tidy:
    def __init__(self, root):
        self.root = Path(root)
        self.breaches = []
        self.unnamed = {}  # (folder, what is introduced) -> file

    def tell(self, path, line, rule, remedy):
        self.breaches.append(f"{path}:{line}: {rule}: {remedy}")

    def files(self):
        """What git has or would take; without git, everything but build folders."""
        command = ["git", "-C", str(self.root), "ls-files", "-z", "-co", "--exclude-standard"]
        listed = subprocess.run(command, capture_output=True, check=False)
        if listed.returncode == 0:
            names = listed.stdout.decode().split("\0")
        else:
            names = [str(path.relative_to(self.root)) for path in self.root.rglob("*")]
        return sorted(name for name in set(names) if name and (self.root / name).is_file())

    def run(self):
        names = self.files()
        sizes = defaultdict(int)
        for name in names:
            try:
                source = (self.root / name).read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue
            self.check_text(name, source)
            if name.endswith((".cpp", ".hpp")):
                sizes[name.rpartition(".")[0]] += source.count("\n")
                self.check_cpp(name, source)
            elif name.endswith(".py"):
                self.check_python(name, source)
            self.check_listed(name)
        for module, lines in sorted(sizes.items()):
            self.check_module_size(module, lines)
        return self.breaches

    def check_text(self, name, source):
        if name == "LICENSE" or name.startswith(CORPUS):
            return
        for number, line in enumerate(source.splitlines(), 1):
            if MACHINE_PATH.search(line):
                self.tell(name, number, "path of a machine", "a path relative to the project or a parameter")
            if PROSE.search(line):
                self.tell(name, number, "unfinished work", "finish it, or tell users what is missing")
            if len(line) > COLUMNS_MAX and not name.endswith((".md", ".bat")):
                self.tell(name, number, f"{len(line)} columns", f"at most {COLUMNS_MAX}: break the line")
        lines = source.count("\n")
        if lines > FILE_LINES_MAX and not name.endswith(".md"):
            self.tell(name, lines, f"{lines} lines",
                      f"at most {FILE_LINES_MAX}: split the file by what it does")

    def check_module_size(self, module, lines):
        inside = module.startswith(("src/", "proto/"))
        if inside and lines < MODULE_LINES_MIN and module not in SMALL_MODULES:
            self.tell(module, 1, f"module of {lines} lines",
                      f"at least {MODULE_LINES_MIN}: merge it, or name the reason in tools/tidy.py")

    def check_cpp(self, name, source):
        if name.endswith(".hpp") and "#pragma once" not in source:
            self.tell(name, 1, "header without a guard", "#pragma once after the contract")
        if name.endswith(".hpp") and re.search(r"\busing namespace\b", blank(source)):
            self.tell(name, 1, "using namespace in a header", "the names themselves")
        self.check_includes(name, source)
        self.check_calls(name, source)
        read = outline(source)
        for function in read.functions:
            self.check_function(name, function)
        self.check_unnamed(name, read.unnamed)
        if name.endswith(".hpp"):
            heads = read.declarations + [(function.first_line, function.head) for function in read.functions]
            for line, head in heads:
                count = parameters(head)
                if count > PARAMETERS_MAX:
                    self.tell(name, line, f"{count} parameters", f"at most {PARAMETERS_MAX}: take a struct")

    def check_unnamed(self, name, heads):
        """Files of a folder are compiled as one (Meson's unity builds), but where each is a program."""
        folder = name.rpartition("/")[0]
        if not name.endswith(".cpp") or folder.startswith(("tests/fuzz", "bench")):
            return
        for line, head in heads:
            what = introduced(head)
            other = self.unnamed.setdefault((folder, what), name) if what else name
            if other != name:
                self.tell(name, line, f"{what} is in {other} too",
                          "share what is the same, and name what is not by what it is")

    def check_function(self, name, function):
        lines = function.last_line - function.first_line + 1
        if lines > FUNCTION_LINES_MAX:
            self.tell(name, function.first_line, f"function of {lines} lines",
                      f"at most {FUNCTION_LINES_MAX}: name its parts")
        if function.nesting > NESTING_MAX:
            self.tell(name, function.first_line, f"nesting of {function.nesting}",
                      f"at most {NESTING_MAX}: return early, or name the inner part")
        if re.match(r"(?:TEMPLATE_)?TEST_CASE\b", function.head) and not ASSERTION.search(function.body):
            self.tell(name, function.first_line, "test that cannot fail",
                      "REQUIRE or CHECK what the rule says")

    def check_includes(self, name, source):
        parts = name.split("/")
        own = parts[1] if parts[0] == "src" else parts[0]
        library_folder = parts[1] if parts[0] in ("src", "tests") and len(parts) > 2 else own
        for number, line in enumerate(source.splitlines(), 1):
            match = re.match(r'\s*#\s*include\s*([<"])([^">]+)[">]', line)
            if not match:
                continue
            kind, header = match.groups()
            ours = kind == '"' and header.split("/")[0] in FLOORS
            for prefix, folder in LIBRARIES.items():
                if header.startswith(prefix) and folder != library_folder and not ours:
                    self.tell(name, number, f"<{header}> outside {folder}/",
                              f"what {folder}/ offers instead")
            if header.startswith("catch2/") and parts[0] != "tests":
                self.tell(name, number, "Catch2 outside tests/", "move the test")
            if kind == '"' and own in FLOORS and parts[0] in ("src", "proto"):
                self.check_floor(name, number, own, header)

    def check_floor(self, name, number, own, header):
        folder = header.split("/")[0]
        if "/" not in header:
            self.tell(name, number, f'"{header}" without its folder', f'"{own}/{header}"')
        elif folder not in FLOORS:
            self.tell(name, number, f"{folder}/ is on no floor", "put it in the table of tools/tidy.py")
        elif folder != own and FLOORS[folder] >= FLOORS[own]:
            self.tell(name, number, f"{own}/ includes {folder}/",
                      "only lower floors: move the code, or pass it in")

    def check_calls(self, name, source):
        originals = source.splitlines()
        for number, line in enumerate(blank(source).splitlines(), 1):
            if "tidy:" in originals[number - 1]:
                continue
            if re.search(r"\bdefault\s*:", line):
                self.tell(name, number, "default: in a switch",
                          "name every case, so that a new one is noticed")
            for pattern, remedy, allowed in BANNED:
                if re.search(pattern, line) and not name.startswith(allowed or ("\0",)):
                    found = re.search(pattern, line).group().strip()
                    self.tell(name, number, f"banned: {found}", remedy)

    def check_python(self, name, source):
        for node in ast.walk(ast.parse(source, name)):
            if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                continue
            lines = node.end_lineno - node.lineno + 1
            if lines > FUNCTION_LINES_MAX:
                self.tell(name, node.lineno, f"function of {lines} lines", f"at most {FUNCTION_LINES_MAX}")

    def check_listed(self, name):
        """Sources and tests that no meson.build names are never compiled and never run."""
        folder, _, base = name.rpartition("/")
        is_source = name.endswith(".cpp") and folder.startswith(("src", "proto", "tests", "bench"))
        is_test = base.endswith("_test.py") and folder.startswith("tests")
        if not is_source and not is_test:
            return
        # The folder's own file, or one above it: the program's main is named at the top.
        builds = [self.root / folder / "meson.build", self.root / folder / ".." / "meson.build",
                  self.root / "meson.build"]
        relative = {base, f"{folder.rpartition('/')[2]}/{base}", name}
        for build in builds:
            text = build.read_text(encoding="utf-8") if build.is_file() else ""
            if any(f"'{entry}'" in text for entry in relative):
                break
        else:
            self.tell(name, 1, "not in any meson.build", f"list it in {folder}/meson.build, or remove it")
        self.check_mirror(name)

    def check_mirror(self, name):
        match = re.match(r"tests/(\w+)/(\w+)_test\.cpp$", name)
        if not match or match.group(1) not in FLOORS or name in TESTS_OF_SEVERAL:
            return
        folder, module = match.groups()
        place = folder if folder == "proto" else f"src/{folder}"
        if not any((self.root / place / f"{module}.{ending}").is_file() for ending in ("hpp", "cpp")):
            self.tell(name, 1, f"mirrors no {place}/{module}",
                      "name the test after the file whose rules it checks")


def main(arguments):
    root = arguments[0] if arguments else Path(__file__).parent.parent
    breaches = Tidy(root).run()
    print("\n".join(breaches) if breaches else "tidy")
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
