"""The documentation says what the code says: options, errors, statuses, presets, limits, paths, examples."""
import re
import shlex
import sys
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
from refresh_readme import OUTPUT, commands_of, split_servers  # noqa: E402
from tidy import FLOORS  # noqa: E402

PAGES = {str(path.relative_to(ROOT)): path.read_text("utf-8")
         for path in [ROOT / "README.md", ROOT / "SECURITY.md", *sorted((ROOT / "docs").glob("*.md"))]}
GUIDE, ERRORS = PAGES["docs/guide.md"], PAGES["docs/errors.md"]
ARCHITECTURE, README = PAGES["docs/architecture.md"], PAGES["README.md"]
UNITS = {"": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "ms": 10**6, "s": 10**9}
FENCED = re.compile(r"^ *```.*?^ *```", re.MULTILINE | re.DOTALL)
OPTION = re.compile(r"(?<![\w-])--([a-z][a-z-]*)")
SCENARIO_FILE = re.compile(r"[\w./-]+\.(?:ya?ml|json)")
# Programs whose options are their own.
FOREIGN = ("meson", "taskset", "perf", "docker", "python3", "bench/loopback", "bench/saturation",
           "bench/fuzz", "bench/hostile", "bench/soak",
           "./tools/refresh_readme.py")


def source(name):
    return (ROOT / name).read_text("utf-8")


def rows(text):
    """The cells of every line of a table, without the backticks around a whole cell or a name."""
    lines = [line.split("|")[1:-1] for line in text.splitlines() if line.startswith("| ")]
    return [[cell.strip().replace("`", "") for cell in cells] for cells in lines]


def section(text, title):
    """From a heading to the next one of its level or above."""
    level = title.split(" ")[0]
    found = re.search(rf"^{re.escape(title)}\n(.*?)(?=^#{{1,{len(level)}}} |\Z)", text,
                      re.MULTILINE | re.DOTALL)
    assert found, f"there is no '{title}'"
    return found[1]


def literals(code, pattern):
    """The groups of every match, adjacent string literals joined and escapes undone."""
    joined = re.sub(r'"\s*\n\s*"', "", code)
    return [[group.replace('\\"', '"') for group in found] for found in re.findall(pattern, joined)]


def option_table(file, name):
    """{option: [value, default, arity]} of the table of one source file."""
    code = source(file)
    code = code[code.index(f"{name}[] = {{"):]
    code = code[:code.index("\n};")]
    text = r'"((?:[^"\\]|\\.)*)"'
    entries = literals(code, rf"\{{{text},\s*{text},\s*{text},\s*{text},\s*Arity::(\w+)")
    return {entry[0]: [entry[1], entry[2], entry[4]] for entry in entries}


# Run's tables by subject: (the file, the table).
RUN_TABLES = [(path.stem, name) for path in sorted((ROOT / "src/app").glob("*_option_table.cpp"))
              for name in re.findall(r"constexpr RunOption (k\w+)\[\]", path.read_text("utf-8"))]
RUN = {name: entry for file, table in RUN_TABLES
       for name, entry in option_table(f"src/app/{file}.cpp", table).items()}
RUN["help"] = ["", "off", "flag"]
SERVE = option_table("src/app/serve_option_table.cpp", "kServeOptions")


def names_of_run(file, name):
    names = re.search(rf"{name}\{{(.*?)\}};", source(file), re.DOTALL)[1]
    return re.findall(r'"([a-z-]+)"', names)


def table_with_run(command):
    """The options of a command that takes some of run's: those first, as --help shows them."""
    file = f"src/app/{command}_option_table.cpp"
    own = f"kOfRunFor{command.capitalize()}"
    of_run = set(names_of_run(file, own))
    if f"with_ways({own})" in source(file):
        for subject, table in (("access", "kAccessOptions"), ("tls", "kTlsOptions")):
            of_run |= option_table(f"src/app/{subject}_option_table.cpp", table).keys()
    return {**{name: RUN[name] for name in RUN if name in of_run},
            **option_table(file, f"k{command.capitalize()}Options")}


DOCTOR = table_with_run("doctor")
CAPACITY = table_with_run("capacity")
SATURATE = option_table("src/app/saturate_option_table.cpp", "kSaturateOptions")
SCRIPT_FILE = "src/app/script_option_table.cpp"
SCRIPT_OWN = option_table(SCRIPT_FILE, "kScriptOptions")
OUTPUT_OPTION = option_table(SCRIPT_FILE, "kOutputOptions")
SCRIPT = {**SCRIPT_OWN, **OUTPUT_OPTION,
          **{name: RUN[name] for name in RUN if name in names_of_run(SCRIPT_FILE, "kOfRunForScript")}}
