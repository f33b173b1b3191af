package sandbox

import (
	"reflect"
	"strings"
	"time"
)

// slow are the functions that take long whatever they are given.
var slow = map[string]time.Duration{
	"bcrypt": 80 * time.Millisecond, "htpasswd": 80 * time.Millisecond, "derivePassword": 80 * time.Millisecond,
	"genPrivateKey": 200 * time.Millisecond, "genCA": 200 * time.Millisecond, "genCAWithKey": 10 * time.Millisecond,
	"genSelfSignedCert": 200 * time.Millisecond, "genSelfSignedCertWithKey": 10 * time.Millisecond,
	"genSignedCert": 200 * time.Millisecond, "genSignedCertWithKey": 10 * time.Millisecond,
	"semver": 2 * time.Microsecond, "semverCompare": 5 * time.Microsecond, "uuidv4": time.Microsecond,
}

// perByte is how long functions take for a byte of the strings that they are given; others take ordinary.
var perByte = map[string]time.Duration{
	"fromYaml": 500, "fromYamlArray": 500, "fromToml": 200, "fromJson": 60, "fromJsonArray": 60, "mustFromJson": 60,
	"semver": 200, "semverCompare": 400, "urlParse": 40, "decryptAES": 20, "encryptAES": 20, "shuffle": 60,
	"camelcase": 80, "snakecase": 80, "kebabcase": 80, "swapcase": 60, "title": 60, "untitle": 60, "initials": 60,
	"nospace": 60,
	"wrap":    60, "wrapWith": 60, "html": 20, "js": 20, "urlquery": 20, "abbrev": 10, "abbrevboth": 10, "duration": 40,
	"durationRound": 40, "toDuration": 40, "dateInZone": 40, "date_in_zone": 40, "date": 40,
}

// perElement is how long functions take for what a container is when it is written out.
var perElement = map[string]time.Duration{
	"toYaml": 200, "mustToYaml": 200, "toYamlPretty": 200, "toToml": 200, "mustToToml": 200,
	"toJson": 40, "mustToJson": 40, "toPrettyJson": 80, "mustToPrettyJson": 80, "toRawJson": 40, "mustToRawJson": 40,
	"sortAlpha": 50, "deepCopy": 30, "mustDeepCopy": 30, "print": 30, "printf": 30, "println": 30, "toStrings": 20,
	"join":  20,
	"merge": 30, "mustMerge": 30, "mergeOverwrite": 30, "mustMergeOverwrite": 30,
}

const ordinary = 2 // nanoseconds for a byte

// work returns how long a call takes by what it is given.
func work(name string, args []reflect.Value, expansion int64) time.Duration {
	total := slow[name]
	each := perByte[name]
	if each == 0 {
		each = ordinary
	}
	texts, elements := 0, 0
	for _, arg := range args {
		switch arg = inner(arg); arg.Kind() {
		case reflect.String:
			texts += arg.Len()
		case reflect.Slice, reflect.Map:
			elements += arg.Len()
		}
	}
	total += each*time.Duration(texts) + max(perElement[name], 1)*time.Duration(expansion) + 10*time.Duration(elements)
	switch {
	case strings.HasPrefix(name, "regex") || strings.HasPrefix(name, "mustRegex"):
		total += regexWork(args)
	case name == "uniq" || name == "mustUniq":
		n := lengthOf(args[0])
		total += 15 * time.Duration(n) * time.Duration(n)
	case name == "without" || name == "mustWithout":
		total += 30 * time.Duration(lengthOf(args[0])) * time.Duration(lengthOf(args[1]))
	case name == "has" || name == "mustHas":
		total += 30 * time.Duration(lengthOf(args[1]))
	case name == "trimAll" || name == "trimPrefix" || name == "trimSuffix":
		total += time.Duration(lengthOf(args[0])) * time.Duration(lengthOf(args[1])) / 2
	}
	return total
}

// regexWork returns how long a regular expression takes: its size times that of the text.
func regexWork(args []reflect.Value) time.Duration {
	pattern := inner(args[0])
	if pattern.Kind() != reflect.String {
		return 0
	}
	const instruction, compilation = 8, 300
	size := instructions(pattern.String())
	text := 0
	for _, arg := range args[1:] {
		if arg = inner(arg); arg.Kind() == reflect.String {
			text = max(text, arg.Len())
			break
		}
	}
	return time.Duration(compilation*size) + time.Duration(instruction*min(size*int64(text), 1<<40))
}

// instructions estimates the size of a compiled expression: counts in braces repeat what is before them, a thousand
// times at most.
func instructions(pattern string) int64 {
	const most = 1000
	times := int64(1)
	for i := 0; i < len(pattern); i++ {
		if pattern[i] != '{' {
			continue
		}
		count, largest := int64(0), int64(1)
		for i++; i < len(pattern) && (pattern[i] == ',' || '0' <= pattern[i] && pattern[i] <= '9'); i++ {
			if pattern[i] == ',' {
				count = 0
				continue
			}
			count = min(count*10+int64(pattern[i]-'0'), most)
			largest = max(largest, count)
		}
		times = min(times*largest, most)
	}
	return int64(len(pattern)+1) * times
}

// inner returns what an interface holds.
func inner(v reflect.Value) reflect.Value {
	for v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	return v
}

// lengthOf returns how long a string, a list or a map is.
func lengthOf(v reflect.Value) int64 {
	switch v = inner(v); v.Kind() {
	case reflect.String, reflect.Slice, reflect.Array, reflect.Map:
		return int64(v.Len())
	}
	return 1
}
