/*
 * words_standing.c - how an agent or a queue's door stands.
 */
#include <string.h>

#include "base/err.h"
#include "client/i18n.h"
#include "client/words.h"

static void
put_standing(FILE *f, char *text)
{
	static const struct word *const known[] = { words_state, words_door };
	char *reason = strchr(text, ' ');
	const char *word = text;

	if (reason != NULL)
		*reason++ = '\0';
	for (size_t i = 0; i < NELEM(known) && word == text; i++)
		word = word_of_name(known[i], text);
	if (strcmp(text, "null") == 0)
		word = _("Logged off");
	if (word == text) /* a name, as it is */
		fprintf(f, "%s%s%s", text, reason != NULL ? " " : "",
		    reason != NULL ? reason : "");
	else if (reason == NULL)
		fputs(word, f);
	else
		fprintf(f, "%s (%s)", word, words_reason(reason));
}

void
words_standing(FILE *f, char *text)
{
	static const char and_then[] = ", then ";
	char *then = strstr(text, and_then);

	if (then != NULL)
		*then = '\0';
	put_standing(f, text);
	if (then == NULL)
		return;
	fputs(_(", then "), f);
	put_standing(f, then + sizeof(and_then) - 1);
}
