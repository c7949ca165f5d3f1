"""Mutants of C: every small change to a source that could be a wrong rule.

A tokenizer over the C that this project writes. It leaves alone what no test of behaviour can or
should notice: comments, strings, preprocessor lines, assertions, sizes of allocations, the last
round of a `for` header (reading one too far is a matter for the sanitizers), the freeing of
memory, and conditions that only a failed allocation makes true (tests/fault makes those)."""

import re
from dataclasses import dataclass

TOKEN = re.compile(r"""
    (?P<skip>\s+|/\*.*?\*/|//[^\n]*|^[ \t]*\#(?:[^\n\\]|\\.)*$)
  | (?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
  | (?P<number>(?:0[xX][0-9a-fA-F]+|\d+)[uUlL]*)
  | (?P<name>[A-Za-z_]\w*)
  | (?P<op><<=|>>=|\.\.\.|->|\+\+|--|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^]=|[^\w\s])
""", re.X | re.S | re.M)

COMPARISONS = {"<": ("<=", ">="), "<=": ("<", ">"), ">": (">=", "<="), ">=": (">", "<"),
               "==": ("!=",), "!=": ("==",)}
SWAPS = {"&&": "||", "||": "&&", "wall_min": "wall_max", "wall_max": "wall_min",
         "true": "false", "false": "true", "+=": "-=", "-=": "+="}
ARITHMETIC = {"+": "-", "-": "+", "/": "*", "%": "/"}
# Calls whose arguments are sizes, or that stop the program over a mistake of ours.
SIZES = {"calloc", "malloc", "grow", "sizeof", "BUF_INIT", "static_assert", "assert",
         "arena_array", "qsort", "qsort_r", "memset", "memcpy"}
FREEING = re.compile(r"(\w*free|\w+_done|\w+_free|assert|static_assert|\w+_end)$")
KEYWORDS = {"if", "else", "for", "while", "switch", "case", "default", "return", "break",
            "continue", "do", "goto", "struct", "const", "static", "enum", "union", "typedef",
            "extern", "int", "unsigned", "char", "bool", "void", "size_t", "AUTO", "AUTO_FREE",
            "inline", "MUST_USE", "__extension__"}


@dataclass(frozen=True)
class Token:
    kind: str
    text: str
    at: int


@dataclass(frozen=True)
class Mutant:
    """One change: text[start:end] becomes `new`."""
    file: str       # relative to the checkout
    line: int
    change: str     # for people
    before: str     # the line as it was, and as it becomes, both stripped
    after: str
    source: str     # the whole file with the change
    function: str = ""


def tokens_of(text):
    result, at = [], 0
    while at < len(text):
        match = TOKEN.match(text, at)
        if not match:
            raise ValueError(f"no token at {text[at:at + 20]!r}")
        if match.lastgroup != "skip":
            result.append(Token(match.lastgroup, match.group(), at))
        at = match.end()
    return result


def matching(tokens, i):
    """The index of the parenthesis or brace that closes the one at i."""
    depth = 0
    for k in range(i, len(tokens)):
        if tokens[k].text in "([{":
            depth += 1
        elif tokens[k].text in ")]}":
            depth -= 1
            if depth == 0:
                return k
    raise ValueError("unbalanced")


def regions(tokens):
    """Indices of tokens that are left alone, and of those inside `for` headers."""
    quiet, headers = set(), set()
    for i, token in enumerate(tokens[:-1]):
        following = tokens[i + 1].text
        if token.kind == "name" and following == "(":
            end = matching(tokens, i + 1)
            inside = range(i + 1, end + 1)
            if token.text in SIZES:
                quiet.update(inside)
            elif token.text == "for":
                headers.update(inside)
            elif token.text == "if" and only_memory(tokens, i + 1, end):
                quiet.update(k for k in inside if tokens[k].text in ("||", "&&"))
    return quiet, headers


def only_memory(tokens, begin, end):
    """A condition that a failed allocation alone makes true: it is answered by -ENOMEM, or is
    about that error."""
    if any(token.text == "ENOMEM" for token in tokens[begin:end]):
        return True
    following = [token.text for token in tokens[end + 1:end + 12]]
    return following[:3] == ["return", "-", "ENOMEM"] or \
        "ENOMEM" in following and following[:1] == ["{"]


def operand_before(token):
    return token.kind in ("number", "text") or token.text in ")]" or \
        token.kind == "name" and token.text not in ("return", "case")


