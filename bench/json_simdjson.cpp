// json_simdjson.cpp - the yardstick of json.c: simdjson's DOM, and a visit to
// every leaf of it.
#include <cstddef>
#include <cstdint>
#include <simdjson.h>

using namespace simdjson;

static size_t sum; // what a visit reads, so that it is not optimised away

static size_t visit(dom::element e)
{
	size_t n = 0;

	switch (e.type()) {
	case dom::element_type::OBJECT:
		for (dom::key_value_pair member : dom::object(e)) {
			sum += member.key.size();
			n += visit(member.value);
		}
		return n + 1;
	case dom::element_type::ARRAY:
		for (dom::element child : dom::array(e))
			n += visit(child);
		return n + 1;
	case dom::element_type::STRING:
		sum += e.get_string().value_unsafe().size();
		return 1;
	case dom::element_type::INT64:
		sum += (size_t)e.get_int64().value_unsafe();
		return 1;
	case dom::element_type::UINT64:
		sum += (size_t)e.get_uint64().value_unsafe();
		return 1;
	case dom::element_type::DOUBLE:
		sum += e.get_double().value_unsafe() > 1;
		return 1;
	default:
		return 1;
	}
}

extern "C" {

void *yardstick_create(void);
size_t yardstick_parse(void *parser, const char *text, size_t len);
size_t yardstick_leaves(void *parser, const char *text, size_t len);
void yardstick_destroy(void *parser);

void *yardstick_create(void)
{
	return new dom::parser;
}

void yardstick_destroy(void *parser)
{
	delete (dom::parser *)parser;
}

// The text has bytes behind it that may be read: no copy, which is simdjson's
// best case.
size_t yardstick_parse(void *parser, const char *text, size_t len)
{
	dom::element e;

	return ((dom::parser *)parser)
			       ->parse(text, len, false)
			       .get(e) == SUCCESS;
}

size_t yardstick_leaves(void *parser, const char *text, size_t len)
{
	dom::element e;

	if (((dom::parser *)parser)->parse(text, len, false).get(e) != SUCCESS)
		return 0;
	return visit(e) + (sum & 0);
}
}
