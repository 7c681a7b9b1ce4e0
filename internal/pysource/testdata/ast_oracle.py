"""Reads names of Python files, or sources as JSON texts, one a line, and writes what ast says of each."""

import ast
import json
import sys
import warnings

warnings.simplefilter("ignore")
sys.stdout.reconfigure(encoding="utf-8", errors="surrogateescape")


class Reader:
    def __init__(self):
        self.imports = []
        self.names = []

    def bind(self, name, kind, line, scope):
        inside, prefix = scope
        if not inside:
            self.names.append([prefix + name, kind, line])

    def target(self, node, scope):
        if isinstance(node, ast.Name):
            self.bind(node.id, "variable", node.lineno, scope)
        elif isinstance(node, (ast.Tuple, ast.List)):
            for item in node.elts:
                self.target(item, scope)
        elif isinstance(node, ast.Starred):
            self.target(node.value, scope)

    def expression(self, node, scope):
        """Assignment expressions: in comprehensions they bind outside, in lambdas they do not."""
        stack = [node]
        while stack:
            node = stack.pop()
            if isinstance(node, ast.Lambda):
                stack.extend(n for n in ast.iter_child_nodes(node.args))
                continue
            if isinstance(node, ast.NamedExpr):
                self.bind(node.target.id, "variable", node.target.lineno, scope)
            stack.extend(ast.iter_child_nodes(node))

    def body(self, statements, scope):
        for s in statements:
            self.statement(s, scope)

    def statement(self, s, scope):
        inside, prefix = scope
        if isinstance(s, ast.Import):
            for a in s.names:
                self.imports.append([0, a.name, [], s.lineno, inside])
                self.bind(a.asname or a.name.split(".")[0], "import", s.lineno, scope)
            return
        if isinstance(s, ast.ImportFrom):
            names = [a.name for a in s.names]
            self.imports.append([s.level, s.module or "", names, s.lineno, inside])
            for a in s.names:
                if a.name != "*":
                    self.bind(a.asname or a.name, "import", s.lineno, scope)
            return
        if isinstance(s, (ast.FunctionDef, ast.AsyncFunctionDef)):
            self.bind(s.name, "function", s.lineno, scope)
            for part in s.decorator_list + [s.args] + ([s.returns] if s.returns else []):
                self.expression(part, scope)
            self.body(s.body, (True, prefix))
            return
        if isinstance(s, ast.ClassDef):
            self.bind(s.name, "class", s.lineno, scope)
            for part in s.decorator_list + s.bases + s.keywords:
                self.expression(part, scope)
            self.body(s.body, (inside, prefix + s.name + "."))
            return
        if isinstance(s, ast.Global):
            if inside or prefix:
                for name in s.names:
                    self.names.append([name, "global", s.lineno])
            return
        if isinstance(s, ast.Delete):
            if not inside:
                self.names.append(["", "del", s.lineno])
        if isinstance(s, ast.Assign):
            for t in s.targets:
                self.target(t, scope)
        elif isinstance(s, ast.AnnAssign) and s.value is not None:
            self.target(s.target, scope)
        elif isinstance(s, (ast.For, ast.AsyncFor)):
            self.target(s.target, scope)
        elif isinstance(s, (ast.With, ast.AsyncWith)):
            for item in s.items:
                if item.optional_vars is not None:
                    self.target(item.optional_vars, scope)
        elif hasattr(ast, "TypeAlias") and isinstance(s, ast.TypeAlias):
            self.bind(s.name.id, "type alias", s.lineno, scope)
        elif hasattr(ast, "Match") and isinstance(s, ast.Match):
            for case in s.cases:
                for n in ast.walk(case.pattern):
                    name = getattr(n, "name", None) or getattr(n, "rest", None)
                    if isinstance(n, (ast.MatchAs, ast.MatchStar, ast.MatchMapping)) and name:
                        self.bind(name, "variable", n.lineno, scope)
                if case.guard:
                    self.expression(case.guard, scope)
                self.body(case.body, scope)
            self.expression(s.subject, scope)
            return
        for field, value in ast.iter_fields(s):
            if isinstance(value, list) and value and isinstance(value[0], ast.stmt):
                self.body(value, scope)
            elif field == "handlers":
                for h in value:
                    if h.type:
                        self.expression(h.type, scope)
                    self.body(h.body, scope)
            elif isinstance(value, ast.AST):
                self.expression(value, scope)
            elif isinstance(value, list):
                for v in value:
                    if isinstance(v, ast.AST):
                        self.expression(v, scope)


for line in sys.stdin:
    path = line.rstrip("\n")
    out = {"path": path}
    try:
        if path.startswith('"'):
            source = json.loads(path).encode()
        else:
            with open(path, "rb") as f:
                source = f.read()
        compile(source, "flow.py", "exec", dont_inherit=True)
        tree = ast.parse(source)
    except (SyntaxError, ValueError) as e:
        out["error"] = str(e)
    except (RecursionError, MemoryError) as e:
        out["skip"] = repr(e)
    else:
        r = Reader()
        r.body(tree.body, (False, ""))
        out["imports"], out["names"] = r.imports, r.names
    print(json.dumps(out, ensure_ascii=False), flush=True)
