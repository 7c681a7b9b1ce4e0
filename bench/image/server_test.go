package image

import (
	"slices"
	"testing"
	"time"
)

func TestParseStat(t *testing.T) {
	// A name with a space and parentheses; utime 250, stime 9, cutime 30, cstime 4.
	const stat = "42 (a (b) c) S 1 42 42 0 -1 4194560 1 2 3 4 250 9 30 4 20 0 12 0 100 1 2"
	got, err := parseStat(stat)
	if want := 2800 * time.Millisecond; err != nil || got != want {
		t.Errorf("got %v, %v; want %v", got, err, want)
	}
	for _, bad := range []string{"", "42 (a) S 1", "42 a S 1 42 42 0 -1 4194560 1 2 3 4 250 9 30 4", "42 (a) S 1 42 42 0 -1 4194560 1 2 3 4 x 9 30 4"} {
		if d, err := parseStat(bad); err == nil {
			t.Errorf("%q: no error, but %v", bad, d)
		}
	}
}

func TestMountsBelow(t *testing.T) {
	const table = `/dev/vda / ext4 rw 0 0
overlay /t/w/root/overlay overlay rw 0 0
overlay /t/work overlay rw 0 0
shm /t/w/root/overlay/x/shm tmpfs rw 0 0
`
	got := mountsBelow(table, "/t/w")
	if want := []string{"/t/w/root/overlay/x/shm", "/t/w/root/overlay"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
