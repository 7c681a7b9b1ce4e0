package assemble

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/layerpack/layerpack/pkg/layers"
	"github.com/layerpack/layerpack/pkg/pipwheel"
	"github.com/layerpack/layerpack/pkg/pipwheel/index"
)

// arrivals are the wheels that come from elsewhere and whose bytes were needed, by file name.
type arrivals struct {
	mu     sync.Mutex
	named  map[string]bool // all that may have to come
	byFile map[string][]*arrival
	shared map[string]*sharing // by what is promised of the wheel
}

// sharing lets the images of a build have one wheel that is on its way.
type sharing struct {
	once sync.Once
	came *arrival
	err  error
}

// arrival is one wheel on its way.
type arrival struct {
	*index.Remote
	// forget throws away what is kept of the wheel, where it is not what was said.
	forget func() error
	// facts are those of the opened wheel, to be kept once its bytes have been verified.
	mu    sync.Mutex
	facts []byte
	// sha256 is what is planned of its bytes; empty as long as nobody says.
	sha256 string
}

// expect says that a wheel comes from elsewhere where its bytes are needed.
func (a *arrivals) expect(file string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.named == nil {
		a.named, a.byFile, a.shared = map[string]bool{}, map[string][]*arrival{}, map[string]*sharing{}
	}
	a.named[file] = true
}

// any reports whether wheels of a layer come from elsewhere.
func (a *arrivals) any(l *blob) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.ContainsFunc(l.layer.Recipe.Wheels, func(w layers.WheelInput) bool { return a.named[w.File] })
}

func (a *arrivals) add(file string, one *arrival) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.byFile[file] = append(a.byFile[file], one)
}

// settle says what a wheel is of which nobody has said it.
func (a *arrivals) settle(one *arrival, sha256 string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	one.sha256 = sha256
}

// begin begins with a wheel, unless another image has.
func (a *arrivals) begin(what string, f func() (*arrival, error)) (*arrival, error) {
	a.mu.Lock()
	s := a.shared[what]
	if s == nil {
		s = &sharing{}
		a.shared[what] = s
	}
	a.mu.Unlock()
	s.once.Do(func() { s.came, s.err = f() })
	return s.came, s.err
}

// of are the wheels of a layer that have been begun with. For another platform there may be another file of the same name.
func (a *arrivals) of(l *blob) []*arrival {
	a.mu.Lock()
	defer a.mu.Unlock()
	var out []*arrival
	for _, w := range l.layer.Recipe.Wheels {
		for _, one := range a.byFile[w.File] {
			if one.sha256 == "" || one.sha256 == w.SHA256 {
				out = append(out, one)
			}
		}
	}
	return out
}

// tell reads the facts of the wheel, once.
func (a *arrival) tell(file string, how pipwheel.Options) (raw []byte, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.facts == nil {
		raw, err = pipwheel.ReadFacts(a, a.Size(), file, how)
		if err != nil {
			return nil, err
		}
		a.facts = raw
	}
	return a.facts, nil
}

// settled waits until the wheel is here and verified, and returns its SHA-256. What was said of one that is
// something else is forgotten.
func (a *arrival) settled(ctx context.Context) (string, error) {
	sum, _, err := a.Wait(ctx)
	if errors.As(err, new(*index.MismatchError)) {
		err = errors.Join(err, a.forget())
	}
	return sum, err
}

// why is what a failure to read the wheel comes from: from how it came, if that failed.
func (a *arrival) why(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if _, failed := a.settled(ctx); failed != nil {
		return failed
	}
	return err
}
