"""Imports: of libraries by their dotted names, of the user's own modules by walking them.

A module of the user's is walked when it is first imported, in a scope of its own, as Python would
run it; what a cycle of imports finds half walked it finds half filled.
"""

from __future__ import annotations

import os
from typing import Any

from gradlint.reading import neighbours
from gradlint.reading import syntax as s
from gradlint.tracing import absent, compiled, libraries
from gradlint.tracing.binding import Binding
from gradlint.tracing.values import Scope, UserModule


class Importing(Binding):
    """`imported` are the user's modules of this walk, by their paths."""

    imported: dict[str, UserModule]

    def execute(self, block: s.Block) -> Any:
        raise NotImplementedError

    def exec_Import(self, n: s.Import) -> None:
        for path, alias in n.names:
            first = path.split(".")[0]
            package = self._user_module(first, 0)
            whole = self._user_module(path, 0) if package is not None else None
            if package is None or whole is None:
                self.scope.names[alias or first] = libraries.resolve(path if alias else first)
            else:
                self.scope.names[alias or first] = whole if alias else package

    def exec_ImportFrom(self, n: s.ImportFrom) -> None:
        if n.module == "__future__":
            return
        module = self._user_module(n.module, n.level)
        for name, alias in n.names:
            if module is None:
                self._from_library(n, name, alias)
            elif name == "*":
                self._all_names(module)
            else:
                self.scope.names[alias or name] = self.module_attribute(module, name)

    def _from_library(self, n: s.ImportFrom, name: str, alias: str | None) -> None:
        if n.level and absent.names_helper(path := f"{n.module}.{name}"):
            self.scope.names[alias or name] = libraries.resolve(path)
        elif n.level and n.module.rpartition(".")[2] != compiled.MODULE:
            told = "." * n.level + n.module
            self.scope.names[alias or name] = self.opaque(f"the module {told} is not there")
        elif name == "*":
            self.scope.module.stars.append(n.module)
        else:
            self.scope.names[alias or name] = libraries.resolve(f"{n.module}.{name}")

    def _all_names(self, module: UserModule) -> None:
        """`from module import *`: what it lists in `__all__`, or all names without an underscore."""
        names = module.scope.names
        listed = names.get("__all__")
        public = [name for name in names if not name.startswith("_")]
        for name in listed if isinstance(listed, list | tuple) else public:
            self.scope.names[str(name)] = self.module_attribute(module, str(name))
        self.scope.module.stars += module.scope.stars

    def module_attribute(self, module: UserModule, name: str) -> Any:
        """`module.name`: what the module defined, or a module of the package."""
        if name in module.scope.names:
            return module.scope.names[name]
        found = self._inner_module(module, name)
        if found is not None:
            return found
        for library in module.scope.stars:
            if libraries.exists(path := f"{library}.{name}"):
                return libraries.resolve(path)
        return self.opaque(f"{module.name or 'the package'} has no {name}")

    # Finding and walking

    def _user_module(self, name: str, level: int) -> UserModule | None:
        """The user's own module `name`, walked after the packages that it is in; None if not there."""
        parts = name.split(".") if name else []
        if level:
            package = self._walked("", self._folder(level))
        elif libraries.is_known(parts[0]):
            return None
        else:
            path = neighbours.locate(self.module, parts[0], self._roots(parts.pop(0)))
            package = self._walked(name.split(".")[0], path) if path is not None else None
        for part in parts:
            package = self._inner_module(package, part) if package is not None else None
        return package

    def _folder(self, level: int) -> str:
        """The folder of the package that `level` dots mean where the import stands."""
        return os.path.normpath(os.path.join(self._here, *[os.pardir] * (level - 1)))

    @property
    def _here(self) -> str:
        """The folder of the module that is being walked."""
        path = str(self.scope.module.names.get("__file__", self.module.path))
        return os.path.dirname(path)

    def _roots(self, first: str) -> list[str]:
        """Where the first part of a module's name is looked up."""
        own, *further = neighbours.roots(self.module, first)
        return [own, *self.paths, *further, self._here]

    def _inner_module(self, package: UserModule, name: str) -> UserModule | None:
        """The module `name` inside a package, which then has it as an attribute."""
        folder = package.path
        if os.path.basename(folder) == "__init__.py":
            folder = os.path.dirname(folder)
        elif folder.endswith(".py"):
            return None
        path = neighbours.locate(self.module, name, [folder])
        found = (
            self._walked(f"{package.name}.{name}".strip("."), path) if path is not None else None
        )
        if found is not None:
            package.scope.names.setdefault(name, found)
        return found

    def _walked(self, name: str, path: str) -> UserModule | None:
        """The module at `path`, walked if this is its first import; None where it cannot be read."""
        if path in self.imported:
            return self.imported[path]
        module = neighbours.neighbour(self.module, path)
        if module is None:
            return None
        file = path if path.endswith(".py") else os.path.join(path, "__init__.py")
        scope = Scope({"__name__": name, "__file__": file})
        found = self.imported[path] = UserModule(name, path, scope)
        outer, at, statement = self.scope, self.at, self.statement
        self.scope = scope
        self.depth += 1
        try:
            self.execute(module.body)
        finally:
            self.depth -= 1
            self.scope, self.at, self.statement = outer, at, statement
        return found
