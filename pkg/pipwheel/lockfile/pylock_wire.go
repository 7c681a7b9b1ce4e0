package lockfile

// The wire types are pylock.toml as TOML has it; unknown keys are ignored (PEP 751, "lock-version").
type wireLock struct {
	LockVersion    *string        `toml:"lock-version"`
	CreatedBy      *string        `toml:"created-by"`
	Environments   *[]string      `toml:"environments"`
	RequiresPython string         `toml:"requires-python"`
	Extras         []string       `toml:"extras"`
	Groups         []string       `toml:"dependency-groups"`
	DefaultGroups  []string       `toml:"default-groups"`
	Packages       *[]wirePackage `toml:"packages"`
}

type wirePackage struct {
	Name           *string        `toml:"name"`
	Version        string         `toml:"version"`
	Marker         string         `toml:"marker"`
	RequiresPython string         `toml:"requires-python"`
	Index          string         `toml:"index"`
	Wheels         []wireFile     `toml:"wheels"`
	Sdist          *wireFile      `toml:"sdist"`
	Archive        *wireFile      `toml:"archive"`
	VCS            *wireVCS       `toml:"vcs"`
	Directory      *wireDirectory `toml:"directory"`
}

type wireFile struct {
	Name         string            `toml:"name"`
	URL          string            `toml:"url"`
	Path         string            `toml:"path"`
	Size         int64             `toml:"size"`
	UploadTime   any               `toml:"upload-time"`
	Hashes       map[string]string `toml:"hashes"`
	Subdirectory string            `toml:"subdirectory"`
}

type wireVCS struct {
	Type              string `toml:"type"`
	URL               string `toml:"url"`
	Path              string `toml:"path"`
	RequestedRevision string `toml:"requested-revision"`
	CommitID          string `toml:"commit-id"`
	Subdirectory      string `toml:"subdirectory"`
}

type wireDirectory struct {
	Path         *string `toml:"path"`
	Editable     bool    `toml:"editable"`
	Subdirectory string  `toml:"subdirectory"`
}
