//go:build tools

// Package tools pins the Temporal CLI; scripts/temporal-cli.ts builds it from here where no released binary can be had.
package tools

import _ "github.com/temporalio/cli/cmd/temporal"
