// Tries ValidatingAdmissionPolicies on objects as the API server would judge them, for people who write policies:
//
//	try POLICY.yaml... OBJECT.yaml...
//
// Every file may hold several documents. Policies are told from objects by their kind; bindings, and objects of a policy's
// paramKind, are used as such, and a policy without a binding gets one that denies. See -h for the flags.
package main

import (
	"flag"
	"fmt"
	"os"
)

func main() {
	operation := flag.String("operation", "CREATE", "CREATE, UPDATE (the object is the old one too) or DELETE")
	namespace := flag.String("namespace", "default", "the namespace of objects that name none")
	quiet := flag.Bool("quiet", false, "no costs, and nothing of objects that a policy does not match")
	flag.Parse()
	run := newTrial(*operation, *namespace, *quiet)
	for _, path := range flag.Args() {
		run.read(path)
	}
	run.bind()
	for _, policy := range run.Policies {
		for _, subject := range run.subjects {
			run.judge(policy, subject)
		}
	}
	if run.refused > 0 {
		fmt.Fprintln(os.Stderr, run.refused, "refused")
		os.Exit(1)
	}
}
