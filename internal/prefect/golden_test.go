package prefect

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

var usual = []string{"--base", "prefecthq/prefect:2-python3.11", "-t", "{{ $IMAGE }}"}

// goldens are files as `prefect init` of Prefect 2.20.25 and 3.8.3 writes them, with every recipe that
// differs for us, the templates that it starts from (in that of 2.11 the Dockerfile is filled in), and files as people write them.
var goldens = map[string]InitOptions{
	"2-docker":        {Command: usual, Replace: true},
	"2-docker-s3":     {Command: usual, Replace: true, All: true},
	"2-local":         {Command: usual, All: true},
	"3-docker":        {Command: usual, Replace: true},
	"3-docker-git":    {Command: usual, Replace: true},
	"3-docker-s3":     {Command: usual, Replace: true},
	"3-git":           {Command: usual, All: true},
	"3-local":         {Command: usual},
	"3-template":      {Command: usual, All: true, Pull: "/opt/prefect/shop"},
	"2.11-docker-git": {Command: usual, Replace: true},
	"by-hand":         {Command: append(usual, "--label", "it's=a \"b\"", "--pip", "pandas>=2", "--pip", "prefect-aws", "--env", "TZ=UTC"), Deployments: []string{"daily", "weekly"}, Pull: "/opt/prefect/orders", Env: []Variable{{Name: "LAYERPACK_PASSWORD", Value: Value{Text: "{{ prefect.blocks.secret.registry }}"}}}},
	"crlf":            {Command: usual, Replace: true},
	"carried":         {Command: []string{"--base", "prefecthq/prefect:2-python3.11", "--tag", "registry.example.com/new/shop:{{ commit.stdout }}", "--label", "team=ours"}, Replace: true},
}

func TestInitGolden(t *testing.T) {
	for name, o := range goldens {
		text, err := os.ReadFile(filepath.Join("testdata", "init", name+".yaml"))
		if err != nil {
			t.Fatal(err)
		}
		got, err := Init(text, o)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		golden := filepath.Join("testdata", "init", name+".want")
		if *update {
			if err := os.WriteFile(golden, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s: got\n%s", name, got)
		}
		again, err := Init(got, o)
		if err != nil || !bytes.Equal(again, got) {
			t.Errorf("%s, again: %v\n%s", name, err, again)
		}
		if lone := strings.ReplaceAll(string(got), "\r\n", ""); bytes.Contains(text, []byte("\r\n")) && strings.ContainsAny(lone, "\r\n") {
			t.Errorf("%s: line ends are mixed: %q", name, got)
		}
	}
}

// Every directory of files is looked at, so that none is left behind without its options.
func TestGoldensAreAllUsed(t *testing.T) {
	files, err := filepath.Glob("testdata/init/*.yaml")
	if err != nil || len(files) != len(goldens) {
		t.Errorf("%d files, %d tests, %v", len(files), len(goldens), err)
	}
}
