package main

import (
	"context"
	"regexp"

	"github.com/spf13/pflag"

	"github.com/layerpack/layerpack/pkg/assemble"
	"github.com/layerpack/layerpack/pkg/refusal"
)

// minorVersion is what --python takes: of a release of Python the image has the minor version's newest.
var minorVersion = regexp.MustCompile(`^(3\.[0-9]{1,2})(?:\.[0-9]+)?$`)

func registerPython(set *pflag.FlagSet, python *string) {
	set.StringVar(python, "python", "", "`VERSION` of Python that an inferred base has, as in 3.11 (default: .python-version, then requires-python)")
}

// inferBase names the base where the user left that to the project: by naming none, or prefect.
func inferBase(ctx context.Context, f assemble.Flags, python string, host assemble.Host) (base string, err error) {
	if f.Base != "" && f.Base != assemble.PrefectBase {
		if python != "" {
			return "", usagef("--python %s: it chooses among Prefect's images, and --base names another", python)
		}
		return f.Base, nil
	}
	if m := minorVersion.FindStringSubmatch(python); m != nil {
		python = m[1]
	} else if python != "" {
		return "", usagef("--python %s: write a version such as 3.11", python)
	}
	base, err = assemble.InferBase(ctx, f, python, host)
	if f.Base == "" && refusal.Is(err) {
		return "", usagef("--base is missing: name the image to build on, for example --base prefecthq/prefect:2-python3.11. The project does not tell it: %w", err)
	}
	return base, err
}
