#!/bin/sh
# Installs a release of fleet-cmp, of which it verifies the checksum.
#
#   curl -fsSL https://raw.githubusercontent.com/eks-fleet-management/fleet-cmp/main/install.sh | sh
#
# sh install.sh --help says what can be chosen.
set -eu

usage() {
	cat <<'END'
Installs a release of fleet-cmp, of which it verifies the checksum.

  install.sh [--version VERSION] [--dir DIRECTORY]

  --version VERSION   such as v1.2.0; by default the latest release
  --dir DIRECTORY     where to; by default ~/.local

DIRECTORY/bin/fleet-cmp is the command. It is a link to DIRECTORY/lib/fleet-cmp, where all executables and the link cmp
are; pages for man and completions are in DIRECTORY/share.

FLEET_CMP_RELEASES is the address of the releases, for a mirror: VERSION/FILE is looked for below its download/, and the
latest release below its latest/download/. From https:// no redirect leads to http://.
END
}

fail() {
	echo "install.sh: $1" >&2
	exit "${2:-1}"
}

have() { command -v "$1" >/dev/null 2>&1; }

# download ADDRESS FILE. What is asked for by https comes by https, also after redirects.
download() {
	if have curl; then
		protocols='=file,http,https'
		case $1 in https://*) protocols='=https' ;; esac
		curl --fail --silent --show-error --location --proto "$protocols" --connect-timeout 30 --retry 3 \
			--output "$2" "$1" || return 1
	elif have wget; then
		by_wget "$1" "$2" || return 1
	else
		fail "curl or wget is needed: install one"
	fi
}

