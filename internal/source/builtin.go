package source

import (
	"path"
	"strings"
)

// A builtin rule leaves out what a project folder holds but an image should not. They hold
// where a folder has no .dockerignore; an empty .dockerignore turns them all off.
type builtin struct {
	// pattern fits a name by [path.Match], in lower case; one with a slash is the literal end
	// of a path. An empty one fits every path.
	pattern string
	reason  string
	// unless are patterns of names that stay.
	unless []string
	// when looks into the file or folder itself; nil: the name says enough.
	when func(candidate) bool
}

// builtins is the whole list, in the order in which rules are tried.
//
// Two kinds of name are judged by content, since flows need some of them: certificates and
// public keys are PEM files too (a CA bundle must arrive), and a .pyc without its .py is a module.
func builtins() []builtin {
	return []builtin{
		{pattern: ".git", reason: "version control"},
		{pattern: ".hg", reason: "version control"},
		{pattern: ".svn", reason: "version control"},

		{pattern: "", reason: "virtual environment", when: isEnvironment},
		{pattern: ".prefect/flows.json", reason: "written by prefect deploy"},
		{pattern: ".venv", reason: "virtual environment"},
		{pattern: "node_modules", reason: "installed packages"},
		{pattern: ".terraform", reason: "installed packages"},

		{pattern: "", reason: "cache (CACHEDIR.TAG)", when: isCache},
		{pattern: "__pycache__", reason: "cache"},
		{pattern: "*.pyc", reason: "compiled from the .py beside it", when: hasModule},
		{pattern: "*.pyo", reason: "compiled from the .py beside it", when: hasModule},
		{pattern: ".pytest_cache", reason: "cache"},
		{pattern: ".mypy_cache", reason: "cache"},
		{pattern: ".ruff_cache", reason: "cache"},
		{pattern: ".hypothesis", reason: "cache"},
		{pattern: ".tox", reason: "cache"},
		{pattern: ".nox", reason: "cache"},
		{pattern: ".ipynb_checkpoints", reason: "cache"},

		{pattern: ".env", reason: "secrets"},
		{pattern: ".env.*", reason: "secrets", unless: []string{".env.example", ".env.sample", ".env.template", ".env.dist"}},
		{pattern: ".envrc", reason: "secrets"},
		{pattern: "*.tfstate*", reason: "secrets"}, // Terraform's, which also changes at every apply
		{pattern: ".netrc", reason: "credentials"},
		{pattern: "_netrc", reason: "credentials"},
		{pattern: ".pypirc", reason: "credentials"},
		{pattern: ".pgpass", reason: "credentials"},
		{pattern: ".git-credentials", reason: "credentials"},
		{pattern: ".aws", reason: "credentials"},
		{pattern: ".azure", reason: "credentials"},
		{pattern: ".config/gcloud", reason: "credentials"},
		{pattern: "application_default_credentials.json", reason: "credentials"},
		{pattern: ".kube", reason: "credentials"},
		{pattern: ".docker/config.json", reason: "credentials"},
		{pattern: ".dockercfg", reason: "credentials"},
		{pattern: ".prefect/profiles.toml", reason: "credentials"},

		{pattern: ".ssh", reason: "keys"},
		{pattern: ".gnupg", reason: "keys"},
		{pattern: "id_rsa*", reason: "private key", when: holdsPrivateKey},
		{pattern: "id_dsa*", reason: "private key", when: holdsPrivateKey},
		{pattern: "id_ecdsa*", reason: "private key", when: holdsPrivateKey},
		{pattern: "id_ed25519*", reason: "private key", when: holdsPrivateKey},
		{pattern: "*.pem", reason: "private key", when: holdsPrivateKey},
		{pattern: "*.p8", reason: "private key", when: holdsPrivateKey},
		{pattern: "*.asc", reason: "private key", when: holdsPrivateKey},
		{pattern: "*.key", reason: "key", when: notPublic},
		{pattern: "*.ppk", reason: "private key"},
		{pattern: "*.p12", reason: "private key"},
		{pattern: "*.pfx", reason: "private key"},

		{pattern: ".ds_store", reason: "desktop"},
		{pattern: "thumbs.db", reason: "desktop"},
		{pattern: ".idea", reason: "editor"},
		{pattern: ".vscode", reason: "editor"},
		{pattern: "*.swp", reason: "editor"},
		{pattern: "*~", reason: "editor"},
		{pattern: ".#*", reason: "editor"},
	}
}

// builtinRules is the list at work.
type builtinRules []builtin

func (builtinRules) hint() string {
	return "name it in a .dockerignore (which then stands in for the built-in excludes)"
}

func (rules builtinRules) check(c candidate, _ verdict) (verdict, error) {
	for _, b := range rules {
		if b.names(c.rel) && (b.when == nil || b.when(c)) {
			return verdict{rule: strings.TrimSpace("built-in "+b.pattern) + ": " + b.reason}, nil
		}
	}
	return verdict{}, nil
}

// names says whether the rule's pattern fits the end of rel.
func (b *builtin) names(rel string) bool {
	rel = strings.ToLower(rel)
	base := path.Base(rel)
	for _, u := range b.unless {
		if base == u {
			return false
		}
	}
	if strings.Contains(b.pattern, "/") {
		return rel == b.pattern || strings.HasSuffix(rel, "/"+b.pattern)
	}
	hit, err := path.Match(b.pattern, base)
	return b.pattern == "" || err == nil && hit
}
