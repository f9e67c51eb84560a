/*
 * i18n.c - the user's language, also where the machine was set up without it.
 *
 * A fresh Debian has only C.UTF-8: setlocale() fails for zh_CN.UTF-8, and
 * gettext would fall back to English although our translation is there.  Then
 * C.UTF-8 carries the characters and LANGUAGE names the language.
 */
#include "client/i18n.h"

#include <locale.h>
#include <stdlib.h>

/* What the environment asks for, in POSIX's order. */
static const char *
wanted_language(void)
{
	static const char *const names[] = { "LC_ALL", "LC_MESSAGES", "LANG" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *v = getenv(names[i]);

		if (v != NULL && *v != '\0')
			return v;
	}
	return "C";
}

void
i18n_start(void)
{
	const char *dir = getenv("MASHANG_LOCALEDIR");

	if (setlocale(LC_CTYPE, "") == NULL)
		setlocale(LC_CTYPE, "C.UTF-8");
	if (setlocale(LC_MESSAGES, "") == NULL) {
		setlocale(LC_MESSAGES, "C.UTF-8");
		setenv("LANGUAGE", wanted_language(), 0);
	}
	bindtextdomain("mashang", dir != NULL ? dir : LOCALEDIR);
	bind_textdomain_codeset("mashang", "UTF-8");
	textdomain("mashang");
}
