// Asks the RBAC authorizer, its rule resolver and the storage of RBAC objects about random policies, biased to the corners.
//
//	access committed [FILE...]   the vector file; FILEs are outputs of this program linked with other releases
//	access stream FROM TO        policies FROM to TO-1, one a line, for compare.ts
package main

import (
	"bufio"
	"fmt"
	"os"
	"slices"
	"strconv"

	"bulkhead.dev/oracle/internal/vectors"
)

const committed = 400

type vector struct {
	Name                string           `json:"name"`
	ClusterRoles        []map[string]any `json:"clusterRoles"`
	Roles               []map[string]any `json:"roles"`
	ClusterRoleBindings []map[string]any `json:"clusterRoleBindings"`
	RoleBindings        []map[string]any `json:"roleBindings"`
	// Bindings as the resolver describes them.
	Sources  []string `json:"sources"`
	Requests [][]any  `json:"requests"`
	Writes   []writes `json:"writes"`
}

var requestFields = []string{"user", "verb", "apiGroup", "resource", "subresource", "name", "namespace", "path", "granting: source, rule, source, rule..."}

func main() {
	header := []vectors.Field{{Name: "request", Value: requestFields}, {Name: "users", Value: callers}}
	switch os.Args[1] {
	case "committed":
		cases := []vector{}
		for i := range committed {
			cases = append(cases, answer(i, 3))
		}
		vectors.Print("access", cases, append(vectors.Checked(os.Args[2:], cases), header...)...)
	case "stream":
		out := bufio.NewWriter(os.Stdout)
		defer out.Flush()
		from, to := number(os.Args[2]), number(os.Args[3])
		fmt.Fprintln(out, vectors.Text(map[string]any{"kubernetes": vectors.Kubernetes(), "users": callers, "policies": to - from}))
		for i := from; i < to; i++ {
			fmt.Fprintln(out, vectors.Text(answer(i, 10)))
		}
	default:
		panic("committed or stream?")
	}
}

func number(text string) int {
	value, err := strconv.Atoi(text)
	if err != nil {
		panic(err)
	}
	return value
}

// answer asks the same requests of a policy whatever it is for, and as many writes as are wanted.
func answer(index, writes int) vector {
	d := diceOf(index)
	made := d.policy()
	asking := newAsking(made)
	answered := vector{
		Name:                fmt.Sprint("random ", index),
		ClusterRoles:        vectors.PlainAll(made.clusterRoles),
		Roles:               vectors.PlainAll(made.roles),
		ClusterRoleBindings: vectors.PlainAll(made.clusterRoleBindings),
		RoleBindings:        vectors.PlainAll(made.roleBindings),
		Sources:             []string{},
	}
	for range 50 {
		asked := d.request(made)
		granting := []int{}
		for _, grant := range asking.authorize(asked) {
			source := slices.Index(answered.Sources, grant.source)
			if source < 0 {
				source = len(answered.Sources)
				answered.Sources = append(answered.Sources, grant.source)
			}
			granting = append(granting, source, grant.rule)
		}
		answered.Requests = append(answered.Requests, []any{
			asked.user, asked.verb, asked.group, asked.resource, asked.subresource, asked.name, asked.namespace, asked.path, granting,
		})
	}
	for range writes {
		answered.Writes = append(answered.Writes, asking.write(d.write(made)))
	}
	return answered
}
