/* to_dict.c - all items as one object, at the end.
 *
 *     source                -{k:x,n:1}--{k:y,n:2}--{k:x,n:3}-|
 *     to_dict(.k, .n)       ---------------------------------({x:3,y:2}|)
 *
 * A later item with the same key replaces the earlier. Keys are strings; the
 * key of a number or boolean is its text.
 */
#include "rx/keys.h"
#include "rx/op.h"

struct dict_source {
	struct rx_source source;
	struct rx_fn *key;
	struct rx_fn *element; /* NULL: the item itself */
	uint32_t max;
};

struct dict {
	struct rx_sub sub;
	struct rx_keys places; /* key to index in elements */
	struct rx_queue keys;  /* in order of first occurrence */
	struct rx_queue elements;
};

/* The name that key (taken) of item v is. False: it cannot be one, which is
 * told. */
static bool as_name(struct rx_sub *s, struct value v, struct value key,
		    struct value *name_out)
{
	struct weir_error err = {0};
	struct buf text = {0};
	int64_t i;

	if (value_type(key) == VALUE_STRING) {
		*name_out = key;
		return true;
	}
	if (value_to_i64(key, &i)) {
		buf_append_i64(&text, i);
	} else if (value_is_number(key)) {
		buf_printf(&text, "%.17g", value_to_double(key));
	} else if (value_is_bool(key)) {
		buf_append_cstr(&text, value_truthy(key) ? "true" : "false");
	} else {
		error_set(&err, WEIR_EITEM, "to_dict: the key is %s",
			  value_type_name(key));
		value_unref(key);
		rx_item_failed(s, &err, v);
		return false;
	}
	*name_out = value_string(buf_str(&text));
	buf_fini(&text);
	return true;
}

/* Borrows all; v is the item they come from. */
static void put(struct dict *d, struct value v, struct value name,
		struct value element)
{
	struct dict_source *src =
		CONTAINER_OF(d->sub.src, struct dict_source, source);
	uintptr_t *place = rx_keys_find(&d->places, name);

	if (place) {
		struct rx_held *at =
			rx_queue_at(&d->elements, (uint32_t)*place);
		struct rx_item old = at->item;

		at->item = rx_item_hold(element);
		rx_item_drop(old);
		return;
	}
	if (d->keys.len >= src->max) {
		rx_item_refused(&d->sub, v, d->keys.len, "max_buffer");
		return;
	}
	rx_keys_add(&d->places, name, d->keys.len);
	rx_queue_push(&d->keys, (struct rx_item){.v = value_ref(name)}, 0);
	rx_queue_push(&d->elements, rx_item_hold(element), 0);
}

static void on_next(struct rx_observer *o, struct value v)
{
	struct dict *d = CONTAINER_OF(o, struct dict, sub.up);
	struct dict_source *src =
		CONTAINER_OF(d->sub.src, struct dict_source, source);
	struct value key, name, element;

	if (!rx_apply(&d->sub, src->key, v, -1, &key) ||
	    !as_name(&d->sub, v, key, &name))
		return;
	if (rx_apply(&d->sub, src->element, v, -1, &element)) {
		put(d, v, name, element);
		value_unref(element);
	}
	value_unref(name);
}

static void on_done(struct rx_observer *o)
{
	struct dict *d = CONTAINER_OF(o, struct dict, sub.up);
	uint32_t n = d->keys.len;
	struct value *pairs = mem_alloc((2 * n + 1) * sizeof *pairs);

	for (uint32_t i = 0; i < n; i++) {
		pairs[2 * i] = value_ref(rx_queue_at(&d->keys, i)->item.v);
		pairs[2 * i + 1] =
			value_ref(rx_queue_at(&d->elements, i)->item.v);
	}

	struct rx_item object = rx_queue_array(&d->elements, 0); /* its cause */

	value_unref(object.v);
	object.v = value_object(pairs, n);
	mem_free(pairs);
	rx_emit_item(&d->sub, object);
	rx_finish_done(&d->sub);
}

static void stop(struct rx_sub *s)
{
	struct dict *d = CONTAINER_OF(s, struct dict, sub);

	rx_keys_clear(&d->places);
	rx_queue_clear(&d->keys);
	rx_queue_clear(&d->elements);
}

static void destroy(struct rx_source *source)
{
	struct dict_source *src =
		CONTAINER_OF(source, struct dict_source, source);

	rx_fn_unref(src->key);
	rx_fn_unref(src->element);
}

static const struct rx_source_ops ops = {
	.name = "to_dict",
	.source_bytes = sizeof(struct dict_source),
	.sub_bytes = sizeof(struct dict),
	.in = {on_next, rx_pass_error, on_done},
	.stop = stop,
	.destroy = destroy,
};

struct rx_source *rx_to_dict(struct rx_source *in, struct rx_fn *key,
			     struct rx_fn *element, uint32_t max_buffer)
{
	struct dict_source *src = rx_source_new(&ops, NULL, in);

	src->key = key;
	src->element = element;
	src->max = max_buffer ? max_buffer : RX_MAX_BUFFER_DEFAULT;
	return &src->source;
}
