"""What the floors share: each measures by the benchmark that prints the numbers."""

import importlib.util
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture(scope="module")
def benchmark(request):
    """The benchmark that a module is named after: ``test_dedup_floors.py`` measures by ``benchmarks/dedup.py``."""
    name = request.path.stem.removeprefix("test_").removesuffix("_floors")
    spec = importlib.util.spec_from_file_location(f"{name}_benchmark", BENCHMARKS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
