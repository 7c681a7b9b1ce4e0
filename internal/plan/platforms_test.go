package plan

import (
	"fmt"
	"testing"

	"github.com/layerpack/layerpack/internal/fakewheel"
	"github.com/layerpack/layerpack/pkg/layers"
)

// TestPureLayersOfPlatforms: pure wheels are in the same layers on every platform, to the byte,
// whatever native wheels are beside them; native layers are not.
func TestPureLayersOfPlatforms(t *testing.T) {
	var pure []fakewheel.Wheel
	for i := range 20 {
		pure = append(pure, wheel(fmt.Sprintf("pure%d", i), "", noise(uint64(i), 500)))
	}
	pure = append(pure, bigWheel("zbig", "", ""))
	for _, limit := range []int64{0, 20_000} {
		of := func(platform, machine, tag string, natives ...string) map[layers.Role][]string {
			wheels := pure
			for _, n := range natives {
				wheels = append(wheels[:len(wheels):len(wheels)], wheel(n, tag, machine))
			}
			in := project(t, "x = 1\n", 3, wheels...)
			in.Platform, in.Build.MaxLayerSize, in.Profile.Python.Machine = platform, limit, machine
			p, _, err := Make(in)
			if err != nil {
				t.Fatal(err)
			}
			out := map[layers.Role][]string{}
			for _, l := range wheelLayers(p) {
				out[l.Recipe.Role] = append(out[l.Recipe.Role], string(l.Key)+" "+built(t, l, layers.Gzip).Digest.String())
			}
			return out
		}
		amd := of("linux/amd64", "x86_64", native, "fast")
		arm := of("linux/arm64", "aarch64", "cp311-cp311-manylinux_2_17_aarch64", "fast", "faster")
		if a, b := fmt.Sprint(amd[layers.RolePure]), fmt.Sprint(arm[layers.RolePure]); a != b || len(amd[layers.RolePure]) < pureBuckets {
			t.Errorf("limit %d: pure layers on amd64 %s, on arm64 %s", limit, a, b)
		}
		if len(amd[layers.RoleNative]) != 1 || len(arm[layers.RoleNative]) != 2 || amd[layers.RoleNative][0] == arm[layers.RoleNative][0] {
			t.Errorf("limit %d: native layers on amd64 %q, on arm64 %q", limit, amd[layers.RoleNative], arm[layers.RoleNative])
		}
	}
}
