package resolve

import (
	"maps"
	"slices"
	"testing"
)

func TestInstalled(t *testing.T) {
	const prefect = `
		base prefect 2.20.1: pendulum<3 | pydantic>=1.10,<3
		base pendulum 2.1.2
		base pydantic 2.8: pydantic-core==2.20
		base pydantic-core 2.20
		prefect 2.20.1: pendulum<3 | pydantic>=1.10,<3
		prefect 3.0: pendulum>=3 | pydantic>=2
		pendulum 3.0
		pendulum 0.4
		pydantic 2.11: pydantic-core==2.33
		pydantic 3.0: pydantic-core==3.0
		pydantic-core 2.33
		pydantic-core 3.0
		`
	for _, c := range []struct{ name, lines, want string }{
		{"stays", "ask prefect", "pendulum 2.1.2 base\nprefect 2.20.1 base\npydantic 2.8 base\npydantic-core 2.20 base"},
		{"needs no index", "base lone 1\nask lone", "lone 1 base"},
		{"makes way with what it needs", "fastapi 1: pydantic>=2.9\nask fastapi", "fastapi 1\npydantic 2.11 for 2.8\npydantic-core 2.33 for 2.20"},
		{"what stays limits what is replaced", "x 1: pydantic>2.8\nask x", "pydantic 2.11 for 2.8\npydantic-core 2.33 for 2.20\nx 1"},
		{"is replaced when it is asked for", "ask prefect>=3", "pendulum 3.0 for 2.1.2\nprefect 3.0 for 2.20.1\npydantic 2.8 base\npydantic-core 2.20 base"},
		{"what is asked for may be replaced with it", "ask prefect\nask pendulum>=3", "pendulum 3.0 for 2.1.2\nprefect 3.0 for 2.20.1\npydantic 2.8 base\npydantic-core 2.20 base"},
		{"an override frees it", "override pendulum>=3\nask pendulum", "pendulum 3.0 for 2.1.2"},
		{"upgraded", "upgrade pydantic\nask pydantic", "pydantic 2.11 for 2.8\npydantic-core 2.33 for 2.20"},
		{"upgraded, all", "upgrade\nask prefect", "pendulum 3.0 for 2.1.2\nprefect 3.0 for 2.20.1\npydantic 3.0 for 2.8\npydantic-core 3.0 for 2.20"},
		{"what was broken before stays broken", "base odd 1: pydantic-core<1\nask pydantic", "pydantic 2.8 base\npydantic-core 2.20 base"},
		{"what it lacks is added", "base thin 1: extra-thing\nextra-thing 4\nask thin", "extra-thing 4\nthin 1 base"},
		{"a lock goes first", "prefer pydantic 2.11\nask pydantic", "pydantic 2.11 for 2.8\npydantic-core 2.33 for 2.20"},
		{"from the URL that is asked for", "base own 1 [url=https://h/own.whl]\nask own @ https://h/own.whl", "own 1 base"},
		{"not from the URL that is asked for", "base own 1\nurl https://h/own.whl own 1\nask own @ https://h/own.whl", "own 1 for 1"},
		{"kept", "ask add-on\nadd-on 2: prefect>=3\nadd-on 1: prefect\nkeep prefect", "add-on 1\npendulum 2.1.2 base\nprefect 2.20.1 base\npydantic 2.8 base\npydantic-core 2.20 base"},
	} {
		t.Run(c.name, func(t *testing.T) { expect(t, prefect+c.lines, c.want) })
	}
}

// What the base has is not asked for anywhere.
func TestInstalledAsksNothing(t *testing.T) {
	w := parseWorld(t, `
		base prefect 2.20.1: pendulum<3
		base pendulum 2.1.2
		pandas 1: numpy
		numpy 1
		ask prefect
		ask pandas`)
	if _, err := w.resolve(); err != nil {
		t.Fatal(err)
	}
	got := slices.Sorted(maps.Keys(w.asked))
	if want := []string{"numpy", "numpy 1", "pandas", "pandas 1"}; !slices.Equal(got, want) {
		t.Errorf("asked for %q, want %q", got, want)
	}
}
