package main

import (
	"fmt"
	"strings"
)

// deepDict makes $d, a map in a map in a map.
const deepDict = `{{ $d := dict }}{{ range until 240000 }}{{ $d = dict "a" $d }}{{ end }}`

// templateBombs are Go templates that would take too much in Helm, and in an ApplicationSet where that knows the
// functions.
var templateBombs = map[string]string{
	"doubling print":           `{{ $x := "ab" }}{{ range $i := until 60 }}{{ $x = print $x $x }}{{ end }}{{ $x }}`,
	"doubling cat":             `{{ $x := "ab" }}{{ range until 60 }}{{ $x = cat $x $x }}{{ end }}{{ $x }}`,
	"doubling printf":          `{{ $x := "ab" }}{{ range until 60 }}{{ $x = printf "%s%s" $x $x }}{{ end }}{{ $x }}`,
	"doubling concat":          `{{ $x := list 1 }}{{ range until 60 }}{{ $x = concat $x $x }}{{ end }}{{ $x }}`,
	"doubling replace":         `{{ $x := "ab" }}{{ range until 60 }}{{ $x = replace "a" $x $x }}{{ end }}{{ $x }}`,
	"doubling join":            `{{ $x := "ab" }}{{ range until 60 }}{{ $x = join "" (list $x $x) }}{{ end }}{{ $x }}`,
	"doubling regexReplaceAll": `{{ $x := "ab" }}{{ range until 60 }}{{ $x = regexReplaceAll "a" $x $x }}{{ end }}{{ $x }}`,
	"doubling wrapWith":        `{{ $x := "abababab" }}{{ range until 60 }}{{ $x = wrapWith 1 $x $x }}{{ end }}{{ $x }}`,
	"doubling dict":            `{{ $x := dict "a" 1 }}{{ range until 60 }}{{ $x = dict "a" $x "b" $x }}{{ end }}{{ $x }}`,
	"doubling list":            `{{ $x := list 1 }}{{ range until 60 }}{{ $x = list $x $x }}{{ end }}{{ $x | toJson }}`,
	"doubling quote":           `{{ $x := "\"" }}{{ range until 60 }}{{ $x = quote $x }}{{ end }}{{ $x }}`,
	"doubling toJson":          `{{ $x := "\"" }}{{ range until 60 }}{{ $x = toJson $x }}{{ end }}{{ $x }}`,
	"doubling upper":           `{{ $x := "ab" }}{{ range until 60 }}{{ $x = upper (print $x $x) }}{{ end }}{{ $x }}`,
	"doubling b64enc":          `{{ $x := "ab" }}{{ range until 900 }}{{ $x = b64enc $x }}{{ end }}{{ $x }}`,
	"doubling b32enc":          `{{ $x := "ab" }}{{ range until 900 }}{{ $x = b32enc $x }}{{ end }}{{ $x }}`,
	"doubling html":            `{{ $x := "&" }}{{ range until 900 }}{{ $x = html (print $x $x) }}{{ end }}{{ $x }}`,
	"doubling urlquery":        `{{ $x := "%" }}{{ range until 900 }}{{ $x = urlquery $x }}{{ end }}{{ $x }}`,
	"doubling merge":           `{{ $x := dict "a" (dict) }}{{ range $i := until 60 }}{{ $x = dict (print $i) (merge (dict) $x) "b" (deepCopy $x) "c" $x }}{{ end }}{{ $x }}`,
	"doubling append":          `{{ $x := list 1 }}{{ range until 60 }}{{ $x = append $x $x }}{{ end }}{{ $x }}`,
	"doubling nested range":    `{{ range until 3000 }}{{ range until 3000 }}abcdefghijklmnopqrstuvwxyz{{ end }}{{ end }}`,
	"doubling without a loop":  `{{ $x := "abcdefgh" }}` + strings.Repeat(`{{ $x = print $x $x }}`, 50) + `{{ $x }}`,
	"doubling with": `{{ with "abcdefgh" }}` + strings.Repeat(`{{ with print . . }}`, 50) + `{{ . }}` +
		strings.Repeat(`{{ end }}`, 51),
	"doubling pipeline": `{{ $x := "ab" }}{{ range until 60 }}{{ $x = $x | repeat 10 }}{{ end }}{{ $x }}`,

	"dict in itself":            `{{ $x := dict }}{{ $_ := set $x "x" $x }}{{ $x }}`,
	"dict in itself as JSON":    `{{ $x := dict }}{{ $_ := set $x "x" $x }}{{ toJson $x }}`,
	"dict in itself copied":     `{{ $x := dict }}{{ $_ := set $x "x" $x }}{{ deepCopy $x }}`,
	"dict in itself merged":     `{{ $x := dict }}{{ $_ := set $x "x" $x }}{{ merge (dict) $x }}`,
	"dict in itself overwrites": `{{ $x := dict }}{{ $_ := set $x "x" $x }}{{ mergeOverwrite (dict "x" (dict "x" 1)) $x }}`,
	"dict in itself compared":   `{{ $x := dict }}{{ $_ := set $x "x" $x }}{{ $y := dict }}{{ $_ := set $y "x" $y }}{{ eq (print $x) (print $y) }}`,
	"dict in itself quoted":     `{{ $x := dict }}{{ $_ := set $x "x" (list $x) }}{{ quote $x }}`,
	"dict in itself joined":     `{{ $x := dict }}{{ $_ := set $x "x" $x }}{{ join "," (list $x) }}`,
	"dict in itself sorted":     `{{ $x := dict }}{{ $_ := set $x "x" $x }}{{ sortAlpha (list $x $x) }}`,
	"dict in itself as YAML":    `{{ $x := dict }}{{ $_ := set $x "x" $x }}{{ toYaml $x }}`,
	"root in itself":            `{{ $_ := set . "x" . }}{{ .x }}`,

	"deep dict":            deepDict + `{{ $d }}`,
	"deep dict as JSON":    deepDict + `{{ toJson $d }}`,
	"deep dict as YAML":    deepDict + `{{ toYaml $d }}`,
	"deep dict copied":     deepDict + `{{ deepCopy $d | len }}`,
	"deep dict merged":     deepDict + `{{ merge (dict) $d $d | len }}`,
	"deep list":            strings.Replace(deepDict, `dict "a"`, "list", 1) + `{{ has 1 $d }}`,
	"deep list, in parts":  `{{ $d := list }}{{ $l := list }}{{ range $i := until 40000 }}{{ $d = list $d }}{{ if eq 0 (mod $i 4000) }}{{ $l = append $l $d }}{{ end }}{{ end }}{{ toJson (append $l $d) }}`,
	"ranges and a failure": strings.Repeat(`{{range list 1}}`, 8000) + `{{fail "x"}}` + strings.Repeat(`{{end}}`, 8000),
	"template in blocks": `{{define "a"}}` + strings.Repeat(`{{if true}}`, 400) + `{{template "a" .}}` +
		strings.Repeat(`{{end}}`, 400) + `{{end}}{{template "a" .}}`,
	"template in loops": `{{define "a"}}` + strings.Repeat(`{{range list 1}}`, 400) + `{{template "a" .}}` +
		strings.Repeat(`{{end}}`, 400) + `{{end}}{{template "a" .}}`,
	"long failure": `{{ fail (repeat 9000000 "ab ") }}`,

	"endless loops":         `{{ range until 100000 }}{{ range until 100000 }}{{ end }}{{ end }}`,
	"endless loops in with": `{{ $l := until 10000 }}{{ range $l }}{{ range $l }}{{ with . }}{{ else }}{{ range $l }}{{ end }}{{ end }}{{ end }}{{ end }}`,
	"loop over a number":    `{{ range 100000000000 }}{{ end }}`,
	"loop of else":          `{{ range $i := until 100000 }}{{ range until 0 }}{{ else }}{{ range until 10000 }}{{ if false }}{{ end }}{{ end }}{{ end }}{{ end }}`,
	"template calls itself": `{{ define "a" }}{{ template "a" . }}{{ end }}{{ template "a" . }}`,
	"fan-out of templates": `{{ define "t0" }}x{{ end }}` +
		fanOut(`{{ define "t%d" }}`+strings.Repeat(`{{ template "t%e" . }}`, 10)+`{{ end }}`) +
		`{{ template "t20" . }}`,
	"templates after loops": `{{ define "a" }}{{ range until 1000 }}{{ end }}{{ end }}{{ range until 100000 }}{{ template "a" }}{{ end }}`,
	"ands and ors":          `{{ range until 100000 }}{{ range until 10000 }}{{ and (or 1 2) (not (eq 1 2 3 4 5)) }}{{ end }}{{ end }}`,

	"uniq":           `{{ $_ := uniq (until 500000) }}`,
	"mustUniq":       `{{ $_ := mustUniq (until 500000) }}`,
	"has":            `{{ $l := until 500000 }}{{ range $l }}{{ $_ := has -1 $l }}{{ end }}`,
	"without":        `{{ $l := until 500000 }}{{ range $l }}{{ $_ := without $l 1 2 3 4 5 6 7 8 9 }}{{ end }}`,
	"compact":        `{{ $l := until 500000 }}{{ range $l }}{{ $_ := compact $l }}{{ end }}`,
	"reverse":        `{{ $l := until 500000 }}{{ range $l }}{{ $_ := reverse $l }}{{ end }}`,
	"rest":           `{{ $l := until 500000 }}{{ range until 100000 }}{{ $l = rest $l }}{{ end }}{{ $_ := $l }}x`,
	"keys":           `{{ $d := dict }}{{ range until 100000 }}{{ $_ := set $d (toString .) 1 }}{{ end }}{{ range until 100000 }}{{ $_ := keys $d }}{{ end }}`,
	"pick":           `{{ $d := dict }}{{ range until 100000 }}{{ $_ := set $d (toString .) 1 }}{{ end }}{{ range until 100000 }}{{ $_ := omit $d "1" }}{{ end }}`,
	"sortAlpha":      `{{ $l := until 500000 }}{{ range until 1000 }}{{ $_ := sortAlpha $l }}{{ end }}`,
	"max":            `{{ range until 1000000 }}{{ range until 1000 }}{{ $_ := max 1 2 3 }}{{ end }}{{ end }}`,
	"deepEqual":      `{{ $l := until 500000 }}{{ $m := until 500000 }}{{ range $l }}{{ $_ := deepEqual $l $m }}{{ end }}`,
	"chunk":          `{{ $l := until 500000 }}{{ range until 10000 }}{{ $_ := chunk 1 $l }}{{ end }}`,
	"dig":            `{{ $d := dict }}{{ range until 1000000 }}{{ $d = dict "a" $d }}{{ end }}{{ $d }}`,
	"concat lists":   `{{ $l := until 500000 }}{{ range until 1000 }}{{ $_ := concat $l $l $l $l $l }}{{ end }}`,
	"coalesce":       `{{ $l := until 500000 }}{{ range until 10000 }}{{ $_ := coalesce 0 "" $l }}{{ $_ = all $l }}{{ end }}`,
	"seq":            `{{ range until 1000 }}{{ $_ := seq 1 500000 }}{{ end }}`,
	"until":          `{{ range until 100000 }}{{ $_ := until 1000000 }}{{ end }}`,
	"untilStep":      `{{ $_ := untilStep -9223372036854775808 9223372036854775807 1 }}`,
	"indent":         `{{ $_ := indent 1000000000 "x" }}`,
	"nindent":        `{{ $_ := nindent -1 "x" }}{{ range until 100000 }}{{ $_ := nindent 100000 "x" }}{{ end }}`,
	"repeat":         `{{ $_ := repeat 10000000000 "x" }}`,
	"repeat again":   `{{ range until 100000 }}{{ $_ := repeat 1000000 "x" }}{{ end }}`,
	"trunc":          `{{ $x := repeat 1000000 "x" }}{{ range until 100000 }}{{ $_ := trunc -999999 $x | upper }}{{ end }}`,
	"width":          `{{ $_ := printf "%1000000000d" 1 }}{{ range until 10000 }}{{ $_ := printf "%999999d" 1 }}{{ end }}`,
	"printf of many": `{{ $_ := printf (repeat 1000000 "%v") (until 100) }}{{ $x := repeat 100000 "x" }}{{ range until 100000 }}{{ $_ := printf "%s%q%x" $x $x $x }}{{ end }}`,
	"abbrev":         `{{ $x := repeat 1000000 "x" }}{{ range until 100000 }}{{ $_ := abbrev 900000 $x | title }}{{ end }}`,
	"camelcase":      `{{ $x := repeat 500000 "x_y" }}{{ range until 10000 }}{{ $_ := snakecase (camelcase $x) }}{{ end }}`,
	"swapcase":       `{{ $x := repeat 500000 "xY" }}{{ range until 10000 }}{{ $_ := swapcase $x }}{{ $_ = untitle $x }}{{ $_ = initials $x }}{{ $_ = nospace $x }}{{ end }}`,
	"wrap":           `{{ $x := repeat 500000 "x " }}{{ range until 10000 }}{{ $_ := wrap 1 $x }}{{ end }}`,
	"wrapWith":       `{{ $_ := wrapWith 1 (repeat 1000000 "x") (repeat 1000000 "y") }}`,
	"splitList":      `{{ $x := repeat 500000 "x " }}{{ range until 10000 }}{{ $_ := splitList "" $x }}{{ end }}`,
	"split":          `{{ $x := repeat 500000 "x " }}{{ range until 10000 }}{{ $_ := split " " $x }}{{ end }}`,
	"splitn":         `{{ $x := repeat 500000 "x " }}{{ range until 10000 }}{{ $_ := splitn " " 400000 $x }}{{ end }}`,
	"contains":       `{{ $x := repeat 500000 "xy" }}{{ range until 100000 }}{{ $_ := contains (print $x "z") $x }}{{ $_ = contains "xyxyxyxyxyxyxyxyxyxyz" $x }}{{ end }}`,
	"trim":           `{{ $x := repeat 500000 " " }}{{ range until 100000 }}{{ $_ := trim $x }}{{ $_ = trimAll (repeat 1000 "ab ") $x }}{{ end }}`,
	"semver":         `{{ $x := print "1.2.3-" (repeat 500000 "a.") "b" }}{{ range until 10000 }}{{ $_ := semverCompare (print ">=" $x) $x }}{{ end }}`,
	"constraint":     `{{ $_ := semverCompare (repeat 200000 ">1 || ") "1.2.3" }}`,
	"urlParse":       `{{ $x := print "https://x/" (repeat 500000 "%41") }}{{ range until 10000 }}{{ $_ := urlParse $x }}{{ end }}`,
	"b64dec":         `{{ $x := repeat 2000000 "QUJD" }}{{ range until 10000 }}{{ $_ := b64dec $x }}{{ end }}`,
	"base64 again":   `{{ $x := repeat 500000 "x" }}{{ range until 100000 }}{{ $_ := b64dec (b64enc $x) }}{{ $_ = b32dec (b32enc $x) }}{{ end }}`,
	"sha256sum":      `{{ $x := repeat 1000000 "x" }}{{ range until 100000 }}{{ $_ := sha256sum $x }}{{ end }}`,
	"sha1sum":        `{{ $x := repeat 1000000 "x" }}{{ range until 100000 }}{{ $_ := sha1sum $x }}{{ $_ = sha512sum $x }}{{ $_ = adler32sum $x }}{{ end }}`,
	"sha256 of one":  `{{ range until 100000 }}{{ range until 1000 }}{{ $_ := sha256sum "x" }}{{ end }}{{ end }}`,
	"toYaml":         `{{ $l := until 300000 }}{{ range until 10000 }}{{ $_ := toYaml $l }}{{ end }}`,
	"toJson":         `{{ $l := until 300000 }}{{ range until 10000 }}{{ $_ := toJson $l }}{{ $_ = toPrettyJson $l }}{{ $_ = toRawJson $l }}{{ end }}`,
	"fromJson":       `{{ $x := print "{\"a\":[" (repeat 1000000 "1,") "1]}" }}{{ range until 10000 }}{{ $_ := fromJson $x }}{{ end }}`,
	"fromJson deep":  `{{ $x := repeat 2000000 "[" }}{{ $_ := fromJson $x }}{{ range until 10000 }}{{ $_ := fromJson (print (repeat 9000 "[") (repeat 9000 "]")) }}{{ end }}`,
	"fromYaml":       `{{ $x := print "a: [" (repeat 500000 "1,") "1]" }}{{ range until 10000 }}{{ $_ := fromYaml $x }}{{ end }}`,
	"fromYaml deep":  `{{ $_ := fromYaml (print "a: " (repeat 1000000 "[")) }}{{ range until 10000 }}{{ $_ := fromYaml (print "a: " (repeat 9000 "[") (repeat 9000 "]")) }}{{ end }}`,
	"fromYaml alias": `{{ $x := "a0: &a0 [x,x,x,x,x,x,x,x]\n" }}{{ range $i := until 20 }}{{ $x = printf "%sa%d: &a%d [*a%d,*a%d,*a%d]\n" $x (add $i 1) (add $i 1) $i $i $i }}{{ end }}{{ $_ := fromYaml $x }}{{ $x | fromYaml | toYaml }}`,
	"fromYaml long":  `{{ $x := print "a: &a " (repeat 1000000 "x") "\nb: [" (repeat 5000 "*a,") "*a]" }}{{ fromYaml $x | toYaml }}`,
	"regex":          `{{ $x := repeat 1000000 "a" }}{{ range until 1000 }}{{ $_ := regexMatch "(a*)*b" $x }}{{ end }}`,
	"regex counts":   `{{ $x := repeat 1000000 "a" }}{{ $_ := regexMatch "((a{0,10}){0,10}){0,10}b" $x }}{{ $_ = regexMatch "(x?){1000}b" $x }}{{ $_ = regexMatch "([a-z]?[a-z]?){500}b" $x }}{{ $_ = regexMatch "([a-z]?[a-z]?){500}c" $x }}`,
	"regex find all": `{{ $x := repeat 500000 "a" }}{{ range until 1000 }}{{ $_ := regexFindAll "a" $x -1 }}{{ end }}`,
	"regex many":     `{{ $x := repeat 20000 "a" }}{{ range until 10000 }}{{ $_ := regexFindAll ".*b|a" $x -1 }}{{ end }}`,
	"regex split":    `{{ $x := repeat 500000 "a" }}{{ range until 1000 }}{{ $_ := regexSplit "a*?" $x -1 }}{{ end }}`,
	"regex replace":  `{{ $x := repeat 20000 "a" }}{{ range until 1000 }}{{ $_ := regexReplaceAll ".*b|a" $x "${0}c" }}{{ end }}`,
	"regex literal":  `{{ $x := repeat 500000 "a" }}{{ range until 1000 }}{{ $_ := regexReplaceAllLiteral "a" $x "bb" }}{{ $_ = regexQuoteMeta $x }}{{ end }}`,
	"regex long":     `{{ range until 1000 }}{{ $_ := regexMatch (repeat 500000 "(a|b)") "a" }}{{ end }}`,
	"regex deep":     `{{ $_ := regexMatch (print (repeat 900 "(") "a" (repeat 900 "*)")) (repeat 100000 "a") }}`,
	"derivePassword": `{{ range until 10000 }}{{ $_ := derivePassword 1 "long" "a" "b" "c" }}{{ end }}`,
	"decryptAES":     `{{ $x := repeat 500000 "QUJD" }}{{ range until 10000 }}{{ $_ := decryptAES "0123456789abcdef0123456789abcdef" $x }}{{ end }}`,
	"fail":           `{{ fail (repeat 10000000 "x") }}`,
	"fail on lines":  `{{ fail (repeat 10000 "Error: x\ngoroutine 1 [running]:\n") }}`,
	"print of many":  `{{ range until 10000000 }}x{{ end }}`,
	"deep blocks":    repeated("{{ if true }}", 30000) + repeated("{{ end }}", 30000),
	"deep parens":    "{{ " + repeated("(", 100000) + "1" + repeated(")", 100000) + " }}",
	"many variables": repeated("{{ $x := 1 }}", 90000) + "{{ $y }}",
	"many actions":   repeated("{{ 1 }}", 300000),
	"unterminated":   repeated("{{ \"", 100000),
	"round":          `{{ $_ := round 1e308 1000000 }}{{ $_ = div 1 0 }}`,
	"integers":       `{{ $_ := div (int64 -9223372036854775808) (int64 -1) }}{{ $_ = mod 1 0 }}`,
	"durations":      `{{ $x := repeat 1000000 "9h" }}{{ range until 10000 }}{{ $_ := durationRound $x }}{{ $_ = duration $x }}{{ end }}`,
	"dates":          `{{ $x := repeat 100000 "2006-01-02 " }}{{ range until 10000 }}{{ $_ := dateInZone $x 0 "UTC" }}{{ end }}`,
	"get":            `{{ $l := until 500000 }}{{ range until 100000 }}{{ range $l }}{{ $_ := get (dict "a" 1) "a" }}{{ end }}{{ end }}`,
	"method calls":   `{{ $u := urlParse "https://x" }}{{ range until 10000000 }}{{ $_ := index $u "host" }}{{ end }}`,
	"len and slice":  `{{ $x := repeat 500000 "a" }}{{ range until 100000 }}{{ range until 1000 }}{{ $_ := len (slice $x 1) }}{{ end }}{{ end }}`,
	"comparisons":    `{{ $x := repeat 1000000 "a" }}{{ $y := print $x "b" }}{{ $z := print $x "c" }}{{ range until 100000 }}{{ range until 10 }}{{ if eq $y $z }}{{ end }}{{ end }}{{ end }}`,
	"plural":         `{{ range until 100000 }}{{ range until 1000 }}{{ $_ := plural "a" "b" 1 }}{{ end }}{{ end }}`,
	"tuple":          `{{ $x := list }}{{ range until 200000 }}{{ $x = append $x . }}{{ end }}`,
	"prepend":        `{{ $x := list }}{{ range until 200000 }}{{ $x = prepend $x . }}{{ end }}`,
	"set":            `{{ $d := dict }}{{ range until 10000000 }}{{ $_ := set $d (print .) $d }}{{ end }}`,
	"toStrings":      `{{ $l := until 500000 }}{{ range until 10000 }}{{ $_ := toStrings $l }}{{ $_ = join "," $l }}{{ end }}`,
	"kindOf":         `{{ range until 100000 }}{{ range until 1000 }}{{ $_ := kindIs "int" (typeOf .) }}{{ end }}{{ end }}`,
	"cat of many":    `{{ $l := until 500000 }}{{ range until 10000 }}{{ $_ := cat $l }}{{ $_ = squote $l }}{{ $_ = toString $l }}{{ end }}`,
	"ternary":        `{{ range until 100000 }}{{ range until 1000 }}{{ $_ := ternary 1 2 true }}{{ end }}{{ end }}`,
	"substr":         `{{ $_ := substr 5 1 "abc" }}{{ $_ = substr 0 -1 "abc" }}{{ slice "abc" 5 1 }}`,
	"osBase":         `{{ $x := repeat 500000 "/a" }}{{ range until 10000 }}{{ $_ := base (clean (dir $x)) }}{{ $_ = osClean $x }}{{ end }}`,
}