# by_wget ADDRESS FILE does the same with wget, which cannot be told the protocol: each redirect is followed here.
by_wget() {
	case $(wget --help 2>&1) in
	*--max-redirect*) ;;
	*) fail "this wget may not verify who answers: install curl, or GNU wget" ;;
	esac
	address=$1
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		if headers=$(LC_ALL=C wget -S --no-verbose --max-redirect=0 --timeout=60 --tries=3 \
			-O "$2" "$address" 2>&1); then
			return 0
		fi
		next=$(printf '%s\n' "$headers" | sed -n 's/^ *[Ll]ocation: *\([^[:space:]]*\).*$/\1/p' | sed -n '$p')
		case $next in
		https://*) ;;
		http://*)
			case $1 in https://*)
				echo "$address leads to $next, which is not https" >&2
				return 1
				;;
			esac
			;;
		/*) next=$(printf '%s\n' "$address" | sed 's|^\(https\{0,1\}://[^/]*\).*|\1|')$next ;;
		*)
			printf '%s\n' "$headers" | sed -n '$p' >&2
			return 1
			;;
		esac
		address=$next
	done
	echo "$1 leads to more than 10 other addresses" >&2
	return 1
}

# checksum FILE prints its SHA-256.
checksum() {
	if have sha256sum; then
		sum=$(sha256sum "$1")
	elif have shasum; then
		sum=$(shasum -a 256 "$1")
	elif have openssl; then
		sum=$(openssl dgst -sha256 -r "$1")
	else
		fail "sha256sum, shasum or openssl is needed to verify what is installed: install one"
	fi
	echo "${sum%% *}"
}

# platform prints the platform of this machine, as the names of archives have it.
platform() {
	case $(uname -s) in
	Linux) system=linux ;;
	Darwin) system=darwin ;;
	*) fail "there is no release for $(uname -s): build it, see README.md" ;;
	esac
	case $(uname -m) in
	x86_64 | amd64) machine=amd64 ;;
	aarch64 | arm64) machine=arm64 ;;
	*) fail "there is no release for $(uname -m): build it, see README.md" ;;
	esac
	echo "${system}_$machine"
}

main() {
	releases=${FLEET_CMP_RELEASES:-https://github.com/eks-fleet-management/fleet-cmp/releases}
	version='' directory=''
	while [ $# -gt 0 ]; do
		case $1 in
		--version | --dir)
			[ -n "${2:-}" ] || fail "$1 needs a value; see install.sh --help" 2
			if [ "$1" = --dir ]; then directory=$2; else version=v${2#v}; fi
			shift 2
			;;
		-h | --help)
			usage
			exit 0
			;;
		*) fail "there is no argument $1; see install.sh --help" 2 ;;
		esac
	done
	if [ -z "$directory" ]; then
		directory=${HOME:?is not set: give --dir}/.local
	fi
	for tool in tar uname mktemp sed mkdir mv ln rm; do
		have "$tool" || fail "$tool is needed: install it"
	done
	platform=$(platform)

	case $directory in -*) directory=./$directory ;; esac
	mkdir -p "$directory/bin" "$directory/lib" || fail "$directory cannot be written: give another --dir"
	unset CDPATH # with which cd may go elsewhere
	directory=$(cd "$directory" && pwd)
	# Beside the target, so that what is complete can be moved there.
	work=$(mktemp -d "$directory/lib/.fleet-cmp.XXXXXX") || fail "$directory/lib cannot be written: give another --dir"
	trap 'rm -rf "$work"' EXIT
	trap 'exit 1' HUP INT TERM

	from=$releases/latest/download
	if [ -n "$version" ]; then from=$releases/download/$version; fi
	download "$from/checksums.txt" "$work/checksums.txt" ||
		fail "$from/checksums.txt cannot be downloaded: is there such a release?"
	# One line: the checksum, two spaces, the name of the archive, which has the version.
	line=$(sed -n "s/^\([0-9a-f]\{64\}\)  \(fleet-cmp_[0-9A-Za-z.-]*_$platform\.tar\.gz\)\$/\1 \2/p" \
		"$work/checksums.txt")
	case $line in
	'') fail "$from/checksums.txt has no archive for $platform" ;;
	*"
"*) fail "$from/checksums.txt has several archives for $platform" ;;
	esac
	want=${line%% *} archive=${line#* }
	found=${archive#fleet-cmp_}
	found=v${found%_"$platform".tar.gz}
	if [ -n "$version" ] && [ "$version" != "$found" ]; then
		fail "$from/checksums.txt is of $found"
	fi
	download "$releases/download/$found/$archive" "$work/$archive" ||
		fail "$releases/download/$found/$archive cannot be downloaded"
	is=$(checksum "$work/$archive")
	if [ "$is" != "$want" ]; then
		fail "the checksum of $archive is $is, and should be $want: nothing was installed"
	fi

	mkdir "$work/files"
	tar -xzf "$work/$archive" -C "$work/files" || fail "$archive cannot be unpacked: nothing was installed"
	for file in fleet-cmp cmp-stages cmp-server; do
		[ -x "$work/files/$file" ] || fail "$archive has no $file: nothing was installed"
	done
	share=$directory/share
	mkdir -p "$share/man/man1" "$share/bash-completion/completions" "$share/zsh/site-functions" \
		"$share/fish/vendor_completions.d" || fail "$share cannot be written: nothing was installed"
	rm -f "$share/man/man1/fleet-cmp.1" "$share/man/man1/fleet-cmp-"*.1 # of commands that are no more
	mv -f "$work/files/man/"*.1 "$share/man/man1/"
	mv -f "$work/files/completions/fleet-cmp.bash" "$share/bash-completion/completions/fleet-cmp"
	mv -f "$work/files/completions/_fleet-cmp" "$share/zsh/site-functions/_fleet-cmp"
	mv -f "$work/files/completions/fleet-cmp.fish" "$share/fish/vendor_completions.d/fleet-cmp.fish"
	rm -rf "$work/files/man" "$work/files/completions"
	if [ -e "$directory/lib/fleet-cmp" ]; then mv "$directory/lib/fleet-cmp" "$work/old"; fi
	mv "$work/files" "$directory/lib/fleet-cmp"
	ln -sf ../lib/fleet-cmp/fleet-cmp "$directory/bin/fleet-cmp"

	echo "fleet-cmp $found is installed: $directory/bin/fleet-cmp"
	case :${PATH:-}: in
	*:"$directory/bin":*) ;;
	*) echo "$directory/bin is not in PATH: add it" ;;
	esac
}

main "$@" # at the end: half a script does nothing
