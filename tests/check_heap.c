/*
 * The heap of points in time against a plain array, with many random steps.
 */
#include "base/heap.h"
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#define NODES 200
#define STEPS 20000

static struct heap_node nodes[NODES];
static struct heap heap;

/* Tests may run in one process. */
static void
start_empty(void)
{
	memset(nodes, 0, sizeof nodes);
	memset(&heap, 0, sizeof heap);
}

static int64_t
earliest(size_t *n)
{
	int64_t first = INT64_MAX;
	size_t i;

	for (*n = 0, i = 0; i < NODES; i++) {
		if (!heap_has(&nodes[i]))
			continue;
		(*n)++;
		if (nodes[i].due.v < first)
			first = nodes[i].due.v;
	}
	return first;
}

static void
check_first(void)
{
	size_t n;
	int64_t first = earliest(&n);

	ck_assert_uint_eq(heap.n, n);
	if (n == 0)
		ck_assert_ptr_null(heap.first);
	else
		ck_assert_int_eq(heap.first->due.v, first);
}

/* Dues of a small range, so that many are the same. */
START_TEST(first_is_the_earliest)
{
	struct heap_node *node;
	unsigned seed = 1;
	int i;

	for (i = 0; i < STEPS; i++) {
		node = &nodes[(size_t)rand_r(&seed) % NODES];
		if (heap_has(node))
			heap_remove(&heap, node);
		else
			heap_add(&heap, node, (msec_t){ rand_r(&seed) % 1000 });
		check_first();
	}
}
END_TEST

START_TEST(comes_out_in_order)
{
	int64_t last = -1;
	int i;

	for (i = 0; i < NODES; i++)
		heap_add(&heap, &nodes[i], (msec_t){ i * 7919 % 211 });
	for (i = 0; i < NODES; i++) {
		ck_assert_int_ge(heap.first->due.v, last);
		last = heap.first->due.v;
		heap_remove(&heap, heap.first);
		check_first();
	}
	ck_assert_ptr_null(heap.first);
}
END_TEST

START_TEST(one_node)
{
	ck_assert(!heap_has(&nodes[0]));
	heap_add(&heap, &nodes[0], (msec_t){ 5 });
	ck_assert(heap_has(&nodes[0]));
	ck_assert_ptr_eq(heap.first, &nodes[0]);
	heap_remove(&heap, &nodes[0]);
	ck_assert(!heap_has(&nodes[0]));
	check_first();
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("heap");
	TCase *t = tcase_create("heap");

	tcase_add_checked_fixture(t, start_empty, NULL);
	tcase_add_test(t, first_is_the_earliest);
	tcase_add_test(t, comes_out_in_order);
	tcase_add_test(t, one_node);
	suite_add_tcase(s, t);
	return unit_run(s);
}
