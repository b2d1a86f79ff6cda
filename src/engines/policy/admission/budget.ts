/** Run-time limits of the API server: k8s.io/apiserver pkg/apis/cel/config.go. In units of cel-go's cost. */
export const PER_CALL_LIMIT = 1_000_000
/** Of one binding's validations, or of its audit annotations. */
export const RUNTIME_BUDGET = 10_000_000
export const MATCH_CONDITIONS_BUDGET = 2_500_000
/** In bytes of UTF-8: a longer message of a messageExpression is not shown. */
/** A longer audit annotation is cut: plugin/policy/validating/plugin.go. */
export const MAX_ANNOTATION_BYTES = 10 * 1024
/** In bytes of UTF-8: a longer message of a messageExpression is not shown. */
export const MAX_MESSAGE_BYTES = 5 * 1024

export const OUT_OF_BUDGET =
  'validation failed due to running out of cost budget, no further validation rules will be run'
