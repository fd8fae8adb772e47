/*
 * A pairing heap, see heap.h.
 */
#include "base/heap.h"

/* Two roots, neither with siblings, into one. */
static struct heap_node *
join(struct heap_node *a, struct heap_node *b)
{
	struct heap_node *first = msec_before(b->due, a->due) ? b : a, *other = first == a ? b : a;

	other->next = first->child;
	if (other->next != NULL)
		other->next->back = &other->next;
	other->back = &first->child;
	first->child = other;
	return first;
}

/* Siblings into one root: in pairs from the left, then these from the right.  NULL for none. */
static struct heap_node *
join_all(struct heap_node *list)
{
	struct heap_node *pairs = NULL, *a, *b, *root;

	while ((a = list) != NULL) {
		b = a->next;
		list = b != NULL ? b->next : NULL;
		a->next = NULL;
		if (b != NULL) {
			b->next = NULL;
			a = join(a, b);
		}
		a->next = pairs;
		pairs = a;
	}
	if ((root = pairs) == NULL)
		return NULL;
	pairs = root->next;
	root->next = NULL;
	while ((a = pairs) != NULL) {
		pairs = a->next;
		a->next = NULL;
		root = join(root, a);
	}
	return root;
}

static void
set_first(struct heap *h, struct heap_node *root)
{
	h->first = root;
	if (root != NULL)
		root->back = &h->first;
}

void
heap_add(struct heap *h, struct heap_node *node, msec_t due)
{
	node->due = due;
	node->child = node->next = NULL;
	set_first(h, h->first != NULL ? join(h->first, node) : node);
	h->n++;
}

void
heap_remove(struct heap *h, struct heap_node *node)
{
	struct heap_node *below = join_all(node->child);

	*node->back = node->next;
	if (node->next != NULL)
		node->next->back = node->back;
	if (h->first != NULL && below != NULL)
		below = join(h->first, below);
	set_first(h, below != NULL ? below : h->first);
	node->child = node->next = NULL;
	node->back = NULL;
	h->n--;
}
