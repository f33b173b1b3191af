#!/usr/bin/env bash
# Makes the pictures of the documents from the example fleet, with a headless Chromium (CHROMIUM can name it).
set -euo pipefail
cd "$(dirname "$0")/../.."
chromium=${CHROMIUM:-$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)}
if [ -z "$chromium" ]; then
	echo "pictures: install chromium, or name it with CHROMIUM" >&2
	exit 1
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export CGO_ENABLED=0 PATH=$work:$PATH
go build -C internal/tools/pictures -trimpath -buildvcs=false -o "$work/" .
go build -trimpath -buildvcs=false -ldflags '-s -w' -o "$work/" ./cmd/cmp ./cmd/cmp-stages

# picture NAME PAGE WIDTH HEIGHT: what a browser shows of a page, as docs/images/NAME.png.
picture() {
	local sandbox=()
	if [ "$(id -u)" -eq 0 ]; then sandbox=(--no-sandbox); fi
	"$chromium" --headless=new "${sandbox[@]}" --disable-gpu --hide-scrollbars --disable-background-networking \
		--host-resolver-rules='MAP * ~NOTFOUND' --user-data-dir="$work/profile" --virtual-time-budget=3000 \
		--window-size="$3,$4" --screenshot="$work/$1.png" "file://$2" >/dev/null 2>&1
	pictures small "$work/$1.png"
	if [ "$(stat -c %s "$work/$1.png")" -gt 150000 ]; then
		echo "pictures: $1.png is larger than 150 kB" >&2
		exit 1
	fi
	mkdir -p docs/images
	mv "$work/$1.png" "docs/images/$1.png"
}

# A change of two files, one of them dangerous, and the comment that a pull request gets about it.
mkdir "$work/repository"
cp -r testdata/fleet "$work/repository/main"
cp -r testdata/fleet "$work/repository/change"
sed -i 's/cpu: "8"/cpu: "16"/' \
	"$work/repository/change/resources/tenants/defaults/resources/namespace-baseline/values.yaml"
sed -i 's/value: -100/value: -200/' "$work/repository/change/manifests/priority-classes/classes.yaml"
(cd "$work/repository" && cmp diff ./main ./change -o markdown --fail-on none) | pictures comment >"$work/comment.html"
picture diff-comment "$work/comment.html" 900 1200

# The fleet as a page.
cmp page testdata/fleet --output-dir "$work/page"
picture matrix "$work/page/index.html" 1280 900
