package check

import (
	"slices"
	"strings"
)

// debianPackages says which packages bring libraries: "libgl1 libglib2.0-0 in Debian", with the
// release where only one has it; empty when none is in the table.
func debianPackages(sonames []string) string {
	var where []string
	packages := map[string][]string{}
	for _, soname := range sonames {
		for _, line := range tableLines(soname) {
			in := "Debian"
			switch {
			case len(line) < 3:
			case line[2] == "ubuntu":
				in = "Ubuntu"
			default:
				in = "Debian " + line[2]
			}
			if packages[in] == nil {
				where = append(where, in)
			}
			if !slices.Contains(packages[in], line[1]) {
				packages[in] = append(packages[in], line[1])
			}
		}
	}
	for i, in := range where {
		slices.Sort(packages[in])
		where[i] = strings.Join(packages[in], " ") + " in " + in
	}
	return strings.Join(where, ", ")
}

// tableLines finds the lines of a library; one that is needed as "libgomp.so.1.0.0" is that of "libgomp.so.1" too.
func tableLines(soname string) [][]string {
	for {
		var found [][]string
		for line := range strings.Lines(debianTable) {
			if words := strings.Fields(line); len(words) > 1 && words[0] == soname {
				found = append(found, words)
			}
		}
		cut := strings.LastIndexByte(soname, '.')
		if found != nil || cut < 0 || !strings.Contains(soname[:cut], ".so.") {
			return found
		}
		soname = soname[:cut]
	}
}

