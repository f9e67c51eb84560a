/*
 * pg_admin.c - the documents, and the statements that read them.
 */
#include "store/pg_admin.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

/* clang-format off */
#define DOC "$1::jsonb"
#define AT " to_timestamp(0) + (" DOC "->>'now')::bigint" \
	   " * interval '1 microsecond'"
#define ID_OF(table, name) "(SELECT id FROM " table " WHERE name = " name \
	" AND NOT retired)"
#define RETIRE(table, list) \
	"UPDATE " table " SET retired = true WHERE NOT retired AND NOT (" DOC \
	"->>'keep_others')::bool AND name NOT IN (SELECT " list ")"
#define NAMES(part) "jsonb_path_query(" DOC ", '$." part "[*].name') #>> '{}'"

#define KEEP "(" DOC "->>'keep_others')::bool"

/* What is to be and what the last revision was, alike, so that they can be
 * compared.  Nothing differs, or this operation was here before: no row.  The
 * number was chosen by who checked it, so of two at a time one fails. */
#define REVISION \
	"WITH last AS (SELECT coalesce(max(id), 0) AS id, max(at) AS at" \
	" FROM sla_revision), cal AS (SELECT c.name, c.spec" \
	" FROM jsonb_to_recordset(" DOC "->'calendars')" \
	" AS c(name text, spec text) UNION ALL SELECT c.name, c.spec" \
	" FROM calendar c JOIN last ON c.revision = last.id WHERE " KEEP \
	" AND c.name NOT IN (SELECT " NAMES("calendars") "))," \
	" pol AS (SELECT x.position::int, x.p->>'name' AS name," \
	" x.p->>'spec' AS spec FROM jsonb_array_elements(" DOC \
	"->'policies') WITH ORDINALITY AS x(p, position)" \
	" UNION ALL SELECT p.position, p.name, p.spec FROM sla_policy p" \
	" JOIN last ON p.revision = last.id WHERE " KEEP \
	" AND jsonb_array_length(" DOC "->'policies') = 0)," \
	" que AS (SELECT q.name AS queue, q.calendar" \
	" FROM jsonb_to_recordset(" DOC "->'queues')" \
	" AS q(name text, calendar text) WHERE q.calendar <> ''" \
	" UNION ALL SELECT q.queue, q.calendar FROM queue_calendar q" \
	" JOIN last ON q.revision = last.id WHERE " KEEP \
	" AND q.queue NOT IN (SELECT " NAMES("queues") "))," \
	" wanted AS (SELECT 'c', 0, name, spec FROM cal" \
	" UNION ALL SELECT 'p', position, name, spec FROM pol" \
	" UNION ALL SELECT 'q', 0, queue, calendar FROM que)," \
	" present AS (SELECT 'c', 0, name, spec FROM calendar c" \
	" JOIN last ON c.revision = last.id" \
	" UNION ALL SELECT 'p', position, name, spec FROM sla_policy p" \
	" JOIN last ON p.revision = last.id" \
	" UNION ALL SELECT 'q', 0, queue, calendar FROM queue_calendar q" \
	" JOIN last ON q.revision = last.id)," \
	" made AS (INSERT INTO sla_revision (id, at, actor, apply_to)" \
	" SELECT (" DOC "->>'revision')::int + 1, greatest(" AT "," \
	" last.at + interval '1 microsecond')," DOC "->>'actor'," \
	DOC "->>'apply_to' FROM last" \
	" WHERE (EXISTS (TABLE wanted EXCEPT TABLE present)" \
	" OR EXISTS (TABLE present EXCEPT TABLE wanted))" \
	" AND NOT EXISTS (SELECT FROM audit WHERE key = (" DOC \
	"->>'op')::uuid) RETURNING id, at, apply_to)," \
	" c AS (INSERT INTO calendar (revision, name, spec)" \
	" SELECT made.id, cal.name, cal.spec FROM made, cal)," \
	" p AS (INSERT INTO sla_policy (revision, position, name, spec)" \
	" SELECT made.id, pol.position, pol.name, pol.spec FROM made, pol)," \
	" q AS (INSERT INTO queue_calendar (revision, queue, calendar)" \
	" SELECT made.id, que.queue, que.calendar FROM made, que)," \
	" unseen AS (SELECT t.id FROM ticket t WHERE t.closed_at IS NULL" \
	" AND t.opened_at IS NOT NULL AND NOT EXISTS" \
	" (SELECT FROM sla_ticket s WHERE s.ticket_id = t.id))," \
	" m AS (INSERT INTO sla_todo (ticket_id, node) SELECT unseen.id, ''" \
	" FROM unseen, made WHERE made.apply_to <> 'new')" \
	" INSERT INTO sla_job (revision, total, ended_at)" \
	" SELECT made.id, t.n, CASE WHEN t.n = 0 THEN made.at END FROM made," \
	" (SELECT (SELECT count(*) FROM sla_ticket WHERE open)" \
	" + (SELECT count(*) FROM unseen) AS n) AS t" \
	" WHERE made.apply_to <> 'new'"