def number_changes(tokens, i):
    """One more, and of 1 one less. Left out is what another mutant says already (x < 1 is
    x <= 0), which negative number stands for "less" or "none", and the 0 that says that all
    went well."""
    text, before = tokens[i].text, tokens[i - 1].text
    digits = re.match(r"0[xX][0-9a-fA-F]+|\d+", text).group()
    value, suffix = int(digits, 0), text[len(digits):]
    form = "0x{:x}" if digits[:2].lower() == "0x" else "{}"
    if before == "-" and not operand_before(tokens[i - 2]):
        return []
    values = []
    if value == 0 and (before == "return" or before == "{" and tokens[i + 1].text == "}" or
                       before == "=" and tokens[i - 2].text == "r"):
        return []
    if before not in ("<", ">="):
        values.append(value + 1)
    if value == 1 and before not in (">", "<="):
        values.append(0)
    return [form.format(v) + suffix for v in values]


def token_changes(tokens, i, in_header):
    """What token i may become."""
    token = tokens[i]
    before = tokens[i - 1] if i > 0 else None
    if token.text in COMPARISONS:
        return [t for t in COMPARISONS[token.text] if not (in_header and t == "<=")]
    if token.text in SWAPS:
        return [SWAPS[token.text]]
    if token.text == "!":
        return [""]
    if token.text in ARITHMETIC and before and operand_before(before) and \
            not (token.text == "-" and tokens[i + 1].text.startswith("E")):
        return [ARITHMETIC[token.text]]
    if token.kind == "number":
        return number_changes(tokens, i)
    return []


def statement_ends(tokens, i):
    """For a statement that begins at i and may be dropped: the index of its semicolon."""
    first, depth = tokens[i], 0
    if first.text in ("continue", "break"):
        return i + 1 if tokens[i + 1].text == ";" else None
    if first.text not in ("*", "++", "--") and (first.kind != "name" or first.text in KEYWORDS):
        return None
    second = tokens[i + 1]
    if first.kind == "name" and (second.kind == "name" or second.text == "*" or
                                 FREEING.match(first.text) and second.text == "("):
        return None
    for k in range(i, len(tokens)):
        text = tokens[k].text
        if text in ("(", "[", "{"):
            depth += 1
        elif text in (")", "]", "}"):
            depth -= 1
            if depth < 0:
                return None
        elif text == ";" and depth == 0:
            return k
        elif text == ":" and depth == 0 and k == i + 1:
            return None
    return None


def function_of(tokens):
    """For each token, the name of the function that it is inside of, or None."""
    result, depth, name = [], 0, None
    for i, token in enumerate(tokens):
        if token.text == "{":
            if depth == 0 and tokens[i - 1].text == ")":
                name = tokens[opening(tokens, i - 1) - 1].text
            depth += 1
        elif token.text == "}":
            depth -= 1
            if depth == 0:
                name = None
        result.append(name)
    return result


def opening(tokens, i):
    """The index of the parenthesis that the one at i closes."""
    depth = 0
    for k in range(i, -1, -1):
        if tokens[k].text == ")":
            depth += 1
        elif tokens[k].text == "(":
            depth -= 1
            if depth == 0:
                return k
    raise ValueError("unbalanced")


def begins_statement(tokens, i, headers):
    if i == 0 or i in headers:
        return False
    before = tokens[i - 1].text
    if before == ")":
        return closes_condition(tokens, i - 1)
    return before in (";", "{", "}", "else") or \
        before == ":" and tokens[i - 3].text in ("case",) or \
        before == ":" and tokens[i - 2].text == "default"


def closes_condition(tokens, i):
    return tokens[opening(tokens, i) - 1].text in ("if", "for", "while", "switch")


def changed(file, text, start, end, new, change, function=""):
    line_start = text.rfind("\n", 0, start) + 1
    line_end = text.find("\n", end)
    after = text[line_start:start] + new + text[end:line_end]
    # As many lines as before, so that what follows keeps its numbers.
    kept = "\n" * (text.count("\n", start, end) - new.count("\n"))
    squeeze = " ".join
    return Mutant(file, text.count("\n", 0, start) + 1, change,
                  squeeze(text[line_start:line_end].split()), squeeze(after.split()),
                  text[:start] + new + kept + text[end:], function or "")


def mutants_of(file, text):
    """Every mutant of a source, in its order."""
    tokens = tokens_of(text)
    quiet, headers = regions(tokens)
    inside = function_of(tokens)
    for i, token in enumerate(tokens):
        if FREEING.match(inside[i] or ""):
            continue
        if inside[i] and begins_statement(tokens, i, headers):
            end = statement_ends(tokens, i)
            if end is not None:
                stop = tokens[end].at + 1
                yield changed(file, text, token.at, stop, ";", "the statement dropped",
                              inside[i])
        # Of what compares for a sort only the sign matters.
        if i in quiet or token.kind == "number" and (inside[i] or "").endswith("compare"):
            continue
        for new in token_changes(tokens, i, i in headers):
            what = f"{token.text} becomes {new}" if new else f"{token.text} dropped"
            yield changed(file, text, token.at, token.at + len(token.text), new, what,
                          inside[i])
