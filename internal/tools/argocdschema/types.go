package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path"
	"reflect"
	"strconv"
	"strings"
)

const metaPath = "k8s.io/apimachinery/pkg/apis/meta/v1"

// A view says of each type of one release which fields it has, and of each field its type. That is the name of another
// type, with [] in front for a list and {} for a map; or string, number, boolean, any.
type view map[string]map[string]string

// others are the types of other packages than metaPath that fields have.
var others = map[string]string{
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1.JSON": "any",
	"k8s.io/apimachinery/pkg/runtime.RawExtension":                  "any",
	"k8s.io/apimachinery/pkg/types.UID":                             "string",
	"k8s.io/apimachinery/pkg/util/intstr.IntOrString":               "any",
}

// replaced are the types of fields that the Go types do not say.
var replaced = map[string]string{
	// Nobody but Argo CD writes these.
	"Application.status":    "any",
	"ApplicationSet.status": "any",
	// JSON that Argo CD decodes into these types (ToNestedMatrixGenerator, ToNestedMergeGenerator).
	"ApplicationSetNestedGenerator.matrix": "NestedMatrixGenerator",
	"ApplicationSetNestedGenerator.merge":  "NestedMergeGenerator",
}

// A pkg is what a Go package declares.
type pkg struct {
	types   map[string]declaration
	readers map[string]bool // types that read their JSON themselves, and can hold anything
}

// A declaration is that of a type, with the imports of its file by their names.
type declaration struct {
	expr    ast.Expr
	imports map[string]string
}

// parse reads the Go files of a directory, without tests. It fails if there are none, or one is no Go.
func parse(source fs.FS, dir string) (*pkg, error) {
	entries, err := fs.ReadDir(source, dir)
	if err != nil {
		return nil, err
	}
	p := &pkg{types: map[string]declaration{}, readers: map[string]bool{}}
	for _, entry := range entries {
		name := entry.Name()
		if path.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go") || strings.HasSuffix(name, ".pb.go") {
			continue
		}
		text, err := fs.ReadFile(source, path.Join(dir, name))
		if err != nil {
			return nil, err
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, text, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		p.add(file)
	}
	if len(p.types) == 0 {
		return nil, fmt.Errorf("%s declares no types", dir)
	}
	return p, nil
}

func (p *pkg) add(file *ast.File) {
	imports := map[string]string{}
	for _, spec := range file.Imports {
		target, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue // which the parser does not let pass
		}
		name := path.Base(target)
		if spec.Name != nil {
			name = spec.Name.Name
		}
		imports[name] = target
	}
	for _, decl := range file.Decls {
		switch decl := decl.(type) {
		case *ast.GenDecl:
			for _, spec := range decl.Specs {
				if spec, ok := spec.(*ast.TypeSpec); ok {
					p.types[spec.Name.Name] = declaration{spec.Type, imports}
				}
			}
		case *ast.FuncDecl:
			if decl.Name.Name == "UnmarshalJSON" && decl.Recv != nil {
				p.readers[typeOf(decl.Recv.List[0].Type)] = true
			}
		}
	}
}

// typeOf returns the name of a type, or of that which a pointer is to; "" if it has none.
func typeOf(expr ast.Expr) string {
	switch expr := expr.(type) {
	case *ast.StarExpr:
		return typeOf(expr.X)
	case *ast.Ident:
		return expr.Name
	case *ast.SelectorExpr:
		return expr.Sel.Name
	}
	return ""
}

// A reader adds types to a view.
type reader struct {
	own, meta *pkg
	view      view
	open      map[string]bool // types whose fields are being read
}

// named returns how fields of a declared type are written, and adds the type to the view if it is a struct. It fails
// for types that contain themselves, which no check of an object could follow to an end, and for what it cannot read.
func (r *reader) named(p *pkg, name string) (string, error) {
	d, known := p.types[name]
	structure, isStruct := d.expr.(*ast.StructType)
	switch {
	case !known:
		return "", fmt.Errorf("there is no type %s", name)
	case p.readers[name]:
		return "any", nil
	case !isStruct:
		return r.written(p, d, d.expr)
	case r.open[name]:
		return "", fmt.Errorf("the type %s contains itself", name)
	}
	r.open[name] = true
	fields, err := r.fields(p, name, structure)
	delete(r.open, name)
	if err != nil {
		return "", err
	}
	if old, twice := r.view[name]; twice && !maps.Equal(old, fields) {
		return "", fmt.Errorf("there are two types %s", name)
	}
	r.view[name] = fields
	return name, nil
}

