package spec

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestBaseArchive(t *testing.T) {
	for given, want := range map[string]struct {
		Base
		kind Kind
	}{
		"oci-archive:x.tar":                      {Base{Path: "/home/me/shop/x.tar"}, OCIArchive},
		"oci-archive:../x.tgz:v1":                {Base{Path: "/home/me/x.tgz", Tag: "v1"}, OCIArchive},
		"oci-archive:/x:reg.io:5000/a/b:v1":      {Base{Path: "/x", Tag: "reg.io:5000/a/b:v1"}, OCIArchive},
		"oci-archive:/x:@1":                      {Base{Path: "/x", Tag: "@1"}, OCIArchive},
		"oci-archive:-":                          {Base{Path: "-"}, OCIArchive},
		"docker-archive:-":                       {Base{Path: "-"}, DockerArchive},
		"docker-archive:-:app":                   {Base{Path: "-", Tag: "app"}, DockerArchive},
		"docker-archive:./-":                     {Base{Path: "/home/me/shop/-"}, DockerArchive},
		"docker-archive:x.tar":                   {Base{Path: "/home/me/shop/x.tar"}, DockerArchive},
		"docker-archive:x.tar:@0":                {Base{Path: "/home/me/shop/x.tar", Tag: "@0"}, DockerArchive},
		"docker-archive:/x:localhost/app:v1":     {Base{Path: "/x", Tag: "localhost/app:v1"}, DockerArchive},
		"docker-archive:/x:reg.io:5000/team/a:1": {Base{Path: "/x", Tag: "reg.io:5000/team/a:1"}, DockerArchive},
	} {
		b := mustNew(t, flags(func(f *Flags) { f.Base = given }))
		want.Given, want.Kind = given, want.kind
		if diff := cmp.Diff(want.Base, b.Base); diff != "" {
			t.Errorf("%s (-want +got):\n%s", given, diff)
		}
	}
	for given, want := range map[string]Kind{"python": Registry, "reg.io:5000/x": Registry, "oci/x:1": Registry, "oci:x": OCILayout} {
		if got := mustNew(t, flags(func(f *Flags) { f.Base = given })).Base.Kind; got != want {
			t.Errorf("%s: kind %q, want %q", given, got, want)
		}
	}
	for given, want := range map[string]string{
		"oci-archive:":       "--base oci-archive:: write oci-archive:FILE or oci-archive:FILE:TAG; FILE - is standard input, and has no colon",
		"oci-archive:x:":     "--base oci-archive:x:: write oci-archive:FILE or oci-archive:FILE:TAG; FILE - is standard input, and has no colon",
		"docker-archive::v1": "--base docker-archive::v1: write docker-archive:FILE or docker-archive:FILE:NAME:TAG; FILE - is standard input, and has no colon",
		"oci-archive:x:a b":  `--base oci-archive:x:a b: "a b" is no tag; write oci-archive:FILE:TAG`,
		"docker-archive:x:A": "--base docker-archive:x:A: \"A\": not an image reference: repository can only contain the characters `abcdefghijklmnopqrstuvwxyz0123456789_-./`: A; write it as [HOST/]NAME[:TAG] or [HOST/]NAME@sha256:…",
	} {
		wants(t, func(f *Flags) { f.Base = given }, want)
	}
}

func TestOutputArchive(t *testing.T) {
	for given, want := range map[string]struct {
		Output
		kind Kind
	}{
		"oci-archive:x.tar":             {Output{Path: "/home/me/shop/x.tar", Given: "oci-archive:x.tar"}, OCIArchive},
		"oci-archive:../x.tar:v1":       {Output{Path: "/home/me/x.tar", Tag: "v1", Given: "oci-archive:../x.tar"}, OCIArchive},
		"oci-archive:/x:team/app:v1":    {Output{Path: "/x", Tag: "team/app:v1", Given: "oci-archive:/x"}, OCIArchive},
		"docker-archive:x.tar":          {Output{Path: "/home/me/shop/x.tar", Given: "docker-archive:x.tar"}, DockerArchive},
		"docker-archive:/x:app:v1":      {Output{Path: "/x", Tag: "docker.io/library/app:v1", Given: "docker-archive:/x"}, DockerArchive},
		"docker-archive:/x:r.io:5/a:v1": {Output{Path: "/x", Tag: "r.io:5/a:v1", Given: "docker-archive:/x"}, DockerArchive},
		"oci:x":                         {Output{Path: "/home/me/shop/x", Given: "oci:x"}, OCILayout},
		"oci:oci-archive:a/b":           {Output{Path: "/home/me/shop/oci-archive:a/b", Given: "oci:oci-archive:a/b"}, OCILayout},
	} {
		b := mustNew(t, flags(func(f *Flags) { f.Outputs = []string{given} }))
		want.Output.Kind = want.kind
		if *b.Output != want.Output {
			t.Errorf("%s: %+v", given, *b.Output)
		}
	}
	if got := mustNew(t, flags(nil)).Output.Kind; got != OCILayout {
		t.Errorf("default: %q", got)
	}
	for given, want := range map[string]string{
		"oci-archive:":         "-o oci-archive:: write oci-archive:FILE or oci-archive:FILE:TAG; FILE has no colon",
		"docker-archive:x:":    "-o docker-archive:x:: write docker-archive:FILE or docker-archive:FILE:NAME:TAG; FILE has no colon",
		"docker-archive:x:v1":  `-o docker-archive:x:v1: "v1" has no tag; write docker-archive:FILE:NAME:TAG`,
		"docker-archive:-":     "-o docker-archive:-: stdout carries the image reference; name a file or a pipe, such as docker-archive:/dev/fd/3",
		"oci-archive:x:@0":     `-o oci-archive:x:@0: "@0" is no tag; write oci-archive:FILE:TAG`,
		"docker-archive:x:A:1": "-o docker-archive:x:A:1: \"A:1\": not an image reference; write [HOST/]NAME[:TAG]: repository can only contain the characters `abcdefghijklmnopqrstuvwxyz0123456789_-./`: A",
	} {
		wants(t, func(f *Flags) { f.Outputs = []string{given} }, want)
	}
}