VALIDATE = {**SCRIPT_OWN,
            **{name: RUN[name] for name in RUN
               if name in names_of_run(SCRIPT_FILE, "kOfRunForValidate")}}
# Artillery's letters.
LETTERS = dict(re.findall(r"\{'(\w)', \"([a-z-]+)\"\}", source("src/app/script_words.cpp")))
TABLES = {"script": SCRIPT, "validate": VALIDATE,
          "serve": SERVE, "doctor": DOCTOR, "capacity": CAPACITY, "saturate": table_with_run("saturate")}
COMMANDS = dict(re.findall(r'\{Command::\w+, "(\w+)", CommandState::(\w+),', source("src/app/command.hpp")))


def spans(text):
    """Inline code, fenced blocks left out."""
    return re.findall(r"`([^`\n]+)`", FENCED.sub("", text))


def example_lines(text):
    """The lines of every ```sh block."""
    blocks = re.findall(r"^ *```sh\n(.*?)^ *```", text, re.MULTILINE | re.DOTALL)
    return [line.strip() for block in blocks for line in block.splitlines() if line.strip()]


def command_words(line):
    """The words of an example from its program on: what only sets it up is left out."""
    words = shlex.split(line)
    while words and (re.match(r"[A-Z_]+=", words[0]) or words[0] == "sudo"):
        words.pop(0)
    if words[:2] == ["taskset", "-c"]:
        words = words[3:]
    if "perf" in words[:1]:
        words = words[words.index("--") + 1:] if "--" in words else words
    return words


def without_files(words):
    """Behind `script` and `validate`: options by their long names, without the files."""
    left, before = [], ""
    for word in words:
        if re.fullmatch(r"-\w", word):
            word = "--" + LETTERS.get(word[1], word)
        if before in ("--input", "--config", "--output", "--json") or not SCENARIO_FILE.fullmatch(word):
            left.append(word)
        before = word
    return left


def faults_of_options(words, table):
    """What is wrong with the options of a command."""
    faults, words = [], list(words)
    while words:
        word = words.pop(0)
        name, equals, _ = word.removeprefix("--").partition("=")
        if not word.startswith("--") or name not in table:
            faults.append(f"'{word}' is no option")
        elif table[name][2] != "flag" and not equals and (not words or words.pop(0).startswith("--")):
            faults.append(f"--{name} needs a value")
    return faults


def faults_of_command(words):
    """What is wrong with a command line of wsblast, without its first word."""
    if words == ["--version"]:
        return []
    command = words[0] if words and not words[0].startswith("-") else "run"
    if COMMANDS.get(command) != "available":
        return [f"'{command}' is no command"]
    rest = words[1:] if words[:1] == [command] else words
    if command in ("script", "validate"):
        if not any(SCENARIO_FILE.fullmatch(word) for word in rest):
            return [f"{command} needs a file"]
        rest = without_files(rest)
    return faults_of_options(rest, TABLES.get(command, RUN))


def faults_of_run_sh(words):
    """The artillery modes take the options of script, all others those of run."""
    if words and words[0].startswith("artillery-"):
        return faults_of_options(words[1:], SCRIPT)
    return faults_of_command(words)


def faults_of_example(line):
    """What is wrong with one line of a ```sh block."""
    words = command_words(line)
    if words and words[0] in ("wsblast", "build/wsblast"):
        return faults_of_command(words[1:])
    if words and words[0].startswith(("./tools/", "tools/", "bench/")):
        if not (ROOT / words[0]).is_file():
            return [f"there is no {words[0]}"]
        return faults_of_run_sh(words[1:]) if words[0].endswith("/run.sh") else []
    return []


