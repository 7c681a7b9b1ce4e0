package layer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"
	"time"
)

// Report is what a worker prints.
type Report struct {
	User, Wall time.Duration
	Made       Made
	Go         string // the Go version that the worker was built with
}

// Run is the worker's main: args are a contender's name, the number of cores, the file for the blob,
// and the wheels.
func Run(ctx context.Context, args []string, stdout io.Writer) (err error) {
	if len(args) < 4 {
		return errors.New("want NAME CORES OUT and wheels")
	}
	work, ok := Works()[args[0]]
	if !ok {
		return fmt.Errorf("no contender %q", args[0])
	}
	cores, err := strconv.Atoi(args[1])
	if err != nil {
		return err
	}
	runtime.GOMAXPROCS(cores)
	out, err := os.Create(args[2])
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	var clock Clock
	made, err := work(ctx, Input{Wheels: args[3:], Out: out, Cores: cores}, &clock)
	if err != nil {
		return err
	}
	return json.NewEncoder(stdout).Encode(Report{clock.User, clock.Wall, *made, runtime.Version()})
}