// debianTable has shared libraries that Python packages are often built against: soname, package
// of Debian 12 and 13 (a package of 13 that was renamed for 64-bit times provides the older name), and
// the release where it is in one only. From the Contents files of both, but for the few of Debian 11 and Ubuntu.
const debianTable = `
libEGL.so.1 libegl1
libGL.so.1 libgl1
libGLU.so.1 libglu1-mesa
libGLX.so.0 libglx0
libICE.so.6 libice6
libMagickWand-6.Q16.so.6 libmagickwand-6.q16-6 12
libMagickWand-7.Q16.so.10 libmagickwand-7.q16-10 13
libOpenCL.so.1 ocl-icd-libopencl1
libOpenGL.so.0 libopengl0
libSM.so.6 libsm6
libX11-xcb.so.1 libx11-xcb1
libX11.so.6 libx11-6
libXcomposite.so.1 libxcomposite1
libXcursor.so.1 libxcursor1
libXdamage.so.1 libxdamage1
libXext.so.6 libxext6
libXfixes.so.3 libxfixes3
libXi.so.6 libxi6
libXrandr.so.2 libxrandr2
libXrender.so.1 libxrender1
libXss.so.1 libxss1
libXtst.so.6 libxtst6
libaec.so.0 libaec0
libaio.so.1 libaio1 12
libarchive.so.13 libarchive13
libasound.so.2 libasound2
libatk-1.0.so.0 libatk1.0-0
libatk-bridge-2.0.so.0 libatk-bridge2.0-0
libatomic.so.1 libatomic1
libavcodec.so.59 libavcodec59 12
libavcodec.so.61 libavcodec61 13
libavformat.so.59 libavformat59 12
libavformat.so.61 libavformat61 13
libavutil.so.57 libavutil57 12
libavutil.so.59 libavutil59 13
libblosc.so.1 libblosc1
libbluetooth.so.3 libbluetooth3
libbz2.so.1.0 libbz2-1.0
libcairo-gobject.so.2 libcairo-gobject2
libcairo.so.2 libcairo2
libcap.so.2 libcap2
libcares.so.2 libc-ares2
libcholmod.so.3 libcholmod3 12
libcholmod.so.5 libcholmod5 13
libcrypt.so.1 libcrypt1
libcrypto.so.1.1 libssl1.1 11
libcrypto.so.3 libssl3
libct.so.4 libct4
libcups.so.2 libcups2
libcurl-gnutls.so.4 libcurl3-gnutls
libcurl.so.4 libcurl4
libdb-5.3.so libdb5.3
libdbus-1.so.3 libdbus-1-3
libdmtx.so.0 libdmtx0b
libdrm.so.2 libdrm2
libedit.so.2 libedit2
libenchant-2.so.2 libenchant-2-2
libevent-2.1.so.7 libevent-2.1-7
libexpat.so.1 libexpat1
libexslt.so.0 libxslt1.1
libffi.so.7 libffi7 11
libffi.so.8 libffi8
libfftw3.so.3 libfftw3-double3
libfluidsynth.so.3 libfluidsynth3
libfontconfig.so.1 libfontconfig1
libfreetype.so.6 libfreetype6
libgbm.so.1 libgbm1
libgcc_s.so.1 libgcc-s1
libgdal.so.32 libgdal32 12
libgdal.so.36 libgdal36 13
libgdbm.so.6 libgdbm6
libgdk-3.so.0 libgtk-3-0
libgdk_pixbuf-2.0.so.0 libgdk-pixbuf-2.0-0
libgeos_c.so.1 libgeos-c1v5
libgfortran.so.5 libgfortran5
libgio-2.0.so.0 libglib2.0-0
libgirepository-1.0.so.1 libgirepository-1.0-1
libglib-2.0.so.0 libglib2.0-0
libglpk.so.40 libglpk40
libgmp.so.10 libgmp10
libgnutls.so.30 libgnutls30
libgobject-2.0.so.0 libglib2.0-0
libgomp.so.1 libgomp1
libgpgme.so.11 libgpgme11
libgsl.so.27 libgsl27 12
libgsl.so.28 libgsl28 13
libgssapi_krb5.so.2 libgssapi-krb5-2
libgthread-2.0.so.0 libglib2.0-0
libgtk-3.so.0 libgtk-3-0
libharfbuzz.so.0 libharfbuzz0b
libhdf5_serial.so.103 libhdf5-103-1 12
libhdf5_serial.so.310 libhdf5-310 13
libhiredis.so.1 libhiredis1.1.0 13
libhunspell-1.7.so.0 libhunspell-1.7-0
libibverbs.so.1 libibverbs1
libidn2.so.0 libidn2-0
libjpeg.so.62 libjpeg62-turbo
libjpeg.so.8 libjpeg-turbo8 ubuntu
libkrb5.so.3 libkrb5-3
liblber-2.5.so.0 libldap-2.5-0 12
liblber.so.2 libldap2 13
liblcms2.so.2 liblcms2-2
libldap-2.5.so.0 libldap-2.5-0 12
libldap.so.2 libldap2 13
libltdl.so.7 libltdl7
liblz4.so.1 liblz4-1
liblzma.so.5 liblzma5
libmagic.so.1 libmagic1
libmariadb.so.3 libmariadb3
libmemcached.so.11 libmemcached11
libmlx5.so.1 ibverbs-providers
libmodbus.so.5 libmodbus5
libmp3lame.so.0 libmp3lame0
libmpfr.so.6 libmpfr6
libmpi.so.40 libopenmpi3 12
libmpi.so.40 libopenmpi40 13
libmpich.so.12 libmpich12
libmysqlclient.so.21 libmysqlclient21 ubuntu
libncursesw.so.6 libncursesw6
libnetcdf.so.19 libnetcdf19 12
libnetcdf.so.22 libnetcdf22 13
libnettle.so.8 libnettle8
libnghttp2.so.14 libnghttp2-14
libnsl.so.2 libnsl2
libnspr4.so libnspr4
libnss3.so libnss3
libnuma.so.1 libnuma1
libodbc.so.2 libodbc2
libodbcinst.so.2 libodbcinst2
libogg.so.0 libogg0
libopenal.so.1 libopenal1
libopenjp2.so.7 libopenjp2-7
libopus.so.0 libopus0
libpango-1.0.so.0 libpango-1.0-0
libpangocairo-1.0.so.0 libpangocairo-1.0-0
libpangoft2-1.0.so.0 libpangoft2-1.0-0
libpcre.so.3 libpcre3 12
libpcre2-8.so.0 libpcre2-8-0
libpcsclite.so.1 libpcsclite1
libpng16.so.16 libpng16-16
libpoppler-cpp.so.0 libpoppler-cpp0v5 12
libpoppler-cpp.so.2 libpoppler-cpp2 13
libportaudio.so.2 libportaudio2
libpq.so.5 libpq5
libproj.so.25 libproj25
libprotobuf.so.32 libprotobuf32
libpulse.so.0 libpulse0
libpython3.11.so.1.0 libpython3.11 12
libpython3.13.so.1.0 libpython3.13 13
libquadmath.so.0 libquadmath0
librabbitmq.so.4 librabbitmq4
librdkafka.so.1 librdkafka1
librdmacm.so.1 librdmacm1
libreadline.so.8 libreadline8
libsamplerate.so.0 libsamplerate0
libsasl2.so.2 libsasl2-2
libsecret-1.so.0 libsecret-1-0
libsmbclient.so.0 libsmbclient
libsnappy.so.1 libsnappy1v5
libsndfile.so.1 libsndfile1
libsnmp.so.40 libsnmp40
libsodium.so.23 libsodium23
libspatialindex.so.6 libspatialindex6 12
libspatialindex.so.8 libspatialindex8 13
libspatialindex_c.so.6 libspatialindex-c6 12
libspatialindex_c.so.8 libspatialindex-c8 13
libsqlite3.so.0 libsqlite3-0
libssh.so.4 libssh-4
libssh2.so.1 libssh2-1
libssl.so.1.1 libssl1.1 11
libssl.so.3 libssl3
libstdc++.so.6 libstdc++6
libswscale.so.6 libswscale6 12
libswscale.so.8 libswscale8 13
libsybdb.so.5 libsybdb5
libsystemd.so.0 libsystemd0
libtbb.so.12 libtbb12
libtbbmalloc.so.2 libtbbmalloc2
libtcl8.6.so libtcl8.6
libtcl8.6.so.0 libtcl8.6
libtesseract.so.5 libtesseract5
libtiff.so.5 libtiff5 11
libtiff.so.6 libtiff6
libtinfo.so.6 libtinfo6
libtk8.6.so libtk8.6
libtk8.6.so.0 libtk8.6
libudev.so.1 libudev1
liburing.so.2 liburing2
libusb-1.0.so.0 libusb-1.0-0
libuuid.so.1 libuuid1
libvorbis.so.0 libvorbis0a
libvulkan.so.1 libvulkan1
libwebp.so.7 libwebp7
libxcb-cursor.so.0 libxcb-cursor0
libxcb-icccm.so.4 libxcb-icccm4
libxcb-image.so.0 libxcb-image0
libxcb-keysyms.so.1 libxcb-keysyms1
libxcb-render-util.so.0 libxcb-render-util0
libxcb-xinerama.so.0 libxcb-xinerama0
libxcb.so.1 libxcb1
libxkbcommon-x11.so.0 libxkbcommon-x11-0
libxkbcommon.so.0 libxkbcommon0
libxml2.so.2 libxml2
libxmlsec1-openssl.so.1 libxmlsec1-openssl
libxmlsec1.so.1 libxmlsec1
libxslt.so.1 libxslt1.1
libyaml-0.so.2 libyaml-0-2
libz.so.1 zlib1g
libzbar.so.0 libzbar0
libzip.so.4 libzip4 12
libzip.so.5 libzip5 13
libzmq.so.5 libzmq5
libzstd.so.1 libzstd1
`
