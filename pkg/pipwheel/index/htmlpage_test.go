package index

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
)

// plainHTML is as indexes write it.
const plainHTML = `<!DOCTYPE html>
<html>
  <head>
    <meta name="pypi:repository-version" content="1.3">
    <title>Links for demo &amp; others</title>
  </head>
  <body>
    <h1>Links for demo</h1>
<a href="https://files.example/demo-1.0.tar.gz#sha256=` + sum64 + `" data-requires-python="&gt;=3.8, &lt;4" data-yanked="a &quot;bad&quot; one" >demo-1.0.tar.gz</a><br />
<a href="https://files.example/demo-1.0-py3-none-any.whl" data-core-metadata="sha256=` + sum64 + `" data-yanked>demo</a><br/>
</body>
</html>
<!--SERIAL 1234-->`

func read(t *testing.T, body string, quick bool) (string, bool) {
	t.Helper()
	p := newHTMLPage(&url.URL{Scheme: "https", Host: "x.example", Path: "/simple/demo/"})
	if quick {
		if !p.quick([]byte(body)) {
			return "", false
		}
	} else if err := p.tokens([]byte(body)); err != nil {
		t.Fatal(err)
	}
	out := fmt.Sprintf("%s %v", p.list.status, p.err)
	for _, f := range p.list.files {
		out += "\n" + describe(f)
	}
	return out, true
}

func TestQuickHTML(t *testing.T) {
	got, ok := read(t, plainHTML, true)
	want, _ := read(t, plainHTML, false)
	if !ok || got != want || strings.Count(got, "\n") != 2 || !strings.Contains(got, `a \"bad\" one`) || !strings.Contains(got, `">=3.8, <4"`) {
		t.Errorf("%v, got\n%s\nwant\n%s", ok, got, want)
	}
	const link = `<a href="demo-1.0.zip">`
	for _, body := range []string{
		link, "text" + link + "</a>", "<title>a</title>" + link, "<!---->" + link, `<a href="&amp;amp;/demo-1.zip"><p><hr>`, `<a href="demo-2.zip" href="demo-3.zip">`,
		`<meta name="pypi:repository-version" content="3.0">` + link, `<base href="/a/">` + link, `<a data-yanked href="demo-1.zip"/>`, "",
	} {
		got, ok := read(t, body, true)
		if want, _ := read(t, body, false); !ok || got != want {
			t.Errorf("%s: read %v, got\n%s\nwant\n%s", body, ok, got, want)
		}
	}
	// What has rules of its own is left to those who know them.
	for _, body := range []string{
		"<script>" + link, "<style>" + link, "<title>" + link, "<!-- " + link, "<!-->" + link, "<!--a-b-->" + link, "<A HREF=x>", "<a href='x'>", "<a href=x>", `<a href="x"b>`,
		`<a href ="x">`, `<a href= "x">`, `<a href="&copy">`, `<a href="&amp">`, "<a href=\"a\rb\">", "<textarea>" + link, "<svg>" + link, "<?x>" + link, "</a >" + link, "< a>", "<a", `<a href="`,
		"<a href", "<plaintext>" + link, "<title>a", strings.Repeat("x", maxToken+1), "</", "<",
	} {
		if got, ok := read(t, body, true); ok {
			t.Errorf("%.50s: read as %s", body, got)
		}
	}
}
