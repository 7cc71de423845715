"""Contracts of ours for import-linter; `pyproject.toml` holds them beside those that import-linter brings."""

from collections.abc import Iterator

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, output

Chain = tuple[str, ...]


class _ChainsContract(Contract):
    """A contract that is broken by chains of imports, and prints each on a line."""

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """Look for chains that must not be."""
        _ = verbose
        chains = list(self.forbidden(graph))
        return ContractCheck(kept=not chains, metadata={"chains": chains})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Print the chains."""
        for chain in check.metadata["chains"]:
            output.print_error(" -> ".join(chain))

    def forbidden(self, graph: ImportGraph) -> Iterator[Chain]:
        """Chains that break the contract; the importing module is first."""
        raise NotImplementedError


class VariantsContract(_ChainsContract):
    """The asynchronous and the synchronous variant never meet, neither directly nor through modules between them.

    A module belongs to a variant when its name, or that of a package around it, ends with `_async` or `_sync`.
    """

    type_name = "variants"

    def forbidden(self, graph: ImportGraph) -> Iterator[Chain]:
        """A chain for each module that reaches the other variant."""
        variants = {name: {module for module in graph.modules if _is_of(name, module)} for name in ("_async", "_sync")}
        for here, there in (("_async", "_sync"), ("_sync", "_async")):
            for module in sorted(variants[here]):
                for other in sorted(graph.find_upstream_modules(module) & variants[there])[:1]:
                    yield graph.find_shortest_chain(module, other) or (module, other)


def _is_of(variant: str, module: str) -> bool:
    return any(part.endswith(variant) for part in module.split("."))


class PackagesContract(_ChainsContract):
    """No cycle of a package and a module in it, which a contract on siblings does not see."""

    type_name = "acyclic_packages"

    def forbidden(self, graph: ImportGraph) -> Iterator[Chain]:
        """The cycle of each package that imports, in any number of steps, a module in it that imports the package."""
        for package in sorted(graph.modules):
            for module in sorted(graph.find_modules_that_directly_import(package)):
                back = graph.find_shortest_chain(package, module) if module.startswith(f"{package}.") else None
                if back:
                    yield (*back, package)
