package layer

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/layerpack/layerpack/bench/measure"
)

// Setup is what the contenders of one comparison share.
type Setup struct {
	Wheels []string
	Cores  int
	Dir    string  // for blobs
	Want   Listing // what every layer must hold
}

// Contender runs a worker of the binary, which was built with the Go version goVersion. The first blob is
// checked, and later ones must be the same.
func (s Setup) Contender(title, work, binary, goVersion string, maxRounds int) measure.Contender {
	var first *Made
	run := func(ctx context.Context, _ int) ([]measure.Step, error) {
		blob := filepath.Join(s.Dir, "blob")
		args := slices.Concat([]string{"worker", work, strconv.Itoa(s.Cores), blob}, s.Wheels)
		cmd := exec.CommandContext(ctx, binary, args...)
		cmd.Stderr = os.Stderr
		raw, err := cmd.Output()
		if err != nil {
			return nil, fmt.Errorf("%s worker: %w", binary, err)
		}
		var r Report
		if err := json.Unmarshal(raw, &r); err != nil {
			return nil, fmt.Errorf("what the worker says: %w", err)
		}
		if r.Go != goVersion {
			return nil, fmt.Errorf("%s was built with %s, not with %s", binary, r.Go, goVersion)
		}
		if first == nil && r.Made.Digest != "" {
			if err := Check(blob, &r.Made, s.Want); err != nil {
				return nil, err
			}
		}
		if first == nil {
			first = &r.Made
		}
		if r.Made != *first {
			return nil, fmt.Errorf("the blob was %+v in an earlier round and is %+v now", *first, r.Made)
		}
		return []measure.Step{{Result: measure.Result{User: r.User, Wall: r.Wall, Size: r.Made.Size}}}, nil
	}
	return measure.Contender{Name: title, Run: run, MaxRounds: maxRounds}
}