def anchors(text):
    """What a link may name after '#', as code hosts make it of a heading."""
    headings = re.findall(r"^#+ (.*)$", FENCED.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def number(text):
    """Of "16 KiB" or "1 s": in bytes, nanoseconds or pieces."""
    value, _, unit = text.partition(" ")
    return int(value.replace(",", "")) * UNITS[unit]


def limits():
    """{name: value} of src/base/limits.hpp: its expressions are products and shifts of numbers."""
    names = {"kKiB": 2**10, "kMiB": 2**20, "kHour": 3600 * 10**9, "kMinute": 60 * 10**9,
             "kSecond": 10**9, "kMillisecond": 10**6, "kMicrosecond": 10**3}
    definition = re.compile(r"^inline constexpr \S+ (k\w+) = ([^;]+);", re.MULTILINE)
    for name, expression in definition.findall(source("src/base/limits.hpp")):
        expression = re.sub(r"std::(?:size_t|uint64_t)\{(\w+)\}", r"\1", expression.replace("'", ""))
        names[name] = eval(expression, {"__builtins__": {}}, names)  # our own header, arithmetic only
    return names


class OptionsTest(unittest.TestCase):
    def check_table(self, title, table):
        documented = {}
        for cells in rows(section(GUIDE, title)):
            if cells[0].startswith("--"):
                name, _, value = cells[0].removeprefix("--").partition(" ")
                documented[name] = [value, cells[1]]
        self.assertEqual(documented, {name: entry[:2] for name, entry in table.items()})

    def test_the_tables_are_read_as_a_whole(self):
        def own(table):
            return {name: entry for name, entry in table.items()
                    if name not in RUN or name in ("help", "hold")}
        of_run = [(file, option_table(f"src/app/{file}.cpp", table)) for file, table in RUN_TABLES]
        for file, table in (*of_run, ("serve_option_table", SERVE), ("doctor_option_table", own(DOCTOR)),
                            ("capacity_option_table", own(CAPACITY)),
                            ("saturate_option_table", SATURATE),
                            ("script_option_table", {**SCRIPT_OWN, **OUTPUT_OPTION})):
            self.assertEqual(len(table), len(re.findall(r"Arity::", source(f"src/app/{file}.cpp"))))

    def test_the_guide_has_every_option_with_its_value_and_its_default(self):
        self.check_table("## Options of run", RUN)
        self.check_table("## Options of serve", SERVE)
        self.check_table("## Options of doctor", DOCTOR)
        self.check_table("## Options of capacity", CAPACITY)
        self.check_table("## Options of saturate", SATURATE)
        self.check_table("## Options of script", SCRIPT)
        self.check_table("## Options of validate", VALIDATE)

    def test_no_page_names_an_option_that_does_not_exist(self):
        known = {*RUN, *SERVE, *DOCTOR, *CAPACITY, *SATURATE, *SCRIPT, *VALIDATE, "version"}
        for page, text in PAGES.items():
            prose = re.sub(r"<!--.*?-->", "", FENCED.sub("", text))
            prose = re.sub(r"`(?:" + "|".join(map(re.escape, FOREIGN)) + r") [^`]*`", "", prose)
            for name in OPTION.findall(prose):
                self.assertIn(name, known, page)

    def test_every_preset_is_described_as_it_is(self):
        presets = re.findall(r'\{Command::(\w+), "(\d+)", "(\d+)"\}', source("src/app/run_reader.cpp"))
        self.assertEqual(len(presets), 3)
        for name, connections, messages in presets:
            self.assertIn([f"wsblast {name}", connections, messages], rows(README))
            described = f"run with {connections} connections, {messages} messages each"
            self.assertIn([name, described], rows(GUIDE))


class ErrorsTest(unittest.TestCase):
    def test_every_kind_is_listed_once_with_its_label_scope_and_phase(self):
        code = source("src/stats/error_kind.cpp")
        header = source("src/stats/error_kind.hpp")
        enum = re.search(r"enum class ErrorKind[^{]*\{(.*?)\};", header, re.DOTALL)
        entries = literals(code, r'\{ErrorKind::\w+,\s*"(\w+)",\s*"([^"]+)",\s*k(\w+),\s*k(\w+)\}')
        self.assertEqual([entry[0] for entry in entries], re.findall(r"^    (\w+),", enum[1], re.MULTILINE))
        expected = [[name, label, scope.lower(), phase.lower()] for name, label, scope, phase in entries]
        kinds = section(ERRORS, "# Errors").split("## Close codes")[0]
        documented = [cells[:4] for cells in rows(kinds) if cells[0] != "kind"]
        self.assertEqual(documented, expected)

    def test_every_exit_status_is_listed_where_they_are_listed(self):
        statuses = re.findall(r"^    \w+ = (\d+),", source("src/app/exit_status.hpp"), re.MULTILINE)
        self.assertEqual(len(statuses), 6)
        for text in (section(ERRORS, "## Exit statuses"), section(README, "## Reading the result")):
            self.assertEqual([cells[0] for cells in rows(text) if cells[0].isdigit()], statuses)

    def test_every_close_code_that_is_sent_is_listed(self):
        codes = dict(re.findall(r"CloseCode (k\w+) = (\d+);(?! +// never)", source("proto/close_code.hpp")))
        listed = rows(section(ERRORS, "## Close codes"))
        self.assertEqual([cells[0] for cells in listed if cells[0].isdigit()], sorted(codes.values()))


class NamesTest(unittest.TestCase):
    def test_every_relative_link_leads_somewhere(self):
        for page, text in PAGES.items():
            for link in re.findall(r"\]\(([^)\s]+)\)", text):
                if link.startswith(("http://", "https://")):
                    continue
                path, _, anchor = link.partition("#")
                target = (ROOT / page).parent / path if path else ROOT / page
                self.assertTrue(target.exists(), f"{page}: {link}")
                if anchor:
                    self.assertIn(anchor, anchors(target.read_text("utf-8")), f"{page}: {link}")

    def test_every_path_exists(self):
        looks_like_one = re.compile(r"(?:\./)?(?:src|proto|tests|tools|bench|docs|\.ci)/[\w./-]*|"
                                    r"[\w-]+/[\w/-]+\.(?:cpp|hpp|py|md)")
        for page, text in PAGES.items():
            for span in spans(text):
                if looks_like_one.fullmatch(span):
                    self.assertTrue((ROOT / span).exists(), f"{page}: {span}")

    def test_the_newcomers_path_names_files(self):
        file = re.compile(r"`(?:src|proto|tests)/[\w./]+`")
        self.assertGreater(len(file.findall(section(README, "## Start here, as a reader of the code"))), 10)
        self.assertGreater(len(file.findall(ARCHITECTURE)), 30)

    def test_the_floors_are_those_that_tidy_enforces(self):
        documented = {}
        for cells in rows(section(ARCHITECTURE, "## Floors")):
            if cells[0].isdigit():
                documented.update({re.sub(r"^src/|/$", "", folder): int(cells[0])
                                   for folder in re.findall(r"[\w/]+/", cells[1])})
        self.assertEqual(documented, FLOORS)

    def test_limits_have_the_values_that_are_told(self):
        told = [cells for page in ("SECURITY.md", "docs/scenarios.md") for cells in rows(PAGES[page])
                if re.match("k[A-Z]", cells[0])]
        self.assertGreater(len(told), 16)
        values = limits()
        for name, value, _ in told:
            self.assertEqual(number(value), values[name], name)

    def test_every_constant_exists(self):
        headers = [path for folder in ("src", "proto") for path in (ROOT / folder).rglob("*.hpp")]
        code = "".join(path.read_text("utf-8") for path in headers)
        for page, text in PAGES.items():
            for name in re.findall(r"`(k[A-Z]\w+)`", text):
                self.assertRegex(code, rf"\b{name}\b", page)


class ExamplesTest(unittest.TestCase):
    def test_every_example_is_a_command_line_that_exists(self):
        checked = 0
        for page, text in PAGES.items():
            for line in example_lines(text):
                self.assertEqual(faults_of_example(line), [], f"{page}: {line}")
                checked += 1
        self.assertGreater(checked, 30)

    def test_a_wrong_example_is_found(self):
        for line in ("wsblast fast", "wsblast script", "wsblast script x.yml --rate 5",
                     "wsblast --conections 5",
                     "wsblast quick now",
                     "wsblast serve --rate 5", "wsblast --rate --quiet", "taskset -c 0 wsblast --no",
                     "./tools/fast", "A=1 ./tools/run.sh fast"):
            self.assertNotEqual(faults_of_example(line), [], line)

    def test_commands_in_prose_exist(self):
        for page, text in PAGES.items():
            for span in spans(text):
                if span.startswith("wsblast ") and "[" not in span and "COMMAND" not in span:
                    self.assertEqual(faults_of_command(shlex.split(span)[1:]), [], f"{page}: {span}")

    def test_the_scenario_shown_is_the_one_that_is_run(self):
        shown = re.search(r"^```yaml\n(.*?)^```", README, re.MULTILINE | re.DOTALL)[1]
        self.assertTrue(source("tools/scenarios/ping.yml").endswith(shown))

    def test_every_output_shown_is_of_a_command_shown(self):
        examples = example_lines(README)
        self.assertGreaterEqual(len(commands_of(README)), 2)
        for command in commands_of(README):
            servers, last = split_servers(command)
            for one in [*servers, last.split(" | ")[0]]:
                self.assertIn(one, examples)
        titles = {"capacity": "WEBSOCKET CAPACITY", "saturate": "Saturation over",
                  "script": "Summary report @"}
        for place in OUTPUT.finditer(README):
            command = split_servers(place["command"])[1].split()[1]
            title = titles.get(command, "WEBSOCKET STRESS TEST RESULTS")
            self.assertIn(title, place["block"], place["command"])


if __name__ == "__main__":
    unittest.main()