/* What a queue or an agent has is replaced as a whole; a name that is not
 * there is a NULL where none may be. */
static const char *const apply_sql[] = {
	"SELECT set_config('statement_timeout', '60s', true),"
	" jsonb_typeof(" DOC ")",

	"INSERT INTO skill (name) SELECT " NAMES("skills")
	" ON CONFLICT (name) DO UPDATE SET retired = false",
	RETIRE("skill", NAMES("skills")),

	"INSERT INTO queue (name, ring_us, wrap_up_us, priority_credit_us,"
	" short_us, stay_ready, rules) SELECT name, ring_us, wrap_up_us,"
	" priority_credit_us, short_us, stay_ready, rules"
	" FROM jsonb_to_recordset(" DOC "->'queues') AS q(name text,"
	" ring_us bigint, wrap_up_us bigint, priority_credit_us bigint,"
	" short_us bigint, stay_ready bool, rules text)"
	" ON CONFLICT (name) DO UPDATE SET ring_us = excluded.ring_us,"
	" wrap_up_us = excluded.wrap_up_us,"
	" priority_credit_us = excluded.priority_credit_us,"
	" short_us = excluded.short_us, stay_ready = excluded.stay_ready,"
	" rules = excluded.rules, retired = false",
	RETIRE("queue", NAMES("queues")),
	"DELETE FROM queue_skill WHERE queue_id IN"
	" (SELECT id FROM queue WHERE name IN (SELECT " NAMES("queues") "))",
	"INSERT INTO queue_skill (queue_id, skill_id, level)"
	" SELECT " ID_OF("queue", "q.name") "," ID_OF("skill", "s.skill") ","
	" s.level FROM jsonb_to_recordset(" DOC "->'queues')"
	" AS q(name text, skills jsonb),"
	" jsonb_to_recordset(q.skills) AS s(skill text, level int)",

	"INSERT INTO agent (name, display_name, screen_first, work_items, rank)"
	" SELECT a->>'name', a->>'display_name', (a->>'screen_first')::bool,"
	" (a->>'work_items')::int, CASE WHEN " KEEP " THEN (SELECT"
	" coalesce(max(rank), 0) FROM agent) ELSE 0 END + place"
	" FROM jsonb_array_elements(" DOC "->'agents')"
	" WITH ORDINALITY AS x(a, place)"
	" ON CONFLICT (name) DO UPDATE SET"
	" display_name = excluded.display_name,"
	" screen_first = excluded.screen_first,"
	" work_items = excluded.work_items, rank = CASE WHEN " KEEP
	" AND NOT agent.retired THEN agent.rank ELSE excluded.rank END,"
	" retired = false",
	RETIRE("agent", NAMES("agents")),
	"DELETE FROM agent_queue WHERE agent_id IN"
	" (SELECT id FROM agent WHERE name IN (SELECT " NAMES("agents") "))",
	"DELETE FROM agent_skill WHERE agent_id IN"
	" (SELECT id FROM agent WHERE name IN (SELECT " NAMES("agents") "))",
	"INSERT INTO agent_queue (agent_id, queue_id, tier, weight)"
	" SELECT " ID_OF("agent", "a.name") "," ID_OF("queue", "q.queue") ","
	" q.tier, q.weight FROM jsonb_to_recordset(" DOC "->'agents')"
	" AS a(name text, queues jsonb), jsonb_to_recordset(a.queues)"
	" AS q(queue text, tier int, weight int)",
	"INSERT INTO agent_skill (agent_id, skill_id, level)"
	" SELECT " ID_OF("agent", "a.name") "," ID_OF("skill", "s.skill") ","
	" s.level FROM jsonb_to_recordset(" DOC "->'agents')"
	" AS a(name text, skills jsonb),"
	" jsonb_to_recordset(a.skills) AS s(skill text, level int)",

	"INSERT INTO reason (name, paid, limit_us) SELECT name, paid, limit_us"
	" FROM jsonb_to_recordset(" DOC "->'reasons') AS r(name text,"
	" paid bool, limit_us bigint) ON CONFLICT (name) DO UPDATE SET"
	" paid = excluded.paid, limit_us = excluded.limit_us, retired = false",
	RETIRE("reason", NAMES("reasons")),

	"INSERT INTO switch (name) SELECT DISTINCT d.switch"
	" FROM jsonb_to_recordset(" DOC "->'devices') AS d(switch text)"
	" ON CONFLICT (name) DO NOTHING",
	"INSERT INTO device (name, switch_id) SELECT d.name,"
	" (SELECT id FROM switch s WHERE s.name = d.switch)"
	" FROM jsonb_to_recordset(" DOC "->'devices')"
	" AS d(name text, switch text)"
	" ON CONFLICT (name) DO UPDATE SET switch_id = excluded.switch_id,"
	" retired = false",
	RETIRE("device", NAMES("devices")),

	"DELETE FROM called_number"
	" WHERE NOT (" DOC "->>'keep_others')::bool",
	"INSERT INTO called_number (called, menu, queue_id)"
	" SELECT n.called, n.menu," ID_OF("queue", "n.queue")
	" FROM jsonb_to_recordset(" DOC "->'numbers')"
	" AS n(called text, menu text, queue text)"
	" ON CONFLICT (called, menu) DO UPDATE SET"
	" queue_id = excluded.queue_id",

	/* Not named: gone, or as it was. */
	"DELETE FROM dialling_prefix WHERE NOT " KEEP
	" OR jsonb_typeof(" DOC "->'dialling') = 'object'",
	"DELETE FROM dialling WHERE NOT " KEEP
	" OR jsonb_typeof(" DOC "->'dialling') = 'object'",
	"INSERT INTO dialling (per_day, show) SELECT (d->>'per_day')::int,"
	" d->>'show' FROM (SELECT " DOC "->'dialling') AS x(d)"
	" WHERE jsonb_typeof(d) = 'object'",
	"INSERT INTO dialling_prefix (prefix, allowed)"
	" SELECT p.prefix, p.allowed FROM jsonb_to_recordset("
	"coalesce(" DOC "->'dialling'->'prefixes', '[]'::jsonb))"
	" AS p(prefix text, allowed bool)",

	REVISION,

	"INSERT INTO audit (key, at, actor, action, object, detail)"
	" SELECT (" DOC "->>'op')::uuid," AT "," DOC "->>'actor',"
	" 'config_apply', NULL, format('%s skills, %s queues, %s agents,"
	" %s devices, %s numbers, %s calendars, %s policies', jsonb_array_length(" DOC "->'skills'),"
	" jsonb_array_length(" DOC "->'queues'),"
	" jsonb_array_length(" DOC "->'agents'),"
	" jsonb_array_length(" DOC "->'devices'),"
	" jsonb_array_length(" DOC "->'numbers'),"
	" jsonb_array_length(" DOC "->'calendars'),"
	" jsonb_array_length(" DOC "->'policies'))"
	" ON CONFLICT (key) DO NOTHING",
};

