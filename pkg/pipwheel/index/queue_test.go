package index

import (
	"context"
	"errors"
	"slices"
	"testing"
)

// in lists which places have been let in.
func in(places []*place) (list []int) {
	for i, p := range places {
		select {
		case <-p.turn:
			list = append(list, i)
		default:
		}
	}
	return list
}

func TestQueue(t *testing.T) {
	q := newQueue(2)
	var places []*place
	for range 6 {
		places = append(places, q.join())
	}
	ended, end := context.WithCancelCause(t.Context())
	why := errors.New("why")
	end(why)
	if err := places[2].wait(ended); !errors.Is(err, why) {
		t.Errorf("waited for ever, or not at all: %v", err)
	}
	if err := places[1].wait(t.Context()); err != nil {
		t.Error(err)
	}
	for i, step := range []struct {
		leaves int
		in     []int
	}{
		{2, []int{0, 1}}, // it was not in
		{1, []int{0, 1, 3}},
		{0, []int{0, 1, 3, 4}},
		{3, []int{0, 1, 3, 4, 5}},
		{5, []int{0, 1, 3, 4, 5}},
		{4, []int{0, 1, 3, 4, 5}},
	} {
		places[step.leaves].leave()
		if got := in(places); !slices.Equal(got, step.in) {
			t.Errorf("step %d: %v were let in", i, got)
		}
	}
	if q.free != 2 || len(q.waiting) != 0 {
		t.Errorf("%d free, %d waiting", q.free, len(q.waiting))
	}
}

// TestBodySlots: but for one, not all requests are for wheels.
func TestBodySlots(t *testing.T) {
	for parallel, bodies := range map[int]int{1: 1, 2: 1, 3: 2, 4: 3, 8: 6, 32: 24} {
		c := newClient(t, Options{NoIndex: true, Parallel: parallel})
		if c.bodies.free != bodies || c.slots.free != parallel {
			t.Errorf("of %d, %d are for wheels", c.slots.free, c.bodies.free)
		}
	}
}
