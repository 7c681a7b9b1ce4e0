# make demo and make test need nothing but Go.

GO        ?= go
GOFUMPT   := mvdan.cc/gofumpt@v0.12.0
STATIC    := honnef.co/go/tools/cmd/staticcheck@v0.8.2
# The race detector needs a C compiler.
RACE      := $(shell command -v gcc >/dev/null 2>&1 && echo -race)

.PHONY: build demo test lint oracle e2e deploy bench fuzz image release

build:
	CGO_ENABLED=0 $(GO) build -trimpath -o bin/layerpack ./cmd/layerpack

demo:
	CGO_ENABLED=0 $(GO) run ./demo

# The second line tests what processors without our assembly run.
test:
	$(GO) test $(RACE) ./...
	$(GO) test -tags purego ./pkg/layers/...

lint:
	@out=$$($(GO) run $(GOFUMPT) -l .) && if [ -n "$$out" ]; then echo "not formatted by gofumpt:"; echo "$$out"; exit 1; fi
	$(GO) vet ./...
	$(GO) vet -tags e2e,oracle ./...
	GOOS=linux GOARCH=arm64 $(GO) vet ./...
	$(GO) run $(STATIC) ./...
	$(GO) run $(STATIC) -tags e2e,oracle ./...
	cd bench && $(GO) vet ./... && $(GO) test ./...
	cd e2e/stargzd && $(GO) vet ./...
	cd release && $(GO) vet ./... && $(GO) test ./...

# Judges of our rules that nobody here wrote: pypa's packaging and pip from the index, ldconfig.
oracle:
	$(GO) test -tags oracle -count=1 -timeout 30m ./pkg/pipwheel/... ./pkg/layers/... ./internal/check ./internal/elffacts \
	  ./cmd/layerpack ./pkg/tagging ./internal/pysource ./internal/prefect

e2e:
	bash e2e/run.sh

# The part of e2e that has real Prefect servers, workers and deployments of three generations around layerpack.
deploy:
	bash e2e/run.sh -v -run TestDeploy

# Beside others, on this machine: docs/performance.md. Takes a quarter of an hour, and Debian 12.
bench:
	bash bench/run.sh

# layerpack's own container image, built by layerpack, for amd64 and arm64: bin/layerpack-image-linux-*.tar
IMAGE_VERSION ?= devel
image:
	set -e; for p in linux-amd64 linux-arm64 $$($(GO) env GOHOSTOS)-$$($(GO) env GOHOSTARCH); do \
	  CGO_ENABLED=0 GOOS=$${p%-*} GOARCH=$${p#*-} $(GO) build -trimpath -o bin/layerpack-$$p ./cmd/layerpack; \
	done
	release/image.sh bin bin $(IMAGE_VERSION)

# make release VERSION=v0.1.0 OUT=dist: static programs, images and their SHA256SUMS, the same bytes on every machine.
release:
	release/build.sh $(VERSION) $(OUT)

# Every parser of foreign bytes, FUZZTIME each, from the corpus that earlier runs found
# (testdata/fuzz.tar.gz, as go test keeps it in its cache).
FUZZTIME ?= 10m
fuzz:
	mkdir -p "$$($(GO) env GOCACHE)/fuzz/github.com/layerpack/layerpack"
	tar -xzf testdata/fuzz.tar.gz -C "$$($(GO) env GOCACHE)/fuzz/github.com/layerpack/layerpack"
	set -e; for p in $$($(GO) list ./...); do for f in $$($(GO) test -list '^Fuzz' $$p | grep '^Fuzz' || true); do \
	  $(GO) test -run '^$$' -fuzz "^$$f$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 20x $$p; \
	done; done
