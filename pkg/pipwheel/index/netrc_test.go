package index

import (
	"strings"
	"testing"
)

func TestNetrc(t *testing.T) {
	n, err := ParseNetrc("# a comment\nmachine a.example login \"u ser\" password p\\ w#1\nmachine B.example\n\tuser bob\n\tpassword pw # more\n" +
		"macdef init\ncd /x\nmachine no\n\nmachine a2.example account acc password x\ndefault login anyone password at\nmachine b.example login last password wins\n")
	if err != nil {
		t.Fatal(err)
	}
	for host, want := range map[string]string{
		"a.example": "u ser:p w#1", "A.EXAMPLE": "u ser:p w#1", "b.example": "last:wins", "a2.example": "acc:x", "no": "anyone:at", "": "anyone:at",
	} {
		u := n.lookup(host)
		password, _ := u.Password()
		if got := u.Username() + ":" + password; got != want {
			t.Errorf("%s: got %s, want %s", host, got, want)
		}
	}
	if u := (*Netrc)(nil).lookup("x"); u != nil {
		t.Error("no netrc gave credentials")
	}
	for _, text := range []string{"machine", "machine x login", "nonsense s3cret", "machine x s3cret", "macdef", strings.Repeat(" ", maxNetrc+1)} {
		if _, err := ParseNetrc(text); err == nil || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%.20q: %v", text, err)
		}
	}
}