// written returns how a type expression is written.
func (r *reader) written(p *pkg, d declaration, expr ast.Expr) (string, error) {
	switch expr := expr.(type) {
	case *ast.StarExpr:
		return r.written(p, d, expr.X)
	case *ast.ArrayType:
		if name := typeOf(expr.Elt); name == "byte" || name == "uint8" {
			return "string", nil
		}
		inner, err := r.written(p, d, expr.Elt)
		return "[]" + inner, err
	case *ast.MapType:
		inner, err := r.written(p, d, expr.Value)
		return "{}" + inner, err
	case *ast.InterfaceType:
		return "any", nil
	case *ast.Ident:
		switch expr.Name {
		case "any":
			return "any", nil
		case "string":
			return "string", nil
		case "bool":
			return "boolean", nil
		case "int", "int32", "int64", "uint32", "uint64", "float64":
			return "number", nil
		}
		return r.named(p, expr.Name)
	case *ast.SelectorExpr:
		target := d.imports[typeOf(expr.X)]
		if target == metaPath {
			return r.named(r.meta, expr.Sel.Name)
		}
		if typ, known := others[target+"."+expr.Sel.Name]; known {
			return typ, nil
		}
		return "", fmt.Errorf("the type %s.%s is not known here", target, expr.Sel.Name)
	}
	return "", fmt.Errorf("a type of the kind %T cannot be read", expr)
}

// fields returns the fields of a struct, with those of embedded ones.
func (r *reader) fields(p *pkg, name string, structure *ast.StructType) (map[string]string, error) {
	d := p.types[name]
	fields, embedded := map[string]string{}, map[string]string{}
	for _, field := range structure.Fields.List {
		var tag string
		if field.Tag != nil {
			text, err := strconv.Unquote(field.Tag.Value)
			if err != nil {
				return nil, err
			}
			tag, _, _ = strings.Cut(reflect.StructTag(text).Get("json"), ",")
		}
		goName := typeOf(field.Type)
		if len(field.Names) > 0 {
			goName = field.Names[0].Name
		}
		switch {
		case tag == "-" || !ast.IsExported(goName):
			continue
		case len(field.Names) == 0 && tag == "":
			inner, err := r.embedded(p, d, field.Type)
			if err != nil {
				return nil, err
			}
			maps.Copy(embedded, inner)
			continue
		case tag == "":
			tag = goName
		}
		typ, err := r.field(p, d, name+"."+tag, field.Type)
		if err != nil {
			return nil, fmt.Errorf("%s.%s: %w", name, tag, err)
		}
		fields[tag] = typ
	}
	maps.Copy(embedded, fields) // a struct's own fields hide them
	return embedded, nil
}

func (r *reader) field(p *pkg, d declaration, field string, expr ast.Expr) (string, error) {
	switch typ := replaced[field]; typ {
	case "":
		return r.written(p, d, expr)
	case "any":
		return typ, nil
	default:
		return r.named(p, typ)
	}
}

// embedded returns the fields of an embedded struct.
func (r *reader) embedded(p *pkg, d declaration, expr ast.Expr) (map[string]string, error) {
	if star, ok := expr.(*ast.StarExpr); ok {
		expr = star.X
	}
	if selector, ok := expr.(*ast.SelectorExpr); ok {
		if target := d.imports[typeOf(selector.X)]; target != metaPath {
			return nil, fmt.Errorf("%s.%s is embedded, and not known here", target, selector.Sel.Name)
		}
		p = r.meta
	}
	name := typeOf(expr)
	structure, ok := p.types[name].expr.(*ast.StructType)
	if !ok {
		return nil, fmt.Errorf("%s is embedded, and no struct", name)
	}
	return r.fields(p, name, structure)
}
