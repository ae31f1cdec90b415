/* yaml.h - a YAML text as a value, and where each of its parts stands.
 *
 * Sequences, mappings with string keys, and scalars: plain ones become null,
 * booleans and numbers as in the JSON schema of YAML 1.2, quoted and block ones
 * strings. Anchors and aliases are resolved. The only file that includes
 * libfyaml.
 */
#ifndef WEIR_APP_YAML_H
#define WEIR_APP_YAML_H

#include "base/error.h"
#include "value/value.h"

struct yaml;

/* Reads text (borrowed only during the call). NULL with err filled: line,
 * column, and what is wrong. */
struct yaml *yaml_parse(struct str text, struct weir_error *err);
void yaml_destroy(struct yaml *y); /* NULL does nothing */

struct value yaml_value(const struct yaml *y); /* borrowed */

/* Where the node at a JSON pointer begins (its key, when at_key), from 1. For a
 * block scalar the first line of its text. 0 and 0 when there is no such node.
 */
void yaml_where(const struct yaml *y, const char *pointer, bool at_key,
		uint32_t *line_out, uint32_t *column_out);

#endif
