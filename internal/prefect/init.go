package prefect

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/layerpack/layerpack/pkg/refusal"
)

// InitOptions say what Init writes.
type InitOptions struct {
	// Command is what follows the word layerpack, a word each; templates such as {{ $IMAGE }} are for
	// Prefect to fill in. Without a word the file must have a step that runs layerpack, which stays as it is.
	Command []string
	ID      string     // by which templates name the step; "" is build-image
	Env     []Variable // environment of the step, such as a password from {{ prefect.blocks.secret.NAME }}

	Deployments []string // whose image becomes the step's; names as in the file
	All         bool     // the image of every deployment
	Replace     bool     // the step takes the place of build_docker_image, and push_docker_image goes
	Pull        string   // absolute directory for set_working_directory, where the file has no pull step; "" leaves pull alone

	// Note is told, once all is written, what a reader of the file would not expect; nil tells nobody.
	Note func(text string)
}

// An OptionError says that what Init was told cannot be written into any file.
type OptionError struct{ reason string }

func (e *OptionError) Error() string { return e.reason }

func optionErrorf(format string, args ...any) error {
	return &OptionError{reason: fmt.Sprintf(format, args...)}
}

// StepFunction is the function that runs layerpack; Prefect has it under this name since 2.10.13.
const StepFunction = "prefect.deployments.steps.run_shell_script"

const defaultID = "build-image"

func (o InitOptions) id() string {
	if o.ID == "" {
		return defaultID
	}
	return o.ID
}

func (o InitOptions) reference() string { return "{{ " + o.id() + ".stdout }}" }

// Init writes the step that runs layerpack into the text of a prefect.yaml, and where asked the image into
// job_variables. Every byte outside the inserted lines and the replaced values stays as it is: comments, quotes,
// order, indentation and line ends. What is there already is not written again. It refuses, with the line, a
// file that it cannot edit without touching more: flow style where a line must go in, an alias whose other users
// would change with it, a step that makes another image, or that says with Replace what layerpack cannot. Words that no
// file could take give an [*OptionError].
func Init(text []byte, o InitOptions) ([]byte, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	if !utf8.Valid(text) {
		return nil, refusal.New(input, "it is not UTF-8", "save it as UTF-8 without changing anything else")
	}
	before, err := Read(text)
	if err != nil {
		return nil, err
	}
	e := editor{text: text, indent: indentation(text)}
	if e.asked, err = o.asked(before); err != nil {
		return nil, err
	}
	if o.Replace {
		if o, err = e.swap(before, o); err != nil {
			return nil, err
		}
	}
	now, err := Read(e.text)
	if err != nil {
		return nil, err
	}
	if o.ID, err = e.step(now, o); err != nil {
		return nil, err
	}
	if err := e.images(before, o); err != nil {
		return nil, err
	}
	if err := e.pull(before, o); err != nil {
		return nil, err
	}
	if err := e.confirm(before, o); err != nil {
		return nil, err
	}
	if o.Note != nil {
		for _, note := range e.notes {
			o.Note(note)
		}
	}
	return e.text, nil
}

// Snippet is the step as Init writes it, for a file that Init refuses.
func Snippet(o InitOptions) (string, error) {
	if err := o.check(); err != nil {
		return "", err
	}
	if len(o.Command) == 0 {
		return "", optionErrorf("no words for layerpack are given")
	}
	return "build:\n" + strings.Join(stepLines(o, 4), "\n") + "\n", nil
}

