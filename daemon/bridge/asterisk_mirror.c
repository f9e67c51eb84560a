/*
 * asterisk_mirror.c - channels and bridges, as the events tell of them.
 *
 * A bridge is here as long as somebody is in it.
 */
#include <stdlib.h>

#include "bridge/asterisk.h"

struct ast_chan *
ast_chan_find(struct ast *a, struct str uid)
{
	struct ast_chan *c = NULL;

	if (uid.len > 0 && uid.len < AST_CHAN_MAX)
		HASH_FIND(hh, a->chans, uid.p, uid.len, c);
	return c;
}

/* Ids and names that a command could not hold are not ours to handle. */
struct ast_chan *
ast_chan_get(struct ast *a, struct str uid, struct str name)
{
	struct ast_chan *c = ast_chan_find(a, uid);

	if (c == NULL && ast_is_token(uid) &&
	    (c = calloc(1, sizeof(*c))) != NULL) {
		ast_copy(c->uid, sizeof(c->uid), uid);
		HASH_ADD_KEYPTR(hh, a->chans, c->uid, uid.len, c);
		if (!HASH_ADD_OK(hh, c)) {
			free(c);
			return NULL;
		}
	}
	if (c != NULL && name.len > 0)
		ast_copy(c->name, sizeof(c->name), name);
	return c;
}

void
ast_chan_leave(struct ast *a, struct ast_chan *c)
{
	struct ast_bridge *b = c->bridge;

	if (b == NULL)
		return;
	c->bridge = NULL;
	TAILQ_REMOVE(&b->in, c, of_bridge);
	if (!TAILQ_EMPTY(&b->in))
		return;
	HASH_DELETE(hh, a->bridges, b); /* NOLINT: it is in there */
	free(b);
}

void
ast_chan_enter(struct ast *a, struct ast_chan *c, struct str id)
{
	struct ast_bridge *b = NULL;

	if (c->bridge != NULL && str_eq(str_of(c->bridge->id), id))
		return;
	ast_chan_leave(a, c);
	if (id.len == 0 || id.len >= AST_CHAN_MAX)
		return;
	HASH_FIND(hh, a->bridges, id.p, id.len, b);
	if (b == NULL) {
		if ((b = calloc(1, sizeof(*b))) == NULL)
			return;
		TAILQ_INIT(&b->in);
		ast_copy(b->id, sizeof(b->id), id);
		HASH_ADD_KEYPTR(hh, a->bridges, b->id, id.len, b);
		if (!HASH_ADD_OK(hh, b)) {
			free(b);
			return;
		}
	}
	c->bridge = b;
	TAILQ_INSERT_TAIL(&b->in, c, of_bridge);
}

void
ast_chan_free(struct ast *a, struct ast_chan *c)
{
	ast_chan_leave(a, c);
	ast_chan_part(c);
	HASH_DELETE(hh, a->chans, c); /* NOLINT: it is in there */
	free(c);
}

void
ast_mirror_clear(struct ast *a)
{
	struct ast_chan *c, *next;

	HASH_ITER(hh, a->chans, c, next)
	{
		ast_chan_free(a, c);
	}
}
