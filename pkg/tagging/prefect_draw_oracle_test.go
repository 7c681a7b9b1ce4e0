//go:build oracle

package tagging

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// drawer makes questions, always the same ones.
type drawer struct{ rnd *rand.Rand }

func newDrawer() drawer { return drawer{rand.New(rand.NewPCG(20, 26))} }

func (d drawer) one(words ...string) string { return words[d.rnd.IntN(len(words))] }

// slugs asks for both kinds of slug of one name.
func (d drawer) slugs() []question {
	name := d.name()
	return []question{{ask: []any{"slug", name}, got: Slug(name)}, {ask: []any{"tag slug", name}, got: TagSlug(name)}}
}

// name draws what a flow or a branch may be called, and much that none is.
func (d drawer) name() string {
	var b strings.Builder
	for range 1 + d.rnd.IntN(8) {
		switch d.rnd.IntN(9) {
		case 0:
			b.WriteString(d.one("My Flow", "etl", "Größe", "Señor", "Ångström", "東京", "데이터 파이프라인", "Привет", "Ελλάδα", "カタカナ", "ひらがな", "シマツチ", "しっぽ", "一覧", "Єдність", "объект", "5€", "שלום", "مرحبا", "नमस्ते", "ไทย",
				"İstanbul", "straße", "ﬁle", "Ⅻ", "½", "①", "𝔸𝟙", "🙂", "№5", "20°C", "K", "Å", "ǅ", "e\u0301", "q\u0307\u0323", "각", "한글", "ｆｕｌｌ", "＆ａｍｐ；", "&＃65；", "café"))
		case 1:
			b.WriteString(d.one("feature/", "release-", "v", "_", ".", "-", "--", "/", "#", "@", ":", " ", "\t", "\n", "'", "''", "’", "\"", "…", "–", "\u00a0", "\u200b", "\u200d", "\u0000", "~", "\\"))
		case 2:
			b.WriteString(d.one("1,000", "1,2,3", "1,,2", "a,1", ",", "1,", "٣,٤", "1，000", "12,34,5", "&#49;,&#50;"))
		case 3:
			b.WriteString(d.one("&amp;", "&lt;", "&eacute;", "&Aacute;", "&apos;", "&quot;", "&nbsp;", "&frac12;", "&sup2;", "&trade;", "&hellip;", "&image;", "&lang;", "&ordf;", "&fnof;",
				"&notanentity;", "&amp", "&;", "&amp;#65;", "&amp;#x42;", "&amp;lt;", "&rsquo;", "&", ";", "&euro;", "&AMP;"))
		case 4:
			fmt.Fprintf(&b, d.one("&#%d;", "&#x%x;", "&#%d", "&#x%X;", "&#X%x;", "&#00%d;"), d.rnd.IntN(0x300))
		case 5:
			b.WriteString(d.one("&#1114112;", "&#55296;", "&#x110000;", "&#xD800;", "&#99999999999999999999;", "&#0;", "&#39;", "&#x27;", "&#x1F642;", "&#38;#x41;", "&#8490;", "&#8217;"))
		case 6:
			for range 1 + d.rnd.IntN(6) {
				b.WriteRune(d.character())
			}
		case 7:
			b.WriteString(strings.Repeat(d.one("a", "B-", "é", "x.y_", "0123456789"), d.rnd.IntN(40)))
		default:
			for range 1 + d.rnd.IntN(12) {
				b.WriteByte(byte(' ' + d.rnd.IntN(0x7f-' ')))
			}
		}
	}
	if b.Len() == 0 {
		return "flow"
	}
	return b.String()
}

// character draws one of the basic plane, of a script, or of a plane above.
func (d drawer) character() rune {
	ranges := [][2]rune{{0x80, 0x250}, {0x250, 0x2000}, {0x2000, 0x2c00}, {0x3000, 0x3400}, {0x4e00, 0x9fff}, {0xa000, 0xd7ff}, {0xe000, 0xffff}, {0x10000, 0x10ffff}}
	r := ranges[d.rnd.IntN(len(ranges))]
	return r[0] + d.rnd.Int32N(r[1]-r[0])
}

// version draws a version of Prefect, or what is none.
func (d drawer) version(major int) string {
	v := fmt.Sprintf("%d.%d", major, d.rnd.IntN(30))
	if d.rnd.IntN(6) > 0 {
		v += fmt.Sprintf(".%d", d.rnd.IntN(30))
	}
	v += d.one("", "", "", "", "rc1", "b2", "a13", ".dev3", "rc1.dev4", ".post1", "-rc.1", "-beta2", "RC1", ".x", " ", " rc1", "!", "-1", "_1", "/", ".é", strings.Repeat(".1", d.rnd.IntN(80)))
	return v + d.one("", "", "", "", "", "+5.g0123abc", "+5.g0123abc.dirty", "+0.untagged.1.gabcdef0", "+local", "+", "+a+b")
}

