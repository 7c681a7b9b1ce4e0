# make demo and make test need nothing but Go.

GO        ?= go
GOFUMPT   := mvdan.cc/gofumpt@v0.12.0
STATIC    := honnef.co/go/tools/cmd/staticcheck@v0.8.2
# The race detector needs a C compiler.
RACE      := $(shell command -v gcc >/dev/null 2>&1 && echo -race)

.PHONY: build demo test lint oracle e2e fuzz

build:
	CGO_ENABLED=0 $(GO) build -trimpath -o bin/layerpack ./cmd/layerpack

demo:
	CGO_ENABLED=0 $(GO) run ./demo

test:
	$(GO) test $(RACE) ./...

lint:
	@out=$$($(GO) run $(GOFUMPT) -l .) && if [ -n "$$out" ]; then echo "not formatted by gofumpt:"; echo "$$out"; exit 1; fi
	$(GO) vet ./...
	$(GO) vet -tags e2e,oracle ./...
	$(GO) run $(STATIC) ./...
	$(GO) run $(STATIC) -tags e2e,oracle ./...

# Judges of our rules that nobody here wrote: pypa's packaging and pip from the index, ldconfig.
oracle:
	$(GO) test -tags oracle -count=1 -timeout 30m ./pkg/pipwheel/... ./internal/check ./internal/elffacts

e2e:
	bash e2e/run.sh
