package prefect

// BuildSteps returns the steps that build for a deployment: its own, else those of the file. A
// build that is written with null switches the file's off.
func (f *File) BuildSteps(d Deployment) []Step {
	if d.Build.Written {
		return d.Build.Steps
	}
	return f.Build.Steps
}

// PushSteps returns the steps that push for a deployment; null does not switch the file's off in Prefect 3.
func (f *File) PushSteps(d Deployment) []Step {
	if len(d.Push.Steps) > 0 {
		return d.Push.Steps
	}
	return f.Push.Steps
}

// PullSteps returns the steps that run in the container before the flow is loaded, and whether
// there are any that were written: without, Prefect makes one up, unless explicit says that the
// list is written as []. A pull of null in a deployment leaves the file's in force (from 2.20 on).
func (f *File) PullSteps(d Deployment) (steps []Step, explicit bool) {
	for _, s := range []Section{d.Pull, f.Pull} {
		if len(s.Steps) > 0 || s.Empty {
			return s.Steps, true
		}
	}
	return nil, false
}
