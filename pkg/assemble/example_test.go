package assemble_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/layerpack/layerpack/pkg/assemble"
)

// A program says what a command line would say, and what of the machine may be used.
func Example() {
	dir, err := os.MkdirTemp("", "example-*")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a folder for temporary files
	if err := prepare(dir); err != nil {
		fmt.Println(err)
		return
	}

	b, err := assemble.NewBuild(assemble.Flags{
		Base:    "oci:base", // or "prefecthq/prefect:2-python3.11"
		Dir:     filepath.Join(dir, "shop"),
		Outputs: []string{"oci:image"}, // or Tags
		Env:     []string{"MODE=production"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	res, err := assemble.Run(context.Background(), b, assemble.Host{TempDir: dir})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(res.Platform)
	for _, l := range res.Layers {
		fmt.Println(l.Role, l.Title, l.How)
	}
	// Output:
	// linux/amd64
	// base  written
	// base  written
	// base  written
	// source /opt/prefect/shop written
}
