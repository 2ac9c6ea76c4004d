"""Scenario files with one fault each: what stands in them, and what the error has to name."""

HEAD = "config:\n  target: ws://127.0.0.1:1\n  phases: [{duration: 1, arrivalCount: 1}]\n"
FLOW = HEAD + "scenarios:\n  - flow:\n"
STEP = FLOW + "      - connect: /ws\n      - "
SCENARIOS = "scenarios: [{flow: [{send: x}]}]\n"
PHASES = "config:\n  target: ws://127.0.0.1:1\n  phases:\n    - "


def phase(text):
    return PHASES + text + "\n" + SCENARIOS


def step(text):
    return STEP + text + "\n"


def config(text):
    return HEAD + text + "\n" + SCENARIOS


# name: (text, words of the error)
BAD = {
    "empty": ("", ["config"]),
    "no map": ("- 1\n- 2\n", ["map"]),
    "not YAML": ("config: [1, 2\nscenarios: x: y\n", []),
    "tab": ("config:\n\ttarget: x\n", []),
    "unclosed quote": ('config: "abc\n', []),
    "unknown alias": ("config: *nothing\n", []),
    "alias of itself": ("config: &a\n  target: *a\n", []),
    "alias bomb": ("a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\n"
                   "c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\n"
                   "e: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e]\n"
                   "g: [*f,*f,*f,*f,*f,*f,*f,*f,*f]\n", []),
    "too deep": ("config: " + "[" * 200 + "]" * 200 + "\n", []),
    "duplicate key": (HEAD + "config: {}\n" + SCENARIOS, ["config"]),
    "no config": (SCENARIOS, ["config"]),
    "config is a list": ("config: [1]\n" + SCENARIOS, ["config"]),
    "no target": ("config: {phases: [{duration: 1, arrivalCount: 1}]}\n" + SCENARIOS, ["target"]),
    "target is a list": ("config: {target: [1]}\n" + SCENARIOS, ["target"]),
    "target of another kind": ("config: {target: 'ftp://x'}\n" + SCENARIOS, []),
    "no scenarios": (HEAD, ["scenarios"]),
    "scenarios is a text": (HEAD + "scenarios: x\n", ["scenarios"]),
    "scenarios is empty": (HEAD + "scenarios: []\n", ["scenarios"]),
    "scenario without flow": (HEAD + "scenarios: [{name: x}]\n", ["flow"]),
    "flow is a text": (HEAD + "scenarios: [{flow: x}]\n", ["flow"]),
    "another engine": (HEAD + "scenarios: [{engine: http, flow: [{send: x}]}]\n", ["engine"]),
    "weights of nothing": (HEAD + "scenarios: [{weight: 0, flow: [{send: x}]}]\n", ["weight"]),
    "weight below 0": (HEAD + "scenarios: [{weight: -1, flow: [{send: x}]}]\n", ["weight"]),
    # phases
    "phases is a text": ("config: {target: 'ws://x', phases: abc}\n" + SCENARIOS, ["phases"]),
    "phase is a number": (phase("5"), ["phases[0]"]),
    "phase without duration": (phase("arrivalRate: 5"), ["duration"]),
    "duration of no unit": (phase("{duration: 5q, arrivalRate: 5}"), ["duration"]),
    "duration 0": (phase("{duration: 0, arrivalRate: 5}"), ["duration"]),
    "duration below 0": (phase("{duration: -5, arrivalRate: 5}"), ["duration"]),
    "rate that is a word": (phase("{duration: 5, arrivalRate: many}"), ["arrivalRate"]),
    "rate below 0": (phase("{duration: 5, arrivalRate: -1}"), ["arrivalRate"]),
    "rate NaN": (phase("{duration: 5, arrivalRate: .nan}"), ["arrivalRate"]),
    "rate without end": (phase("{duration: 5, arrivalRate: .inf}"), ["arrivalRate"]),
    "rampTo a list": (phase("{duration: 5, arrivalRate: 1, rampTo: [2]}"), ["rampTo"]),
    "maxVusers a word": (phase("{duration: 5, arrivalRate: 1, maxVusers: x}"), ["maxVusers"]),
    "unknown mode": (phase("{duration: 5, arrivalRate: 1, mode: chaos}"), ["mode"]),
    # steps
    "unknown step": (step("sned: x"), ["sned", "send"]),
    "two keys": (step("{send: x, think: 1}"), []),
    "step is a text": (step("hello"), ["flow[1]"]),
    "think a word": (step("think: soon"), ["think"]),
    "think below 0": (step("think: -1"), ["think"]),
    "loop without count": (step("{loop: abc, count: 2}"), ["loop"]),
    "loop of nothing": (step("{loop: [], count: 2}"), ["loop"]),
    "count a word": (step("{loop: [{send: x}], count: often}"), ["count"]),
    "loops too deep": (step("{loop: [" * 9 + "{send: x}" + "], count: 2}" * 9), ["loop"]),
    "function without processor": (step("function: f"), ["processor"]),
    "whileTrue without processor": (step("{loop: [{send: x}], whileTrue: f}"), ["whileTrue"]),
    # texts
    "unclosed hole": (step("send: 'a {{ b'"), ["{{"]),
    "unknown $function": (step("send: '{{ $nothing() }}'"), ["$nothing"]),
    "random of words": (step("send: '{{ $randomNumber(a, b) }}'"), ["$randomNumber"]),
    "random of one": (step("send: '{{ $randomNumber(1) }}'"), ["$randomNumber"]),
    # captures and matches
    "bad JSONPath": (step("send: {payload: x, capture: {json: '$.[', as: a}}"), ["json"]),
    "bad regexp": (step("send: {payload: x, capture: {regexp: '(', as: a}}"), ["regexp"]),
    "no such group": (step("send: {payload: x, capture: {regexp: 'a', group: 3, as: a}}"), ["group"]),
    "capture without as": (step("send: {payload: x, capture: {json: '$.a'}}"), ["as"]),
    "capture of nothing": (step("send: {payload: x, capture: {as: a}}"), ["capture"]),
    "xpath": (step("send: {payload: x, capture: {xpath: '//a', as: a}}"), ["xpath"]),
    "match without value": (step("send: {payload: x, match: {json: '$.a'}}"), ["value"]),
    # connect
    "connect a number": (FLOW + "      - connect: 5\n", ["connect"]),
    "connect to another kind": (FLOW + "      - connect: 'http://x/'\n", []),
    "host with a variable": (config("  variables: {h: [a, b]}").replace("ws://127.0.0.1:1",
                                                                        "'ws://{{ h }}'"), []),
    "headers a list": (FLOW + "      - connect: {target: '/ws', headers: [a]}\n", ["headers"]),
    # files
    "no such processor": (config("  processor: ./nowhere.js"), ["nowhere.js"]),
    "no such CSV": (config("  payload: {path: nowhere.csv, fields: [a]}"), ["nowhere.csv"]),
    "payload without fields": (config("  payload: {path: data.csv}"), ["fields"]),
    "unknown order": (config("  payload: {path: data.csv, fields: [a], order: shuffled}"), ["order"]),
    "CSV with an open quote": (config("  payload: {path: open.csv, fields: [a]}"), ["open.csv"]),
    # checks
    "threshold a word": (config("  ensure: {thresholds: [{vusers.failed: few}]}"), ["thresholds"]),
    "condition that is none": (config("  ensure: {conditions: [{expression: 'a <'}]}"), ["expression"]),
    "slo that is none": (config("  wsblast: {slo: ['p99 <']}"), ["slo"]),
    # JavaScript
    "syntax error": (config("  processor: ./syntax.js"), ["syntax.js:2"]),
    "throws at once": (config("  processor: ./throws.js"), ["throws.js"]),
    "needs fs": (config("  processor: ./needs_fs.js"), ["fs"]),
    "never ends": (config("  processor: ./endless.js"), ["endless.js"]),
    "no such function": (step("function: nothing").replace("  phases", "  processor: ./good.js\n  phases"),
                         ["nothing"]),
}

FILES = {
    "data.csv": "1\n2\n",
    "open.csv": 'a,"b\n',
    "syntax.js": "module.exports = {\n  f: function() { return @; },\n};\n",
    "throws.js": "throw new Error('at once');\n",
    "needs_fs.js": "const fs = require('fs');\nmodule.exports = {};\n",
    "endless.js": "for (;;) {}\n",
    "good.js": "module.exports = {f: (context, events, done) => done()};\n",
}
