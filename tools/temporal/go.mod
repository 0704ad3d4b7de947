module cloudnexus.dev/tools/temporal

go 1.26.4

// The Temporal CLI with its development server. The CLI's own go.mod replaces cliext by a folder of its repository, which `go install` refuses, so the
// same replacement is made here by version.
require github.com/temporalio/cli v1.8.2

replace github.com/temporalio/cli/cliext => github.com/temporalio/cli/cliext v0.0.0-20260731000218-c579925f193f