var stepID = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_-]*$`)

func (o InitOptions) check() error {
	if !stepID.MatchString(o.id()) {
		return optionErrorf("a step's id has letters, digits, _ and - only, not %q", o.ID)
	}
	if o.Pull != "" && !strings.HasPrefix(o.Pull, "/") {
		return optionErrorf("the directory of the pull step is in the container and absolute, not %q", o.Pull)
	}
	texts := append([]string{o.Pull}, o.Command...)
	for _, v := range o.Env {
		texts = append(texts, v.Name, v.Value.Text)
		if v.Name == "" {
			return optionErrorf("a variable of the step's environment has no name")
		}
	}
	for _, t := range texts {
		for _, r := range t {
			// What Prefect or a YAML reader may take for the end of a line is not printable.
			if !unicode.IsPrint(r) || r == utf8.RuneError {
				return optionErrorf("%q cannot be written in a step: it has the character %U", t, r)
			}
		}
	}
	return nil
}

// step writes the step into build, unless it is there, and returns its id.
func (e *editor) step(f *File, o InitOptions) (string, error) {
	for _, s := range f.Build.Steps {
		if c, ok := s.Layerpack(); ok {
			return sameStep(s, c, o)
		}
		if err := e.foreign(f, s); err != nil {
			return "", err
		}
	}
	if len(o.Command) == 0 {
		return "", refusal.New(input, "no step of build runs layerpack", "say what the step is to run")
	}
	for _, s := range f.Build.Steps {
		if s.ID == o.id() {
			return "", errAt(s.Line, fmt.Sprintf("a step with the id %s is there already", s.ID), "choose another id")
		}
	}
	root, err := e.root()
	if err != nil {
		return "", err
	}
	return o.id(), e.list(root, "build", stepLines(o, e.indent.inputs))
}

// sameStep compares the step that is there with the one that is asked for.
func sameStep(s Step, c Command, o InitOptions) (string, error) {
	if s.ID == "" {
		return "", errAt(s.Line, "the step that runs layerpack has no id, so no deployment can name its image", "write id: "+o.id()+" below it")
	}
	if len(o.Command) == 0 {
		return s.ID, nil
	}
	// Both are split again: a placeholder in a word of ours may have brought spaces.
	want, err := words(CommandLine(o.Command))
	if err != nil {
		return "", err
	}
	env := s.Map("env")
	args := c.Args
	if o.Replace {
		args = withoutCarried(args, want[1:])
	}
	same := s.ID == o.id() && equalWords(args, want[1:]) && c.Lines == 1 && len(env) == len(o.Env)
	for i := 0; same && i < len(env); i++ {
		same = env[i].Name == o.Env[i].Name && env[i].Value.Text == o.Env[i].Value.Text
	}
	if !same {
		return "", errAt(s.Line, "a step that runs layerpack is there already, with other words or another id",
			"edit it, or remove it and run init again")
	}
	return s.ID, nil
}

func equalWords(a, b []string) bool {
	if len(b) > 0 && b[0] == "build" {
		b = b[1:]
	}
	return slices.Equal(a, b)
}

// pull writes set_working_directory where the file has no pull step. A list that is written as [] is one for Prefect 3.8.0
// and later alone.
func (e *editor) pull(f *File, o InitOptions) error {
	if o.Pull == "" || len(f.Pull.Steps) > 0 {
		return nil
	}
	if older, known := f.olderThan(3, 8, 0); f.Pull.Empty && known && !older {
		return nil
	}
	root, err := e.root()
	if err != nil {
		return err
	}
	return e.list(root, "pull", []string{
		"- prefect.deployments.steps.set_working_directory:",
		strings.Repeat(" ", e.indent.inputs) + "directory: " + quoteYAML(o.Pull),
	})
}

// confirm reads the result as Prefect will and compares every deployment with what was asked.
func (e *editor) confirm(before *File, o InitOptions) error {
	after, err := Read(e.text)
	if err != nil {
		return err
	}
	if len(after.Deployments) != len(before.Deployments) {
		return e.unsafe(0, "a deployment")
	}
	for i, d := range after.Deployments {
		want := before.Deployments[i].Image.Text
		if e.asked[i] {
			want = o.reference()
		}
		if d.Image.Text != want {
			return e.unsafe(d.Line, "the image of "+d.Title())
		}
	}
	return nil
}

// asked says for each deployment whether the options name it.
func (o InitOptions) asked(f *File) ([]bool, error) {
	asked, known := make([]bool, len(f.Deployments)), map[string]bool{}
	var names []string
	for i, d := range f.Deployments {
		asked[i] = o.All || d.Name.Text != "" && slices.Contains(o.Deployments, d.Name.Text)
		known[d.Name.Text] = true
		names = append(names, d.Name.Text)
	}
	for _, name := range o.Deployments {
		if !known[name] || name == "" {
			return nil, refusal.New(input, fmt.Sprintf("it has no deployment %q", name), "name one of: "+strings.Join(names, ", "))
		}
	}
	return asked, nil
}

// root parses the text as it is now; it is nil of an empty file.
func (e *editor) root() (*yaml.Node, error) {
	root, err := parse(e.text)
	if err == nil && root != nil && root.Style&yaml.FlowStyle != 0 {
		err = errAt(root.Line, "the file is written in flow style, in braces", "write a line for each key, without braces")
	}
	return root, err
}
