//go:build oracle

package oracle

import (
	"fmt"

	"github.com/layerpack/layerpack/pkg/pipwheel/distname"
	"github.com/layerpack/layerpack/pkg/pipwheel/marker"
)

func (o *oracle) readEnvironments(line []byte) {
	var c struct {
		Environments []map[string]string
		Extras       [][]string
	}
	read(o.t, line, &c)
	o.extras = c.Extras
	for _, e := range c.Environments {
		o.environments = append(o.environments, o.environment(e))
	}
}

// environment builds ours with Linux, where that gives the script's values, and checks that it does.
func (o *oracle) environment(e map[string]string) marker.Environment {
	env := marker.Linux(e["platform_machine"], e["python_full_version"], e["implementation_name"])
	if e["sys_platform"] != "linux" {
		env.OSName, env.SysPlatform, env.PlatformSystem = e["os_name"], e["sys_platform"], e["platform_system"]
	}
	env.PlatformRelease, env.PlatformVersion = e["platform_release"], e["platform_version"]
	if e["python_full_version"] == "3.12.0+" { // no version, so Linux cannot take it apart
		env.PythonVersion, env.ImplementationVersion = "3.12", "3.12.0"
	}
	o.same("environment", e["python_full_version"], "values", map[string]string{
		"os_name": env.OSName, "sys_platform": env.SysPlatform, "platform_system": env.PlatformSystem,
		"platform_machine": env.PlatformMachine, "platform_release": env.PlatformRelease, "platform_version": env.PlatformVersion,
		"python_version": env.PythonVersion, "python_full_version": env.PythonFullVersion,
		"implementation_name": env.ImplementationName, "implementation_version": env.ImplementationVersion,
		"platform_python_implementation": env.PlatformPythonImplementation,
	}, e)
	return env
}

// value writes a result as the script does.
func value(holds bool, err error) string {
	switch {
	case err != nil:
		return "e"
	case holds:
		return "1"
	}
	return "0"
}

func (o *oracle) marker(line []byte) {
	var c struct {
		Text, Str string
		OK        bool
		Values    []string
	}
	read(o.t, line, &c)
	m, err := marker.Parse(c.Text)
	o.same("marker", c.Text, "validity", err == nil, c.OK)
	if err != nil || !c.OK {
		return
	}
	o.same("marker", c.Text, "text", m, c.Str)
	for i := range o.environments {
		env := o.environments[i]
		for j, extras := range o.extras {
			o.same("evaluate", c.Text, fmt.Sprintf("value in environment %d with extras %q", i, extras),
				value(m.Evaluate(env, extras...)), c.Values[j][i:i+1])
		}
	}
}

func (o *oracle) multipleExtras(line []byte) {
	var c struct {
		Text, Value string
		Extras      []string
	}
	read(o.t, line, &c)
	m, err := marker.Parse(c.Text)
	if err != nil {
		o.t.Fatal(err)
	}
	o.same("extras", c.Text, fmt.Sprintf("value with extras %q", c.Extras), value(m.Evaluate(o.environments[0], c.Extras...)), c.Value)
}

func (o *oracle) lock(line []byte) {
	var c struct {
		Text, Str, Value, Outside string
		Extras, Groups            []string
	}
	read(o.t, line, &c)
	m, err := marker.Parse(c.Text)
	if err != nil {
		o.t.Fatal(err)
	}
	env := o.environments[1]
	o.same("lock", c.Text, "text", m, c.Str)
	o.same("lock", c.Text, fmt.Sprintf("value with extras %q and groups %q", c.Extras, c.Groups),
		value(m.EvaluateLock(env, c.Extras, c.Groups)), c.Value)
	o.same("lock", c.Text, "value outside lock files", value(m.Evaluate(env)), c.Outside)
}

func (o *oracle) requirement(line []byte) {
	var c struct {
		Text, Str, Name, Specifier, URL, Marker string
		Extras                                  []string
		OK, Broken                              bool
	}
	read(o.t, line, &c)
	r, err := marker.ParseRequirement(c.Text)
	o.same("requirement", c.Text, "validity", err == nil, c.OK)
	if err != nil || !c.OK || c.Broken {
		return
	}
	o.same("requirement", c.Text, "text", r, c.Str)
	o.same("requirement", c.Text, "name", r.Name, c.Name)
	o.same("requirement", c.Text, "extras", r.Extras, c.Extras)
	o.same("requirement", c.Text, "specifiers", r.Specifiers, c.Specifier)
	o.same("requirement", c.Text, "URL", r.URL, c.URL)
	o.same("requirement", c.Text, "marker", r.Marker, c.Marker)
}

func (o *oracle) name(line []byte) {
	var c struct {
		Text, Normal string
		Valid        bool
	}
	read(o.t, line, &c)
	o.same("name", c.Text, "validity", distname.Valid(c.Text), c.Valid)
	o.same("name", c.Text, "normal form", distname.Normalize(c.Text), c.Normal)
}