#define LOGIN_DOC \
	"WITH d AS MATERIALIZED (SELECT *," AT " AS at" \
	" FROM jsonb_to_record(" DOC ") AS d(op uuid, actor text, name text," \
	" role text, secret text, switch text, disable bool, enable bool))," \
	" seen AS (SELECT FROM audit WHERE key = (SELECT op FROM d))," \
	" did AS ("
#define LOGIN_LOG(name, action) \
	" RETURNING " name "), log AS (INSERT INTO audit" \
	" (key, at, actor, action, object, detail)" \
	" SELECT d.op, d.at, d.actor, " action ", d.name," \
	" concat_ws(' ', nullif(d.role, ''), CASE WHEN d.secret <> ''" \
	" THEN 'password' END, CASE WHEN d.disable THEN 'disabled' END," \
	" CASE WHEN d.enable THEN 'enabled' END) FROM d, did)" \
	" SELECT (SELECT count(*) FROM did) + (SELECT count(*) FROM seen)"

static const char login_switch_sql[] =
	"INSERT INTO switch (name) SELECT x FROM (SELECT " DOC
	"->>'switch') AS s(x) WHERE x <> '' ON CONFLICT (name) DO NOTHING";

static const char login_create_sql[] =
	LOGIN_DOC
	"INSERT INTO login"
	" (name, role, secret, switch_id, disabled, tokens_from)"
	" SELECT d.name, d.role, d.secret, (SELECT id FROM switch s"
	" WHERE s.name = d.switch), d.disable, d.at FROM d"
	" WHERE NOT EXISTS (SELECT FROM seen) ON CONFLICT (name) DO NOTHING"
	LOGIN_LOG("name", "'login_create'");

