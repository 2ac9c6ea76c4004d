"""The outline of a C++ file: its functions with their lines, deepest nesting and parameters.

Not a compiler: comments, strings and preprocessor lines are blanked, then braces are matched and each is
named by the words before it. That is exact enough for a house style, and takes no time.
"""
import re
from dataclasses import dataclass, field

TOKEN = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(?P<tag>[^(\s]*)\(.*?\)(?P=tag)"|"(?:\\.|[^"\\\n])*"|'
    r"(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'|^[ \t]*#(?:[^\n]*\\\n)*[^\n]*",
    re.DOTALL | re.MULTILINE)
CONTROL = re.compile(r"^(?:\w+:\s*)?(?:else\s+)?(?:if|for|while|switch|do|else|try|catch)\b")
LAMBDA = re.compile(
    r"\[[^\[\]]*\]\s*(?:<[^<>]*>\s*)?(?:\([^{}]*\)\s*)?(?:mutable\s*|noexcept\s*)*(?:->[^{};]*)?$")
TYPE = re.compile(r"^(?:typedef\s+)?(?:class|struct|union|enum)\b")
SCOPE = re.compile(r"^(?:inline\s+)?(?:namespace\b|extern\b\s*$)")
FUNCTION_END = re.compile(
    r"\)\s*(?:const\b|noexcept\b|override\b|final\b|try\b|&&?|->[^{};=]*|requires\b[^{};=]*|\s)*$")
INITIALISED = re.compile(r"\)\s*(?:noexcept\s*)?:\s.*\}\s*$", re.DOTALL)
NAME_BEFORE = re.compile(r"[\w>\]]\s*$")
NO_FUNCTION = re.compile(
    r"\boperator\b|^\s*(?:using|typedef|static_assert|friend\s+class|concept|return|TEST_CASE)\b|=\s*$")
ASSIGNED = re.compile(r"(?<![=!<>])=(?!=)")


@dataclass
class Function:
    head: str
    first_line: int
    last_line: int = 0
    nesting: int = 0
    body: str = ""


@dataclass
class Block:
    kind: str  # scope, type, function, lambda, control, plain, init
    start: int
    head_start: int
    parens: int
    function: Function = None
    unnamed: bool = False


@dataclass
class Outline:
    functions: list = field(default_factory=list)
    unnamed: list = field(default_factory=list)  # (line, head) of what stands in an unnamed namespace
    declarations: list = field(default_factory=list)  # (line, head) of what ends with a semicolon


def blank(source):
    """The source with comments, strings and preprocessor lines as blanks; every line stays where it is."""
    def spaces(match):
        text = match.group()
        if text.startswith('"'):
            return '"' + " " * (len(text) - 2) + '"'
        return re.sub(r"[^\n]", " ", text)
    return TOKEN.sub(spaces, source)


def drop_template(head):
    """Removes the leading template<...> of a declaration."""
    head = head.strip()
    while match := re.match(r"template\s*<", head):
        depth, at = 1, match.end()
        while at < len(head) and depth:
            depth += {"<": 1, ">": -1}.get(head[at], 0)
            at += 1
        head = head[at:].strip()
    return re.sub(r"^(?:public|private|protected)\s*:\s*", "", head)


def classify(head, inside_function):
    head = drop_template(re.sub(r"\[\[[^\]]*\]\]", "", head))
    if CONTROL.match(head) and inside_function:
        return "control"
    if LAMBDA.search(head) and not head.startswith("operator"):
        return "lambda"
    if TYPE.match(re.sub(r"alignas\([^)]*\)", "", head)) and not head.endswith(")"):
        return "type"
    if inside_function:
        return "plain" if not head or head.endswith(":") else "init"
    if SCOPE.match(head):
        return "scope"
    if FUNCTION_END.search(head) or INITIALISED.search(head):
        assigned = ASSIGNED.search(head.split("(")[0]) and "operator" not in head
        return "init" if assigned else "function"
    return "init"


def parameters(head):
    """How many parameters the function declared by `head` takes; 0 where it is no function."""
    head = drop_template(head)
    opening = head.find("(")
    if opening < 0 or NO_FUNCTION.search(head) or not NAME_BEFORE.search(head[:opening]):
        return 0
    depth = angle = commas = 0
    text = ""
    for character in head[opening:]:
        depth += {"(": 1, "{": 1, "[": 1, ")": -1, "}": -1, "]": -1}.get(character, 0)
        if depth == 0:
            break
        angle += {"<": 1, ">": -1}.get(character, 0)
        commas += character == "," and depth == 1 and angle <= 0
        text += character
    return commas + 1 if text.strip("( \n\t") not in ("", "void") else 0


def split_parameters(head):
    """The parameters as they are written, of a function's head."""
    depth, parts = 0, [""]
    for character in head[head.find("("):]:
        if character in ")]}>":
            depth -= 1
        if depth == 0 and character == ")":
            break
        if depth == 1 and character == ",":
            parts.append("")
        elif depth > 0:
            parts[-1] += character
        if character in "([{<":
            depth += 1
    return [" ".join(part.split()) for part in parts if part.strip()]


def introduced(head):
    """What the head of a definition brings into its scope: a name; of a function with its parameters' types,
    as overloads may share it. Whatever a literal is taken for counts as one type. Empty: nothing new."""
    head = drop_template(re.sub(r"\[\[[^\]]*\]\]", "", head))
    if re.match(r"TEST_CASE|TEMPLATE_TEST_CASE|static_assert\b|using\s+(?!\w+\s*=)", head):
        return ""
    if match := re.match(r"using\s+(\w+)|(?:class|struct|union|enum)(?:\s+class)?\s+(\w+)", head):
        return match.group(1) or match.group(2)
    before = re.split(r"[({=]", head)[0]
    match = re.search(r"(\w+)\s*(?:\[[^\]]*\]\s*)*$", before)
    if not match or "::" + match.group(1) in before or re.search(r"\boperator\b", before):
        return ""
    if head[len(before):len(before) + 1] != "(":
        return match.group(1)
    types = []
    for parameter in split_parameters(head):
        kind = re.sub(r"(?<=[\s&*>])\w+$", "", parameter.split("=")[0].strip()).strip()
        kind = re.sub(r"^const (.*[^&*])$", r"\1", kind)
        is_text = re.fullmatch(r"(const )?(std::string&?|std::string_view|char\*)", kind)
        types.append("text" if is_text else kind)
    return f"{match.group(1)}({', '.join(types)})"


class Reader:
    """Walks over the blanked text once, with a stack of the open braces."""

    def __init__(self, text):
        self.text = text
        self.outline = Outline()
        self.stack = []
        self.parens = 0
        self.head_start = 0

    def line(self, offset):
        return self.text.count("\n", 0, offset) + 1

    def head(self, end):
        return self.text[self.head_start:end]

    def inside_function(self):
        return any(block.kind in ("function", "lambda") for block in self.stack)

    def open(self, at):
        head = self.head(at)
        kind = classify(head.strip(), self.inside_function())
        block = Block(kind, at, self.head_start, self.parens)
        block.unnamed = head.split() == ["namespace"]
        if kind in ("type", "function"):
            self.note_unnamed(head)
        if kind == "function":
            first = self.head_start + len(head) - len(head.lstrip())
            block.function = Function(head.strip(), self.line(first))
        self.stack.append(block)
        self.note_nesting()
        self.parens, self.head_start = 0, at + 1

    def note_unnamed(self, head):
        scopes = all(block.kind == "scope" for block in self.stack)
        if scopes and any(block.unnamed for block in self.stack):
            first = self.head_start + len(head) - len(head.lstrip())
            self.outline.unnamed.append((self.line(first), head.strip()))

    def note_nesting(self):
        depth = 0
        for block in self.stack:
            if block.kind in ("function", "lambda"):
                depth = 0
            depth += block.kind == "control"
        for block in self.stack:
            if block.function:
                block.function.nesting = max(block.function.nesting, depth)

    def close(self, at):
        if not self.stack:
            return
        block = self.stack.pop()
        self.parens = block.parens
        # What follows a lambda or an initialiser belongs to the same statement.
        goes_on = block.kind in ("lambda", "init")
        self.head_start = block.head_start if goes_on else at + 1
        if block.function:
            block.function.last_line = self.line(at)
            block.function.body = self.text[block.start:at]
            self.outline.functions.append(block.function)

    def end_statement(self, at):
        if not self.inside_function() and all(block.kind != "init" for block in self.stack):
            head = self.head(at)
            first = self.head_start + len(head) - len(head.lstrip())
            self.outline.declarations.append((self.line(first), head.strip()))
            if head.strip():
                self.note_unnamed(head)
        self.head_start = at + 1

    def read(self):
        for match in re.finditer(r"[(){};]", self.text):
            at, character = match.start(), match.group()
            if character == "(":
                self.parens += 1
            elif character == ")":
                self.parens -= 1
            elif character == "{":
                self.open(at)
            elif character == "}":
                self.close(at)
            elif self.parens == 0:
                self.end_statement(at)
        return self.outline


def outline(source):
    return Reader(blank(source)).read()