func (d drawer) imageName(major int) question {
	q := PrefectImage{
		Prefect: d.version(major), Python: d.one("3.7", "3.9", "3.10", "3.11", "3.14", "3.11.4", "3", "x", "é", "3_11"),
		Flavour: d.one("", "", "", "conda", "kubernetes", "my flavour", "-", ".", "Größe", strings.Repeat("long-", d.rnd.IntN(40))),
	}
	if strings.Contains(q.Prefect, "+") {
		q.Commit = "0123456789abcdef0123456789abcdef01234567"
	}
	got, err := PrefectImageName(q)
	return question{ask: []any{"image name", q.Prefect, q.Python, q.Flavour}, got: got, err: err, ref: true}
}

// reference draws the name of an image, every other time a valid one.
func (d drawer) reference() string {
	var b strings.Builder
	if d.rnd.IntN(2) == 0 {
		b.WriteString(d.one("", "", "reg.example/", "localhost:5000/", "Reg.Example:443/"))
		b.WriteString(d.one("", "team/", "team/sub/", "a/b/c/", "x__y/"))
		b.WriteString(d.one("app", "my-flow", "my_flow", "a", "a--b"))
		b.WriteString(d.one("", "", ":1", ":v1.2-x_y"))
		return b.String()
	}
	b.WriteString(d.one("", "", "", "reg.example/", "localhost/", "localhost:5000/", "127.0.0.1:5000/", "[::1]:5000/", "Reg.Example:443/", "UPPER/", "https://reg.example/", "/", "a:b/", "-x.y/", "é.example/"))
	b.WriteString(d.one("", "", "team/", "team/sub/", "a/b/c/", "team//", "./", "../", "x_y/", "x__y/", "x___y/", "a-/"))
	b.WriteString(d.one("app", "flow", "my-flow", "my_flow", "my.flow", "My", "a", "a..b", "", "a b", "größe", "-a", strings.Repeat("n", d.rnd.IntN(300))))
	b.WriteString(d.one("", "", "", ":1", ":latest", ":v1.2-x_y", ":", ":-x", ":.x", ":a:b", "/", "/x", "@sha256:"+strings.Repeat("0a", 32), ":1@sha256:"+strings.Repeat("0a", 32), "@sha256:0a", "@", "@x", ":"+strings.Repeat("t", d.rnd.IntN(140))))
	return b.String()
}

func (d drawer) now() time.Time {
	t := time.Date(2018+d.rnd.IntN(20), time.Month(1+d.rnd.IntN(12)), 1+d.rnd.IntN(28), d.rnd.IntN(24), d.rnd.IntN(60), d.rnd.IntN(60), 0, time.UTC)
	if d.rnd.IntN(3) > 0 {
		t = t.Add(time.Duration(d.rnd.IntN(1_000_000)) * time.Microsecond)
	}
	return t
}

func (d drawer) deploy(major int) question {
	q := DeployImage{Name: d.reference(), Tag: d.one("", "", "", "", "1", "v1.2", ".x", "a b"), Namespace: d.one("", "", "ns", "ns", "reg.example/ns", "NS", "ns/"), Now: d.now(), Prefect: "2.20.26"}
	if major == 3 {
		q.Prefect = "3.8.0"
	}
	got, err := q.Reference()
	return question{ask: []any{"deploy image", q.Name, q.Tag, q.Namespace, instant(q.Now)}, got: got, err: err, ref: true}
}

// instant writes a time as datetime.fromisoformat reads it.
func instant(t time.Time) string { return t.Format("2006-01-02T15:04:05.000000-07:00") }

// storage asks about Prefect 1's Docker storage.
func (d drawer) storage() []question {
	flow := d.name()
	s := StorageImage{RegistryURL: d.one("", "", "", "reg.example/team", "localhost:5000", "reg.example", "reg.example/", "reg.example//team", "localhost:5000/x", "https://reg.example", "/", "//reg", "///reg", ".", "./reg", "reg/..", "R.example/UP", "reg.example/é"), Flows: []string{flow}, Now: d.now()}
	if d.rnd.IntN(2) == 0 {
		s.ImageName = d.one("etl", "team/etl", "etl/", "./etl", "/etl", "My", "a b", "etl:1", "..", ".", "e//t")
	}
	s.ImageTag = d.one("", "", "", "1", "latest", "v1", "-x", "a b", strings.Repeat("t", 1+d.rnd.IntN(200)))
	reference, err := s.Reference()
	directory := d.one("/opt/prefect", "/root/.prefect", "", "/x/")
	version, python := d.one("0.15.3", "1.4.1", "1.0rc1", "0.15rc0", "1.0.0rc0", "master", "a1b2c3d", "my/branch", "1.4.1+5.g0123abc", "1.5rc0+7.gabc", "1.4", "1.4.1.dev0", "rc0", "1.0rc10", "1.1rc00"), d.one("3.6", "3.7", "3.8", "3.9", "3.10")
	base, baseErr := PrefectStorageBase(version, python)
	return []question{
		{ask: []any{"storage image", s.RegistryURL, s.ImageName, s.ImageTag, flow, instant(s.Now)}, got: reference, err: err, ref: true},
		{ask: []any{"flow file", directory, flow}, got: PrefectFlowFile(directory, flow)},
		{ask: []any{"storage base", version, python}, got: []any{base.Image, base.Version}, err: baseErr},
	}
}