static const char login_change_sql[] =
	LOGIN_DOC
	"UPDATE login l SET secret = coalesce(nullif(d.secret, ''), l.secret),"
	" switch_id = coalesce((SELECT id FROM switch s"
	" WHERE s.name = d.switch), l.switch_id),"
	" disabled = d.disable OR (l.disabled AND NOT d.enable),"
	" tokens_from = CASE WHEN d.secret <> '' OR d.switch <> ''"
	" OR d.disable OR d.enable THEN d.at ELSE l.tokens_from END FROM d"
	" WHERE l.name = d.name AND NOT EXISTS (SELECT FROM seen)"
	LOGIN_LOG("l.name", "'login_change'");
/* clang-format on */

struct admin_ask {
	ledger_done_fn *done;
	void *arg;
	enum err nothing; /* what it means that nothing was done */
};

/* --------------------------------------------------------------- documents */

static json_t *
text(struct str s)
{
	return json_stringn(s.p != NULL ? s.p : "", s.len);
}

static json_t *
levels(const struct config_level *l, unsigned n)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < n; i++)
		json_array_append_new(
		    list, json_pack("{s:o, s:I}", "skill", text(l[i].skill),
			      "level", (json_int_t)l[i].level));
	return list;
}

static json_t *
memberships(const struct config_agent *a)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < a->n_queues; i++)
		json_array_append_new(list,
		    json_pack("{s:o, s:I, s:I}", "queue", text(a->queues[i]),
			"tier",
			(json_int_t)(a->tiers != NULL ? a->tiers[i] : 1),
			"weight",
			(json_int_t)(a->weights != NULL ? a->weights[i] : 1)));
	return list;
}

