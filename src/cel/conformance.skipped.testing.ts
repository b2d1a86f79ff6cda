const FORMAT = 'the API server loads version 2 of the strings library, which formats otherwise'

const FOLDED = 'the API server folds constants when it makes the program, which refuses the key'

/** Tests of the suite that are not run: the beginning of their path, and why. A path that begins like none is a failure. */
export const SKIPPED: readonly (readonly [path: string, reason: string])[] = [
  [
    'type_deductions/legacy_nullable_types/null_assignable_to_abstract_parameter_candidate',
    'cel-go deduces null, as the suite tells',
  ],
  ['bindings_ext/', 'the API server does not load cel.bind'],
  ['block_ext/', 'the API server does not load cel.block'],
  ['encoders_ext/', 'the API server does not load base64'],
  ['math_ext/', 'the API server does not load math'],
  ['proto2/', 'needs protobuf messages'],
  ['proto2_ext/', 'needs protobuf messages'],
  ['proto3/', 'needs protobuf messages'],
  ['wrappers/', 'needs protobuf messages'],
  ['enums/', 'needs enumerations of protobuf'],
  ['dynamic/', 'needs protobuf messages'],
  ['namespace/namespace/', 'needs a container, which no environment of the API server has'],
  [
    'optionals/optionals/map_null_entry_no_such_key',
    'cel-go has an option for the error (EnableErrorOnBadPresenceTest), which the API server leaves off',
  ],
  [
    'optionals/optionals/map_present_key_invalid_field',
    'cel-go has an option for the error (EnableErrorOnBadPresenceTest), which the API server leaves off',
  ],
  ['fields/map_fields/map_bad_key_type_', FOLDED],
  ['fields/qualified_identifier_resolution/map_key_float', 'cel-go takes keys of any kind, and skips this test too'],
  [
    'fields/qualified_identifier_resolution/map_value_repeat_key',
    'of equal keys cel-go takes one, and skips this test too',
  ],
  ['string_ext/format/scientific notation formatting clause', FORMAT],
  ['string_ext/format/default precision for scientific notation', FORMAT],
  ['string_ext/format/NaN support for scientific notation', FORMAT],
  ['string_ext/format/positive infinity support for scientific notation', FORMAT],
  ['string_ext/format/negative infinity support for scientific notation', FORMAT],
  ['string_ext/format/NaN support for decimal', FORMAT],
  ['string_ext/format/positive infinity support for decimal', FORMAT],
  ['string_ext/format/negative infinity support for decimal', FORMAT],
  ['string_ext/format/positive infinity support for fixed-point', FORMAT],
  ['string_ext/format/negative infinity support for fixed-point', FORMAT],
  ['string_ext/format/list support for string', FORMAT],
  ['string_ext/format/map support for string', FORMAT],
  ['string_ext/format/map support (all key types)', FORMAT],
  ['string_ext/format/dyntype support for scientific notation', FORMAT],
  ['string_ext/format/dyntype NaN/infinity support', FORMAT],
  ['string_ext/format/dyntype support for lists', FORMAT],
  ['string_ext/format/dyntype support for maps', FORMAT],
  ['string_ext/format/scientific notation formatting clause in a string variable', FORMAT],
  ['string_ext/value_errors/indexof_out_of_range', 'answers -1 in the cel-go of 1.37'],
  ['string_ext/value_errors/lastindexof_out_of_range', 'answers -1 in the cel-go of 1.37'],
]

/** Expressions of the suite's other files that name a message. */
export const MESSAGE = /TestAllTypes|google\.protobuf\.|cel\.expr|GlobalEnum|NestedMessage/

/** Why a test that names a message, or binds one, is not run. */
export const NEEDS_MESSAGES = 'needs protobuf messages'
