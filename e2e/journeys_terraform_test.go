//go:build e2e

package e2e

import (
	"encoding/json"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func testTerraform(t *testing.T, p *journeyPage) {
	project := p.project(t, "shop")
	checkout{}.write(t, filepath.Join(project, "main.tf"), []byte(builtin(t, p.take(t, "hcl", "prefect_deployment"))))
	p.shell(t, project, "terraform init", "CHECKPOINT_DISABLE=1")
	apply := p.take(t, "sh", "terraform apply")
	p.shell(t, project, apply, "CHECKPOINT_DISABLE=1")

	var made document
	if err := json.Unmarshal([]byte(read(t, filepath.Join(project, "image.json"))), &made); err != nil {
		t.Fatal(err)
	}
	repository, _, _ := strings.Cut(made.Reference, "/shop:")
	digested := repository + "/shop@" + made.Digest
	var state struct {
		Values struct {
			Root struct {
				Resources []struct {
					Address string
					Values  struct{ Input map[string]any }
				}
			} `json:"root_module"`
		}
	}
	if err := json.Unmarshal([]byte(p.shell(t, project, "terraform show -json")), &state); err != nil {
		t.Fatal(err)
	}
	deployments := 0
	for _, resource := range state.Values.Root.Resources {
		if resource.Address != "terraform_data.deployment_prod" {
			continue
		}
		deployments++
		want := map[string]any{"name": "prod", "path": "/opt/prefect/shop", "entrypoint": "flows.py:etl", "job_variables": `{"image":"` + digested + `"}`}
		for name, value := range want {
			if got := resource.Values.Input[name]; got != value {
				t.Errorf("%s of the deployment is %v, want %v", name, got, value)
			}
		}
	}
	if got := p.image(t, p.open(digested)); deployments != 1 || got.digest != made.Digest || field(got.config, "config", "WorkingDir") != "/opt/prefect/shop" {
		t.Errorf("%d deployments in the state; the image is %s, in %v", deployments, got.digest, field(got.config, "config", "WorkingDir"))
	}
	p.completes(t, p.podman(), p.three.api, p.open(digested))
	if got := strings.TrimSpace(p.shell(t, project, p.take(t, "sh", "jq"))); got != made.Reference+" "+made.Digest {
		t.Errorf("jq finds %q", got)
	}
	// What Terraform left in the folder does not make another image.
	if out := p.shell(t, project, apply, "CHECKPOINT_DISABLE=1"); !strings.Contains(out, "No changes.") {
		t.Errorf("the second time terraform says\n%s", out)
	}
}

var (
	resourceOf  = regexp.MustCompile(`(?ms)^resource "prefect_(\w+)" "(\w+)" \{\n(.*?)^\}\n`)
	referenceTo = regexp.MustCompile(`\bprefect_(\w+)\.(\w+)\.`)
	settings    = regexp.MustCompile(`(?ms)^terraform \{\n.*?^\}\n`)
)

// builtin makes Terraform's own terraform_data of Prefect's resources, with the page's expressions: the provider
// comes from Terraform's registry alone.
func builtin(t *testing.T, hcl string) string {
	t.Helper()
	if !strings.Contains(settings.FindString(hcl), `source = "PrefectHQ/prefect"`) {
		t.Errorf("a reader's Terraform would look for hashicorp/prefect:\n%s", hcl)
	}
	hcl = resourceOf.ReplaceAllString(settings.ReplaceAllString(hcl, ""), "resource \"terraform_data\" \"${1}_$2\" {\n  input = {\n$3  }\n}\n")
	return referenceTo.ReplaceAllString(hcl, "terraform_data.${1}_$2.")
}
