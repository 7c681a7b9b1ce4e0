package store

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// asProcess names, in the environment, what this test binary is to do instead of testing.
const asProcess = "LAYERPACK_TEST_STORE_PROCESS"

func TestMain(m *testing.M) {
	if what := os.Getenv(asProcess); what != "" {
		if err := process(what, os.Args[1], os.Args[2:]); err != nil {
			log.Fatal(err)
		}
		return
	}
	os.Exit(m.Run())
}

// start runs this test binary as another process with the store in dir.
func start(t *testing.T, what, dir string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0], append([]string{dir}, args...)...)
	cmd.Env = append(os.Environ(), asProcess+"="+what, "GORACE=atexit_sleep_ms=0")
	cmd.Stderr = os.Stderr
	if what == "put" || what == "part" {
		cmd.Stderr = nil // killed
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd
}

func process(what, dir string, args []string) error {
	s := With(Options{Dir: dir, Temp: os.TempDir(), Now: time.Now})
	switch what {
	case "put": // writes until it is killed
		for i := 0; ; i++ {
			if err := s.Put("records", strconv.Itoa(i%keyCount), contentOf(i%keyCount, i)); err != nil {
				return err
			}
		}
	case "part": // goes on with content, slowly, until it is killed
		return fetch(s)
	case "share":
		return share(s, args[0])
	case "umask":
		mask, err := strconv.ParseUint(args[0], 8, 32)
		syscall.Umask(int(mask))
		return errors.Join(err, s.Put("records", "k", []byte("x")))
	case "fetch":
		return fetch(s)
	case "nobody":
		return asNobody(func() error { return checkReadOnly(s, args) })
	case "stranger":
		return asNobody(func() error { return checkStrangers(s) })
	}
	return fmt.Errorf("nobody knows how to %s", what)
}

const keyCount = 7

// contentOf is a whole content of a key: its number, a version, and many times the two.
func contentOf(key, version int) []byte {
	line := fmt.Sprintf("%d %d\n", key, version)
	return []byte(strings.Repeat(line, 1+version%3*8_000))
}

// checkWhole fails unless b is one of the contents of a key.
func checkWhole(key int, b []byte) error {
	first, _, _ := strings.Cut(string(b), "\n")
	var k, version int
	if _, err := fmt.Sscanf(first, "%d %d", &k, &version); err != nil || k != key || string(b) != string(contentOf(k, version)) {
		return fmt.Errorf("key %d: %d bytes that nobody put, beginning %q", key, len(b), first)
	}
	return nil
}

// share does all that processes do with a store, to the same keys.
func share(s *Store, seed string) error {
	n, err := strconv.ParseUint(seed, 10, 64)
	if err != nil {
		return err
	}
	random := rand.New(rand.NewPCG(n, n))
	ctx := context.Background()
	for i := range 150 {
		key := random.IntN(keyCount)
		name := strconv.Itoa(key)
		switch random.IntN(12) {
		case 0, 1, 2:
			err = s.Put("records", name, contentOf(key, i))
		case 3:
			_, err = s.Prune(ctx, PruneOptions{MaxSize: 1 << 20})
		case 4:
			_, err = s.Prune(ctx, PruneOptions{})
		case 5:
			err = s.Tidy(ctx)
		case 6:
			_, err = s.Usage(ctx)
		case 7:
			err = s.Delete("records", name)
		case 8:
			err = fetch(s)
		default:
			var b []byte
			if b, err = s.Get("records", name); err == nil {
				err = checkWhole(key, b)
			} else if errors.Is(err, ErrMiss) {
				err = nil
			}
		}
		if err != nil {
			return fmt.Errorf("step %d: %w", i, err)
		}
	}
	return nil
}

// wheel is content that is fetched.
func wheelContent() []byte { return []byte(strings.Repeat("wheel ", 100_000)) }

// fetch brings content into the store as a download does, from where an earlier one ended.
func fetch(s *Store) error {
	want := wheelContent()
	p, err := s.Partial("wheels", "w")
	if err != nil {
		return err
	}
	for p.Size() < int64(len(want)) {
		if _, err := p.Write(want[p.Size():min(p.Size()+10_000, int64(len(want)))]); err != nil {
			return errors.Join(err, p.Close())
		}
	}
	c, err := p.Commit(sha256.Sum256(want))
	if err != nil {
		return errors.Join(err, p.Close())
	}
	b := make([]byte, c.Size())
	if _, err := c.ReadAt(b, 0); err != nil || string(b) != string(want) {
		return fmt.Errorf("fetched %d bytes that differ: %w", len(b), err)
	}
	return c.Close()
}

// asNobody does something as someone whom file permissions bind, whoever runs the tests.
func asNobody(do func() error) error {
	if os.Getuid() == 0 {
		const nobody = 65534
		if err := errors.Join(syscall.Setgroups(nil), syscall.Setgid(nobody), syscall.Setuid(nobody)); err != nil {
			return err
		}
	}
	return do()
}

// checkStrangers uses a folder in which others have what they let nobody read.
func checkStrangers(s *Store) error {
	ctx := context.Background()
	if err := errors.Join(s.Put("records", "k", []byte("x")), s.Tidy(ctx)); err != nil {
		return fmt.Errorf("tidy: %w", err)
	}
	if u, err := s.Usage(ctx); err != nil || u.Entries != 1 || u.Unfinished.Entries != 1 {
		return fmt.Errorf("usage: %+v, %w", u, err)
	}
	if p, err := s.Prune(ctx, PruneOptions{}); err != nil || p.Entries != 1 || p.Unfinished.Entries != 0 {
		return fmt.Errorf("prune: %+v, %w", p, err)
	}
	return nil
}
