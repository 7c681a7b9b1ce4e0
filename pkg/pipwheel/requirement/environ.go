package requirement

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// expand replaces ${NAME} by the variable's value; one that is unset or empty stays as it is. Names are upper-case letters,
// digits and "_" (IEEE Std 1003.1). It reports whether a value was put in.
//
// A variable that holds credentials of a registry or a cloud is an error, set or not: a file that comes with a project
// could send it to an index of its choice.
func (r Reader) expand(text string) (string, bool, error) {
	expanded := false
	if !strings.Contains(text, "${") {
		return text, false, nil
	}
	for _, m := range regexp.MustCompile(`\$\{([A-Z0-9_]+)\}`).FindAllStringSubmatch(text, -1) {
		name := m[1]
		if secret(name) && (!slices.Contains(r.Permit, name) || strings.HasPrefix(name, "LAYERPACK_")) {
			return "", false, fmt.Errorf("${%s} may hold credentials of a registry or a cloud and is not put into requirements; "+
				"give an index its credentials by netrc or PIP_INDEX_URL, or use a variable made for it", name)
		}
		if r.Getenv == nil {
			continue
		}
		if value, ok := r.Getenv(name); ok && value != "" {
			text, expanded = strings.ReplaceAll(text, m[0], value), true
		}
	}
	return text, expanded, nil
}

// secret reports whether a variable is, by its name, one that registries, clouds or CI systems keep credentials in.
func secret(name string) bool {
	for _, prefix := range []string{
		"LAYERPACK_", "AWS_", "AZURE_", "ARM_", "GOOGLE_", "GCP_", "GCLOUD_", "CLOUDSDK_", "DOCKER_", "REGISTRY_", "CI_REGISTRY", "CI_DEPLOY",
		"ACTIONS_", "KUBE", "ALIBABA_CLOUD_", "OCI_CLI_", "IBMCLOUD_", "DIGITALOCEAN_", "HCLOUD_", "QUAY_", "GHCR_", "ECR_", "ACR_", "GCR_",
		"UV_INDEX_", "UV_PUBLISH_", "POETRY_HTTP_BASIC_", "POETRY_PYPI_", "TWINE_", "PDM_PYPI_", "PDM_PUBLISH_", "HATCH_INDEX_", "FLIT_",
		"HARBOR_", "PREFECT_API_", "COSIGN_", "VAULT_", "SSH_",
	} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return slices.Contains([]string{
		"GITHUB_TOKEN", "GH_TOKEN", "GH_ENTERPRISE_TOKEN", "GITHUB_PAT", "GITLAB_TOKEN", "CI_JOB_TOKEN", "CI_JOB_JWT", "CI_JOB_JWT_V2",
		"CI_BUILD_TOKEN", "SYSTEM_ACCESSTOKEN", "BITBUCKET_STEP_OIDC_TOKEN", "CIRCLE_OIDC_TOKEN", "CIRCLE_OIDC_TOKEN_V2", "CR_PAT",
		"NETRC", "PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_PROXY", "PIP_FIND_LINKS", "UV_FIND_LINKS", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY",
		"UV_INDEX_URL", "UV_EXTRA_INDEX_URL", "UV_INDEX", "UV_DEFAULT_INDEX",
		"IDENTITY_HEADER", "MSI_SECRET",
	}, name)
}

// redact takes the user information out of URLs in a text.
func redact(text string) string {
	if !strings.Contains(text, "://") {
		return text
	}
	return regexp.MustCompile(`([A-Za-z][A-Za-z0-9+.-]*://)[^/?#\s]*@`).ReplaceAllString(text, "${1}****@")
}
