"""The compiled kernels; everything else about the package is in pyproject.toml.

An installation can do without them: where there is no compiler they are left out, and with
`TVGNN_PURE=1` no compiler is asked for, which makes a wheel for every platform.
"""

import os
from glob import glob

from setuptools import Extension, setup

FLAGS = ["-std=gnu11", "-O3", "-funroll-loops", "-fopenmp", "-fno-math-errno",
         "-fno-trapping-math", "-Wno-psabi"]  # fmt: skip

KERNELS = Extension(
    "tvgnn_cli.kernels._fused",
    sources=["tvgnn_cli/kernels/fused.c"],
    depends=sorted(glob("tvgnn_cli/kernels/*.h")),  # noqa: PTH207 (setuptools takes strings)
    extra_compile_args=FLAGS,
    extra_link_args=["-fopenmp"],
    optional=True,
    # Called through ctypes, it knows nothing of Python: one file serves every version.
    py_limited_api=True,
)

setup(
    ext_modules=[] if os.environ.get("TVGNN_PURE") else [KERNELS],
    options={"bdist_wheel": {"py_limited_api": "cp311"}},
)
