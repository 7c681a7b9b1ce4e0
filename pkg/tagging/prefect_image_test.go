package tagging

import (
	"strings"
	"testing"
	"time"

	"github.com/layerpack/layerpack/pkg/refusal"
)

func TestPrefectImageName(t *testing.T) {
	for _, c := range []struct {
		in   PrefectImage
		want string
	}{
		{PrefectImage{Prefect: "2.20.3", Python: "3.11"}, "prefecthq/prefect:2.20.3-python3.11"},
		{PrefectImage{Prefect: "3.1.9", Python: "3.12", Flavour: "conda"}, "prefecthq/prefect:3.1.9-python3.12-conda"},
		{PrefectImage{Prefect: "3.0.0.RC1", Python: "3.12"}, "prefecthq/prefect:3.0.0rc1-python3.12"},
		{PrefectImage{Prefect: "10.0", Python: "3.12"}, "prefecthq/prefect:10.0-python3.12"},
		{PrefectImage{Prefect: "2.0.0.RC1", Python: "3.9"}, "prefecthq/prefect:2.0.0.RC1-python3.9"},
		{PrefectImage{Prefect: "2.20.1+5.g0123abc.dirty", Python: "3.11"}, "prefecthq/prefect-dev:sha-0123abc-python3.11"},
		{PrefectImage{Prefect: "3.1.1+5.gfedcba98765", Python: "3.11"}, "prefecthq/prefect-dev:sha-fedcba9-python3.11"},
		{PrefectImage{Prefect: "3.1.1+local", Python: "3.11", Commit: "0123abcdef"}, "prefecthq/prefect-dev:sha-0123abc-python3.11"},
		{PrefectImage{Prefect: "2.1.0", Python: "3.11", Flavour: "My flavour"}, "prefecthq/prefect:2.1.0-python3.11-My-flavour"},
	} {
		if got, err := PrefectImageName(c.in); err != nil || got != c.want {
			t.Errorf("%+v: %s, %v; want %s", c.in, got, err, c.want)
		}
	}
	for _, c := range []struct {
		in   PrefectImage
		want string
	}{
		{PrefectImage{Python: "3.11"}, "one is not known"},
		{PrefectImage{Prefect: "3.1.9"}, "one is not known"},
		{PrefectImage{Prefect: "3.x", Python: "3.11"}, "not a version"},
		{PrefectImage{Prefect: "30.x", Python: "3.11"}, "not a version"},
		{PrefectImage{Prefect: "3.1.1+local", Python: "3.11"}, "the commit is not known"},
		{PrefectImage{Prefect: ".x", Python: "3.11"}, "that has no valid tag"},
	} {
		if got, err := PrefectImageName(c.in); !refusal.Is(err) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %s, %v", c.in, got, err)
		}
	}
}

func TestDeployImage(t *testing.T) {
	now := time.Date(2023, 8, 18, 15, 25, 29, 0, time.UTC)
	for _, c := range []struct {
		in   DeployImage
		want string
	}{
		{DeployImage{Name: "team/app:1"}, "team/app:1"},
		{DeployImage{Name: "team/app", Tag: "1"}, "team/app:1"},
		{DeployImage{Name: "app", Namespace: "reg.example/team", Now: now}, "reg.example/team/app:2023-08-18t15-25-29-00-00"},
		{DeployImage{Name: "h.io:5000/a/b/c:2", Namespace: "ns"}, "h.io:5000/a/b/c:2"},
		{DeployImage{Name: "h.io/app:2"}, "h.io/app:2"},
		{DeployImage{Name: "team/app@" + digest, Prefect: "3.4.0"}, "team/app@" + digest},
	} {
		if got, err := c.in.Reference(); err != nil || got != c.want {
			t.Errorf("%+v: %s, %v; want %s", c.in, got, err, c.want)
		}
	}
	for _, c := range []struct {
		in   DeployImage
		want string
	}{
		{DeployImage{Name: "team/app@" + digest}, "that has no valid tag; name the digest in job_variables"},
		{DeployImage{Name: "team/app:1@" + digest}, "name the digest in job_variables"},
		{DeployImage{Name: "team/app:1", Tag: "2"}, "it has a tag, and another is given"},
		{DeployImage{Name: "app:1:2"}, "more than one :"},
		{DeployImage{Name: "Team/App", Tag: "1"}, "not one of a repository"},
		{DeployImage{Name: "-h.io/app", Tag: "1"}, "its host is none"},
		{DeployImage{Name: strings.Repeat("a", 256), Tag: "1"}, "too long"},
		{DeployImage{Name: "app@x", Tag: "1", Prefect: "2.0"}, "no digest"},
		{DeployImage{}, "not one of a repository"},
	} {
		if got, err := c.in.Reference(); !refusal.Is(err) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %s, %v", c.in, got, err)
		}
	}
}