static json_t *
skill_doc(const struct config *c, unsigned i)
{
	return json_pack("{s:o}", "name", text(c->skills[i].name));
}

static json_t *
queue_doc(const struct config *c, unsigned i)
{
	const struct config_queue *q = &c->queues[i];

	return json_pack("{s:o, s:o, s:o, s:o, s:I, s:I, s:I, s:I, s:b}",
	    "name", text(q->name), "rules", text(q->rules), "calendar",
	    text(q->calendar), "skills", levels(q->skills, q->n_skills),
	    "ring_us", (json_int_t)q->ring_us, "wrap_up_us",
	    (json_int_t)q->wrap_up_us, "priority_credit_us",
	    (json_int_t)q->priority_credit_us, "short_us",
	    (json_int_t)q->short_us, "stay_ready", q->stay_ready);
}

static json_t *
agent_doc(const struct config *c, unsigned i)
{
	const struct config_agent *a = &c->agents[i];

	return json_pack("{s:o, s:o, s:b, s:o, s:o, s:I}", "name",
	    text(a->name), "display_name", text(a->display_name),
	    "screen_first", a->screen_first, "queues", memberships(a), "skills",
	    levels(a->skills, a->n_skills), "work_items",
	    (json_int_t)a->work_items);
}

static json_t *
reason_doc(const struct config *c, unsigned i)
{
	const struct config_reason *r = &c->reasons[i];

	return json_pack("{s:o, s:b, s:I}", "name", text(r->name), "paid",
	    r->paid, "limit_us", (json_int_t)r->limit_us);
}

static json_t *
device_doc(const struct config *c, unsigned i)
{
	return json_pack("{s:o, s:o}", "name", text(c->devices[i].name),
	    "switch", text(c->devices[i].switch_name));
}

static json_t *
number_doc(const struct config *c, unsigned i)
{
	const struct config_number *n = &c->numbers[i];

	return json_pack("{s:o, s:o, s:o}", "called", text(n->called), "menu",
	    text(n->menu), "queue", text(n->queue));
}

static json_t *
spec_doc(const struct config_spec *s)
{
	return json_pack(
	    "{s:o, s:o}", "name", text(s->name), "spec", text(s->spec));
}

static json_t *
calendar_doc(const struct config *c, unsigned i)
{
	return spec_doc(&c->calendars[i]);
}

static json_t *
policy_doc(const struct config *c, unsigned i)
{
	return spec_doc(&c->policies[i]);
}

static void
put_prefixes(json_t *to, const struct str *p, unsigned n, bool allowed)
{
	for (unsigned i = 0; i < n; i++)
		json_array_append_new(to, json_pack("{s:o, s:b}", "prefix",
					      text(p[i]), "allowed", allowed));
}

/* JSON's null: it is not named. */
static json_t *
dialling_doc(const struct config_dialling *d)
{
	json_t *prefixes;

	if (d == NULL)
		return json_null();
	prefixes = json_array();
	put_prefixes(prefixes, d->allow, d->n_allow, true);
	put_prefixes(prefixes, d->refuse, d->n_refuse, false);
	return json_pack("{s:I, s:o, s:o}", "per_day", (json_int_t)d->per_day,
	    "show", text(d->show), "prefixes", prefixes);
}

static json_t *
list(const struct config *c, unsigned n,
    json_t *(*doc)(const struct config *, unsigned))
{
	json_t *all = json_array();

	for (unsigned i = 0; i < n; i++)
		json_array_append_new(all, doc(c, i));
	return all;
}

static json_t *
op_text(const struct id *op)
{
	struct id id = id_is_none(op) ? id_random() : *op;
	char hex[ID_TEXT_LEN + 1];

	return json_string(id_text(&id, hex));
}

static json_t *
actor_text(struct str actor)
{
	return text(actor.len > 0 ? actor : STR_LIT("system"));
}

static json_int_t
time_or_now(int64_t at)
{
	return at != 0 ? at : clock_wall();
}

