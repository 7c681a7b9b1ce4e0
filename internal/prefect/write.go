package prefect

import "strings"

// lineWidth is where a script is folded.
const lineWidth = 88

// stepLines is the step as lines, the dash in the first column and the inputs in column `inputs`, counted from 0.
func stepLines(o InitOptions, inputs int) []string {
	pad := strings.Repeat(" ", inputs)
	out := []string{"- " + StepFunction + ":", pad + "id: " + quoteUnlessPlain(o.id()), pad + "script: >-"}
	for _, line := range fold(o.Command, lineWidth-inputs-2) {
		out = append(out, pad+"  "+line)
	}
	if len(o.Env) > 0 {
		out = append(out, pad+"env:")
		for _, v := range o.Env {
			out = append(out, pad+"  "+quoteUnlessPlain(v.Name)+": "+quoteYAML(v.Value.Text))
		}
	}
	return out
}

// fold breaks the command between a value and the next flag. Joined with spaces the lines are the
// command again, which is what a folded scalar of YAML means.
func fold(command []string, width int) []string {
	out := []string{"layerpack"}
	for i := 0; i < len(command); {
		group := shellWord(command[i])
		for i++; i < len(command) && !strings.HasPrefix(command[i], "-"); i++ {
			group += " " + shellWord(command[i])
		}
		last := &out[len(out)-1]
		if len(*last)+1+len(group) > width {
			out = append(out, group)
			continue
		}
		*last += " " + group
	}
	return out
}

// quoteYAML writes printable text as a double-quoted scalar.
func quoteYAML(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// quoteUnlessPlain leaves names alone that no reader takes for anything but text.
func quoteUnlessPlain(s string) string {
	if strings.ContainsAny(s, "-_") && stepID.MatchString(s) && s[0] > '9' {
		return s
	}
	return quoteYAML(s)
}