// helmBombs are those that only Helm knows the functions of.
var helmBombs = map[string]string{
	"include calls itself": `{{ define "a" }}{{ include "a" . }}{{ end }}{{ include "a" . }}`,
	"file includes itself": `{{ include .Template.Name . }}`,
	"tpl calls itself":     `{{ tpl .Values.self . }}`,
	"fan-out of include": `{{ define "t0" }}x{{ end }}` +
		fanOut(`{{ define "t%d" }}`+strings.Repeat(`{{ include "t%e" . }}`, 10)+`{{ end }}`) + `{{ include "t20" . }}`,
	"fan-out of tpl":         `{{ range until 100000 }}{{ range until 100000 }}{{ tpl "{{ . }}" 1 }}{{ end }}{{ end }}`,
	"fan-out of definitions": `{{ range $i := until 100000 }}{{ tpl (printf "{{ define \"a%d\" }}{{ end }}{{ include \"a%d\" . }}" $i $i) $ }}{{ end }}`,
	"long strings for tpl":   `{{ $x := print (repeat 1000000 "x") "{{ . }}" }}{{ range until 10000 }}{{ $_ := tpl $x 1 }}{{ end }}`,
	"many actions for tpl":   `{{ $x := repeat 90000 "{{ 1 }}" }}{{ range until 10000 }}{{ $_ := tpl $x 1 }}{{ end }}`,
	"many definitions": lines(9000, `{{ define "d%d" }}{{ end }}`) +
		`{{ range until 100000 }}{{ $_ := tpl "{{ . }}" 1 }}{{ end }}`,
	"tpl of values":         `{{ range until 100000 }}{{ $_ := tpl (toYaml $.Values) $ }}{{ end }}`,
	"include in a loop":     `{{ define "a" }}{{ range until 1000 }}{{ include "b" . }}{{ end }}{{ end }}{{ define "b" }}{{ range until 1000 }}{{ include "c" . }}{{ end }}{{ end }}{{ define "c" }}{{ end }}{{ range until 1000 }}{{ include "a" . }}{{ end }}`,
	"values in themselves":  `{{ $_ := set .Values "v" .Values }}{{ .Values }}`,
	"values as YAML":        `{{ $_ := set .Values "v" . }}{{ toYaml .Values }}`,
	"values of the next":    `{{ $_ := set .Values "v" .Values }}`,
	"toToml":                `{{ $d := dict }}{{ $_ := set $d "x" $d }}{{ toToml $d }}`,
	"toToml of many":        `{{ $d := dict "a" (until 300000) }}{{ range until 10000 }}{{ $_ := toToml $d }}{{ end }}`,
	"fromToml lists":        `{{ $_ := fromToml (print "a = " (repeat 10000000 "[")) }}`,
	"fromToml tables":       `{{ $_ := fromToml (print "[" (repeat 1000000 "a.") "a]") }}`,
	"fromToml keys":         `{{ $x := "" }}{{ range until 3000 }}{{ $x = print $x "[a" (repeat . ".a") "]\n" }}{{ end }}{{ $_ := fromToml $x }}`,
	"fromToml inline":       `{{ $_ := fromToml (print "a = " (repeat 1000000 "{a=")) }}`,
	"fromToml comments":     `{{ $_ := fromToml (repeat 1000000 "# a\n") }}{{ range until 1000 }}{{ $_ := fromToml (print "a = [" (repeat 500000 "1,") "1]") }}{{ end }}`,
	"fromJsonArray":         `{{ $x := print "[" (repeat 1000000 "1,") "1]" }}{{ range until 10000 }}{{ $_ := fromJsonArray $x }}{{ end }}`,
	"fromYamlArray":         `{{ $x := repeat 500000 "- 1\n" }}{{ range until 10000 }}{{ $_ := fromYamlArray $x }}{{ end }}`,
	"toYamlPretty":          `{{ $l := until 300000 }}{{ range until 10000 }}{{ $_ := toYamlPretty $l }}{{ end }}`,
	"genPrivateKey":         `{{ range until 1000 }}{{ $_ := genPrivateKey "rsa" }}{{ end }}`,
	"genCA":                 `{{ range until 1000 }}{{ $_ := genCA "a" 365 }}{{ end }}`,
	"genSignedCert":         `{{ $ca := genCA "a" 365 }}{{ range until 1000 }}{{ $_ := genSignedCert "a" nil nil 365 $ca }}{{ end }}`,
	"genSelfSignedCert":     `{{ range until 1000 }}{{ $_ := genSelfSignedCert "a" nil (list "a") 365 }}{{ end }}`,
	"genPrivateKey ed25519": `{{ range until 100000 }}{{ $_ := genPrivateKey "ed25519" }}{{ end }}`,
	"bcrypt":                `{{ range until 10000 }}{{ $_ := bcrypt "a" }}{{ end }}`,
	"htpasswd":              `{{ range until 10000 }}{{ $_ := htpasswd "a" "b" }}{{ end }}`,
	"encryptAES":            `{{ $x := repeat 500000 "a" }}{{ range until 10000 }}{{ $_ := encryptAES "0123456789abcdef0123456789abcdef" $x }}{{ end }}`,
	"randAlphaNum":          `{{ range until 10000 }}{{ $_ := randAlphaNum 1000000 }}{{ end }}`,
	"randBytes":             `{{ $_ := randBytes 2000000000 }}`,
	"shuffle":               `{{ $x := repeat 500000 "a" }}{{ range until 10000 }}{{ $_ := shuffle $x }}{{ end }}`,
	"uuidv4":                `{{ range until 100000 }}{{ range until 1000 }}{{ $_ := uuidv4 }}{{ end }}{{ end }}`,
	"now":                   `{{ range until 100000 }}{{ range until 1000 }}{{ $_ := now | date "2006" }}{{ end }}{{ end }}`,
	"lookup":                `{{ range until 100000 }}{{ range until 1000 }}{{ $_ := lookup "v1" "Secret" "a" "b" }}{{ end }}{{ end }}`,
	"APIVersions":           `{{ range until 100000 }}{{ range until 1000 }}{{ $_ := $.Capabilities.APIVersions.Has "a/b" }}{{ end }}{{ end }}`,
	"Files.Glob":            `{{ $_ := .Files.Glob "` + strings.Repeat("*a", 30) + `b" }}`,
	"Files.Glob braces":     `{{ $_ := .Files.Glob "` + strings.Repeat("{a*,*a}", 30) + `b" }}`,
	"Files.Glob stars":      `{{ $_ := .Files.Glob "` + strings.Repeat("**a", 30) + `b" }}`,
	"Files.Glob any":        `{{ $_ := .Files.Glob "` + strings.Repeat("*?", 30) + `b" }}`,
	"Files.Glob nested":     `{{ $_ := .Files.Glob "` + repeated("{a,", 1000) + repeated("}", 1000) + `" }}`,
	"Files.Glob long":       `{{ range until 1000 }}{{ $_ := $.Files.Glob (repeat 100000 "[a-z]") }}{{ end }}`,
	"Files.Glob in a loop":  `{{ range until 100000 }}{{ range until 1000 }}{{ $_ := $.Files.Glob "**" }}{{ end }}{{ end }}`,
	"Files.Get":             `{{ range until 100000 }}{{ range until 1000 }}{{ $_ := $.Files.Get "big" }}{{ end }}{{ end }}`,
	"Files.AsConfig":        `{{ range until 100000 }}{{ $_ := $.Files.AsConfig }}{{ $_ = $.Files.AsSecrets }}{{ end }}`,
	"Files.Lines":           `{{ range until 100000 }}{{ $_ := $.Files.Lines "big" }}{{ end }}`,
	"Files.Get in print":    `{{ range until 100000 }}{{ $.Files.Get "big" }}{{ end }}`,
	"many documents":        `{{ range $i := until 200000 }}{{ printf "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a%d}\n" $i }}{{ end }}`,
	"many equal documents":  `{{ range until 200000 }}{{ "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n" }}{{ end }}`,
	"many empty documents":  `{{ range until 1000000 }}{{ "---\n" }}{{ end }}`,
	"many hooks":            `{{ range $i := until 100000 }}{{ printf "---\napiVersion: v1\nkind: Job\nmetadata: {name: a%d, annotations: {helm.sh/hook: 'pre-install,post-install', helm.sh/hook-weight: '%d'}}\n" $i $i }}{{ end }}`,
	"many hook kinds":       `{{ printf "apiVersion: v1\nkind: Job\nmetadata: {name: a, annotations: {helm.sh/hook: '%s'}}\n" (repeat 1000000 "pre-install,") }}`,
	"long list":             `{{ "apiVersion: v1\nkind: List\nitems:\n" }}{{ range $i := until 200000 }}{{ printf "- {apiVersion: v1, kind: ConfigMap, metadata: {name: a%d}}\n" $i }}{{ end }}`,
	"lists in lists":        `{{ "apiVersion: v1\nkind: List\nitems: " }}{{ repeat 5000 "[{apiVersion: v1, kind: List, metadata: {name: a}, items: " }}[]{{ repeat 5000 "}]" }}`,
	"deep output":           `{{ print "a: " (repeat 2000000 "[") }}`,
	"deep block output":     `{{ repeat 1000000 "- " }}`,
	"alias output":          `{{ "a: &a " }}{{ repeat 1000000 "x" }}{{ "\nb: [" }}{{ repeat 4000 "*a," }}{{ "*a]" }}`,
	"long output":           `{{ "a: '" }}{{ repeat 100000000 "x" }}'`,
	"many keys of output":   `{{ range $i := until 1000000 }}{{ printf "k%d: 1\n" $i }}{{ end }}`,
	"quantities of output":  `{{ print "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: " (repeat 5000000 "9") "}" }}`,
	"NOTES":                 `{{ range until 100000 }}{{ range until 100000 }}{{ end }}{{ end }}`,
}

