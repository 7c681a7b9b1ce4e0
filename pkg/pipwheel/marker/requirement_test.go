package marker

import (
	"errors"
	"slices"
	"testing"
)

func TestParseRequirement(t *testing.T) {
	for _, c := range []struct{ in, text, name, specifiers, url, marker string }{
		{"requests", "requests", "requests", "", "", ""},
		{" \trequests\t ", "requests", "requests", "", "", ""},
		{"A.B-C_D >= 1.0 , < 2 ,", "A.B-C_D<2,>=1.0", "A.B-C_D", "<2,>=1.0", "", ""},
		{"a(>=1)", "a>=1", "a", ">=1", "", ""},
		{"a ( >=1 , <2 ) ; os_name=='b'", `a<2,>=1; os_name == "b"`, "a", "<2,>=1", "", `os_name == "b"`},
		{"a()", "a", "a", "", "", ""},
		{"a[]", "a", "a", "", "", ""},
		{"a [ x , Y_z,x ]==1.*", "a[Y_z,x]==1.*", "a", "==1.*", "", ""},
		{"a;extra=='B_b'", `a; extra == "b-b"`, "a", "", "", `extra == "b-b"`},
		{"a===x,>=1;os_name=='b'", `a===x,>=1; os_name == "b"`, "a", "===x,>=1", "", `os_name == "b"`},
		{"a===", "a===", "a", "===", "", ""},
		{"a==\u00a01", "a==1", "a", "==1", "", ""},
		{"a@https://x/y.whl;z", "a @ https://x/y.whl;z", "a", "", "https://x/y.whl;z", ""},
		{"a[x] @ file:///y.whl ", "a[x] @ file:///y.whl", "a", "", "file:///y.whl", ""},
		{"a @ u ; os_name=='b'", `a @ u ; os_name == "b"`, "a", "", "u", `os_name == "b"`},
	} {
		r, err := ParseRequirement(c.in)
		if err != nil {
			t.Error(err)
			continue
		}
		got := []string{r.String(), r.Name, r.Specifiers.String(), r.URL, r.Marker.String()}
		if want := []string{c.text, c.name, c.specifiers, c.url, c.marker}; !slices.Equal(got, want) {
			t.Errorf("ParseRequirement(%q) = %q, want %q", c.in, got, want)
		}
	}
	r, err := ParseRequirement("Zope_Interface[B.b,a,B-b]")
	if err != nil || r.Key() != "zope-interface" || !slices.Equal(r.ExtraKeys(), []string{"a", "b-b"}) || len(r.Extras) != 3 {
		t.Errorf("%q, %q, %q, %v", r.Key(), r.ExtraKeys(), r.Extras, err)
	}
}

func TestParseRequirementRefuses(t *testing.T) {
	for _, in := range []string{
		"", " ", ">=1", "-a", "a-", "a_", "a_>=1", "a b", "a>=1 <2", "a>=1,,<2", "a,>=1", "a(>=1", "a>=1)", "a[x", "a[x,]", "a[,x]", "a[x y]", "a[x_]",
		"a 1.0", "a==1.0.x", "a>=1.*", "a~=1", "a=1", "a;", "a;os_name", "a @", "a @ ", "a @ u v", "a @ u; os_name=='b'", "a>=1\n", "a\n>=1", "é", "aé",
		"a @ \t;os_name == 'b'", "a===1, >=2", "a\xff", "a[x]]", "https://example.org/a.whl", "./a.whl", "a>=1#c", "a>='1'",
	} {
		r, err := ParseRequirement(in)
		if e := (*Error)(nil); !errors.As(err, &e) || e.Input != in || r.Name != "" {
			t.Errorf("ParseRequirement(%q) = %s, %v, want an *Error", in, r, err)
		}
	}
}

func TestParseRequirementLenient(t *testing.T) {
	for _, c := range []struct {
		in, want string
		repairs  int
	}{
		{"a>=1", "a>=1", 0},
		{"elasticsearch-dsl (>=7.2.0<8.0.0)", "elasticsearch-dsl<8.0.0,>=7.2.0", 1},
		{"jupyter-core (!=~5.0,>=4.12)", "jupyter-core!=5.0.*,>=4.12", 1},
		{"torch[x] (>=1.9.*)", "torch[x]>=1.9", 1},
		{"botocore>=1.3.0,<1.4.0',", "botocore<1.4.0,>=1.3.0", 1},
		{`numpy ">=1.19"; python_version >= "3.7"`, `numpy>=1.19; python_version >= "3.7"`, 1},
		{"a ,>=1", "a>=1", 1},
		{"a>=1 <2", "a<2,>=1", 1},
	} {
		r, repairs, err := ParseRequirementLenient(c.in)
		if err != nil || r.String() != c.want || len(repairs) != c.repairs {
			t.Errorf("ParseRequirementLenient(%q) = %q, %v, %v, want %q after %d repairs", c.in, r, repairs, err, c.want, c.repairs)
		}
	}
	for _, in := range []string{"", "a b", "a>=x", "a>=1; os_nam == 'b'", "a[x>=1", "a @ ", "a>=1 <2; os_name", "0("} {
		if r, _, err := ParseRequirementLenient(in); err == nil || r.Name != "" {
			t.Errorf("ParseRequirementLenient(%q) = %s, want an error", in, r)
		}
	}
}

func FuzzParseRequirement(f *testing.F) {
	for _, s := range []string{
		"requests[security, tests] >= 2.8.1, == 2.8.* ; python_version < '2.7'", "a @ https://x/y;z ; os_name=='b'", "a===x,>=1", "0(", "a (>=1<2')", "A_b[C.d](!=~1)",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		r, err := ParseRequirement(in)
		lenient, repairs, bad := ParseRequirementLenient(in)
		if err == nil && (bad != nil || len(repairs) > 0 || lenient.String() != r.String()) {
			t.Fatalf("%q is valid but was repaired: %s, %v, %v", in, lenient, repairs, bad)
		}
		if bad == nil && err != nil && len(repairs) == 0 {
			t.Fatalf("%q was repaired to %s without saying so", in, lenient)
		}
		if err != nil {
			return
		}
		again, err := ParseRequirement(r.String())
		if err != nil || again.String() != r.String() || again.Key() != r.Key() {
			t.Fatalf("%q reads as %s, and that as %s, %v", in, r, again, err)
		}
	})
}