/* NULL where a text is not UTF-8 or memory ran out: json_pack() then fails as
 * a whole. */
static char *
config_text(const struct config *c)
{
	json_t *doc = json_pack(
	    "{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:s, s:I, s:b, s:o,"
	    " s:o, s:I}",
	    "skills", list(c, c->n_skills, skill_doc), "queues",
	    list(c, c->n_queues, queue_doc), "agents",
	    list(c, c->n_agents, agent_doc), "devices",
	    list(c, c->n_devices, device_doc), "numbers",
	    list(c, c->n_numbers, number_doc), "calendars",
	    list(c, c->n_calendars, calendar_doc), "policies",
	    list(c, c->n_policies, policy_doc), "reasons",
	    list(c, c->n_reasons, reason_doc), "dialling",
	    dialling_doc(c->dialling), "apply_to",
	    c->apply_to != NULL ? c->apply_to : "new", "revision",
	    (json_int_t)c->revision, "keep_others", c->keep_others, "op",
	    op_text(&c->op), "actor", actor_text(c->actor), "now",
	    time_or_now(c->now));
	char *out = doc != NULL ? json_dumps(doc, JSON_COMPACT) : NULL;

	json_decref(doc);
	return out;
}

static char *
login_text(const struct login_change *c)
{
	json_t *doc = json_pack("{s:o, s:o, s:o, s:o, s:b, s:b, s:o, s:o, s:I}",
	    "name", text(c->name), "role", text(c->role), "secret",
	    text(c->secret), "switch", text(c->switch_name), "disable",
	    c->disable, "enable", c->enable, "op", op_text(&c->op), "actor",
	    actor_text(c->actor), "now", time_or_now(c->now));
	char *out = doc != NULL ? json_dumps(doc, JSON_COMPACT) : NULL;

	json_decref(doc);
	return out;
}

/* ------------------------------------------------------------------ asking */

static void
on_answer(void *arg, enum err e, const PGresult *res)
{
	struct admin_ask ask = *(struct admin_ask *)arg;

	free(arg);
	if (e == ERR_OK && ask.nothing != ERR_OK &&
	    strcmp(PQgetvalue(res, 0, 0), "0") == 0)
		e = ask.nothing;
	if (ask.done != NULL)
		ask.done(ask.arg, e);
}

static enum err
ask(struct pg_reader *r, const struct admin_ask *want,
    const char *const *statements, unsigned n, const char *doc)
{
	const struct pg_args args = { 1, &doc, NULL, NULL };
	struct admin_ask *kept;
	enum err e;

	if (doc == NULL)
		return ERR_BAD_TEXT;
	if ((kept = malloc(sizeof(*kept))) == NULL)
		return ERR_NOMEM;
	*kept = *want;
	if ((e = pg_reader_open(r, on_answer, kept)) != ERR_OK) {
		free(kept);
		return e;
	}
	for (unsigned i = 0; i < n; i++)
		pg_reader_query(r, statements[i], &args);
	pg_reader_close(r);
	return ERR_OK;
}

enum err
pg_admin_apply(struct pg_reader *r, const struct config *c,
    ledger_done_fn *done, void *arg)
{
	const struct admin_ask want = { done, arg, ERR_OK };
	char *doc = config_text(c);
	enum err e = ask(r, &want, apply_sql, NELEM(apply_sql), doc);

	free(doc);
	return e;
}

enum err
pg_admin_login(struct pg_reader *r, const struct login_change *c,
    ledger_done_fn *done, void *arg)
{
	const struct admin_ask want = { done, arg,
		c->create ? ERR_CONFLICT : ERR_NOT_FOUND };
	const char *const statements[] = { login_switch_sql,
		c->create ? login_create_sql : login_change_sql };
	char *doc = login_text(c);
	enum err e = ask(r, &want, statements, NELEM(statements), doc);

	free(doc);
	return e;
}