func TestPrefectStorage(t *testing.T) {
	for in, want := range map[string]StorageBase{
		"1.4.1":            {"prefecthq/prefect:1.4.1-python3.9", "1.4.1", false},
		"1.0rc1":           {"prefecthq/prefect:1.0rc1-python3.9", "1.0rc1", false},
		"0.15.0rc0+5.gabc": {"prefecthq/prefect:0.15.0rc0", "0.15.0rc0", false},
		"1.4.1+5.gabc":     {"python:3.9-slim", "master", true},
		"my/branch":        {"python:3.9-slim", "my/branch", true},
	} {
		if got, err := PrefectStorageBase(in, "3.9"); err != nil || got != want {
			t.Errorf("%s: %+v, %v", in, got, err)
		}
	}
	if _, err := PrefectStorageBase("/rc0", "3.9"); !refusal.Is(err) {
		t.Error(err)
	}
	for _, c := range []struct {
		in   StorageImage
		want string
	}{
		{StorageImage{RegistryURL: "reg.example//team/", Flows: []string{"My Flow"}, ImageTag: "1"}, "reg.example/team/my-flow:1"},
		{StorageImage{ImageName: "etl", ImageTag: "1"}, "etl:1"},
		{StorageImage{RegistryURL: "reg.example", ImageName: "./etl"}, "reg.example/etl:0001-01-01t00-00-00-00-00"},
	} {
		if got, err := c.in.Reference(); err != nil || got != c.want {
			t.Errorf("%+v: %s, %v; want %s", c.in, got, err, c.want)
		}
	}
	for _, in := range []StorageImage{
		{},
		{Flows: []string{"a", "b"}},
		{Flows: []string{"!!!"}},
		{RegistryURL: "https://reg.example", ImageName: "etl"},
		{RegistryURL: "r", ImageName: "/etl"},
		{RegistryURL: "//r", ImageName: "etl"},
		{RegistryURL: ".", ImageName: "."},
	} {
		if got, err := in.Reference(); !refusal.Is(err) {
			t.Errorf("%+v: %s, %v", in, got, err)
		}
	}
	if got := PrefectFlowFile("/opt/prefect", "My Flow"); got != "/opt/prefect/flows/my-flow.prefect" {
		t.Error(got)
	}
}

func FuzzPrefectReferences(f *testing.F) {
	f.Add("team/app:1", "", "ns", "3.1.9")
	f.Add("h:1/a@"+digest, "t", "", "2.0+g0123abc")
	f.Fuzz(func(t *testing.T, name, tag, namespace, prefect string) {
		var made []string
		for _, make := range []func() (string, error){
			DeployImage{Name: name, Tag: tag, Namespace: namespace, Prefect: prefect}.Reference,
			StorageImage{RegistryURL: namespace, ImageName: name, ImageTag: tag, Flows: []string{prefect}}.Reference,
			func() (string, error) {
				return PrefectImageName(PrefectImage{Prefect: prefect, Python: tag, Flavour: name})
			},
		} {
			got, err := make()
			if err != nil {
				if !refusal.Is(err) {
					t.Fatalf("no refusal: %v", err)
				}
				continue
			}
			made = append(made, got)
		}
		for _, reference := range made {
			// go-containerregistry wants two characters of a repository on a host, and takes no word for
			// a host because of its capitals alone, as Docker does.
			host, _, _ := strings.Cut(reference, "/")
			capitals := host != strings.ToLower(host) && !strings.ContainsAny(host, ".:")
			if _, err := Base(reference); err != nil && !capitals && !strings.Contains(err.Error(), "must be between 2 and 255") {
				t.Fatalf("%q: %v", reference, err)
			}
		}
	})
}