// fanOut repeats a definition that calls the one before.
func fanOut(definition string) string {
	var out strings.Builder
	for i := 1; i <= 20; i++ {
		out.WriteString(strings.NewReplacer("%d", fmt.Sprint(i), "%e", fmt.Sprint(i-1)).Replace(definition))
	}
	return out.String()
}

// hostileTemplates puts the bombs into a chart's template.
func hostileTemplates() []hostile {
	var out []hostile
	for _, table := range []map[string]string{templateBombs, helmBombs} {
		for name, text := range table {
			out = append(out, hostile{name: "chart template/" + name, command: renderFiles, want: "victim|apps.yaml",
				may: true,
				files: map[string]string{
					"charts/app/templates/map.yaml": "", "charts/app/templates/x.yaml": text + "\n",
					"charts/app/big":                         repeated("big\n", 1<<18),
					"charts/app/" + strings.Repeat("a", 200): "a",
					"charts/app/values.yaml":                 `self: "{{ tpl .Values.self . }}"`,
				}})
		}
	}
	fair := hostile{name: "chart template/only one of two", command: renderFiles, want: "victim",
		printed: "name: innocent", files: map[string]string{
			"apps.yaml": applicationFor("victim", "charts/bad", "") + "---\n" +
				applicationFor("innocent", "charts/app", ""),
			"charts/bad/Chart.yaml":       "{apiVersion: v2, name: bad, version: 1.0.0}",
			"charts/bad/templates/x.yaml": templateBombs["endless loops"],
		}}
	return append(out, fair)
}
