package main

// The words of random policies. Few, so that they meet; among them what looks like a wildcard and is none, other case, and
// names that need quoting.
var (
	callers = []caller{
		{"ann", []string{"dev", "system:authenticated"}},
		{"bob", []string{"dev", "ops", "system:authenticated"}},
		{"cat", []string{}},
		account("a", "sa"),
		account("b", "sa"),
		account("a", "other"),
		// As a certificate or a proxy may name them: without the groups, or with a name that no account has.
		{"system:serviceaccount:a:sa", []string{"system:authenticated"}},
		{"system:serviceaccount:a:sa:x", []string{"system:authenticated"}},
		{"system:serviceaccount:a", []string{"system:authenticated"}},
		{"system:anonymous", []string{"system:unauthenticated"}},
		{"system:node:n1", []string{"system:nodes", "system:authenticated"}},
		{"https://issuer.example/#\"d\u00f6rte\"\u200b", []string{"team \\ x\u00ad", "system:authenticated"}},
		{"root", []string{"system:masters", "system:authenticated"}},
		{"ann/x", []string{"dev/x"}},
	}
	subjects = []string{
		"User/ann", "User/bob", "User/cat", "User/Ann", "User/*", "User/ann/x", "User/root",
		"Group/dev", "Group/ops", "Group/Dev", "Group/dev/x", "Group/system:authenticated", "Group/system:unauthenticated", "Group/system:serviceaccounts",
		"Group/system:serviceaccounts:a", "Group/system:nodes", "Group/*",
		"ServiceAccount/a/sa", "ServiceAccount/b/sa", "ServiceAccount//sa", "ServiceAccount//sa", "ServiceAccount/a/other", "ServiceAccount/a/*", "ServiceAccount/a/sa:x", "ServiceAccount/a:sa/x",
		"User/system:serviceaccount:a:sa", "User/system:serviceaccount:a:sa:x", "User/system:serviceaccount:a", "User/system:anonymous", "User/system:node:n1",
		"Robot/ann", "user/ann", "User/https://issuer.example/#\"d\u00f6rte\"\u200b", "Group/team \\ x\u00ad",
	}
	spaces       = []string{"a", "b"}
	verbs        = []string{"get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"}
	ruleVerbs    = append([]string{"GET", "ge*", "escalate", "bind", "impersonate", "use", ""}, verbs...)
	groups       = []string{"", "apps", "rbac.authorization.k8s.io"}
	ruleGroups   = append([]string{"app*", "v1", "core"}, groups...)
	resources    = []string{"pods", "secrets", "deployments", "namespaces", "nodes", "roles", "clusterroles"}
	parts        = []string{"log", "exec", "scale", "status"}
	ruleParts    = []string{"pods/log", "pods/exec", "pods/*", "*/log", "*/scale", "*/*", "deployments/scale", "*/", "pods/", "/log", "scale", "Pods", "po*", "*s", ""}
	names        = []string{"x", "y", "a", "b", "*", "r0", "c0", "c1"}
	urls         = []string{"/metrics", "/metrics/", "/logs", "/logs/", "/logs/x", "/apis", "/apis/", "/apis/apps", "/healthz", "/", "*", "/l*/x"}
	ruleURLs     = []string{"/metrics", "/logs/*", "/logs*", "*", "**", "/l*/x", "/apis/*", "/apis/**", "/*", "/healthz", "", "/METRICS", "/apis/apps*"}
	bindingNames = []string{"cb", "dev \"quoted\"", "\u00fcber\u200b", "a,b\\", "system:x"}
)
