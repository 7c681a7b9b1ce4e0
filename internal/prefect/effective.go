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

// PullSteps returns the steps that run in the container before the flow is loaded, and whether that is what the file says:
// without, Prefect makes a step up. A list that is written as [] says that there are none from Prefect 3.8.0 on, which is
// believed where the file names no version; before, it is the same as null. A null in a deployment leaves the file's steps
// in force, and takes its [] back.
func (f *File) PullSteps(d Deployment) (steps []Step, explicit bool) {
	switch {
	case len(d.Pull.Steps) > 0:
		return d.Pull.Steps, true
	case f.writtenBefore(3, 8, 0):
		if d.Pull.Written && f.writtenBefore(2, 13, 5) {
			return nil, false // what a deployment writes, be it null, hides the file's
		}
		return f.Pull.Steps, len(f.Pull.Steps) > 0
	case d.Pull.Empty:
		return nil, true
	case len(f.Pull.Steps) > 0:
		return f.Pull.Steps, true
	}
	return nil, f.Pull.Empty && !d.Pull.Written
}
