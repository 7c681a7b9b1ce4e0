package version

import "strings"

// Repair is one change that made a text readable.
type Repair struct {
	From, To string // the clause as found and as read
	Why      string
}

// ParseSetLenient is [ParseSet] for what projects have published, where mistakes can no longer be corrected. A text that
// ParseSet refuses is read again with repairs, each of which is returned and deserves a warning; the rest is refused with
// the error of ParseSet. It is not meant for what a user wrote.
//
// Repaired are: a missing comma (>=7.2<8), !=~ for a prefix (!=~5.0), .* after <, <=, > or >= (>=1.9.*), a missing dot
// before * (!=3.0*), >dev, .0 after a pre-release (>=9.0a1.0), quotes.
func ParseSetLenient(s string) (Set, []Repair, error) {
	set, err := ParseSet(s)
	if err == nil {
		return set, nil, nil
	}
	var repairs []Repair
	var clauses []string
	for part := range strings.SplitSeq(s, ",") {
		bare := strings.TrimFunc(strings.NewReplacer(`'`, "", `"`, "").Replace(part), IsSpace)
		if bare != trimSpace(part) {
			repairs = append(repairs, Repair{trimSpace(part), bare, "stray quotes"})
		}
		pieces := clausesOf(bare)
		if len(pieces) > 1 {
			repairs = append(repairs, Repair{bare, strings.Join(pieces, ","), "missing comma"})
		}
		for _, from := range pieces {
			to, why := repairClause(from)
			if why != "" {
				repairs = append(repairs, Repair{from, to, why})
			}
			clauses = append(clauses, to)
		}
	}
	set, again := ParseSet(strings.Join(clauses, ","))
	if again != nil {
		return Set{}, nil, err
	}
	return set, repairs, nil
}

// clausesOf cuts s before each operator that follows something else.
func clausesOf(s string) []string {
	var out []string
	start := 0
	for i := 1; i < len(s); i++ {
		if operatorAt(s, i) && !operatorAt(s, i-1) {
			out = append(out, strings.TrimFunc(s[start:i], IsSpace))
			start = i
		}
	}
	if start < len(s) {
		out = append(out, s[start:])
	}
	return out
}

// operatorAt reports whether byte i belongs to an operator; a "!" alone ends an epoch.
func operatorAt(s string, i int) bool {
	if s[i] == '!' {
		return i+1 < len(s) && strings.IndexByte("<>=~", s[i+1]) >= 0
	}
	return strings.IndexByte("<>=~", s[i]) >= 0
}

// repairClause mends one clause, if it knows what is wrong with it.
func repairClause(s string) (repaired, why string) {
	op := s[:len(s)-len(strings.TrimLeft(s, "<>=!~"))]
	text := strings.TrimFunc(s[len(op):], IsSpace)
	number, star := strings.CutSuffix(text, "*")
	number, dot := strings.CutSuffix(number, ".")
	ordered := op == "<" || op == ">" || op == "<=" || op == ">="
	switch {
	case op == "!=~":
		return "!=" + number + ".*", "!=~ is no operator, read as a prefix"
	case star && ordered:
		return op + number, ".* after an operator that takes none"
	case star && !dot && (op == "==" || op == "!="):
		return op + number + ".*", "missing dot"
	case (op == ">" || op == ">=") && text == "dev":
		return op + "0.0.0.dev0", "dev is no version"
	}
	if short, ok := strings.CutSuffix(text, ".0"); ok && op != "===" {
		if p, ok := scan(short); ok && p.local == "" && (p.rank != 0 || p.post != "" || p.dev != "") {
			return op + short, ".0 after a pre-release"
		}
	}
	return s, ""
}
