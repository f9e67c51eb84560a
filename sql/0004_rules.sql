-- 0004_rules: how queues distribute: rules, tiers, reasons.

-- Its rules as lines of text (daemon/routing/rules.h); empty: the preset.
ALTER TABLE queue ADD rules text NOT NULL DEFAULT '';

-- Of tiers the lowest is asked first; weights count for weighted_random.
ALTER TABLE agent_queue
    ADD tier   int NOT NULL DEFAULT 1 CHECK (tier BETWEEN 1 AND 10),
    ADD weight int NOT NULL DEFAULT 1 CHECK (weight BETWEEN 1 AND 10);

-- `rank' is the place in the file; so many work items beside calls.
ALTER TABLE agent
    ADD rank       int NOT NULL DEFAULT 0,
    ADD work_items int NOT NULL DEFAULT 1 CHECK (work_items BETWEEN 0 AND 50);

-- Why agents are not ready.  Without any that is not retired every word goes.
CREATE TABLE reason (
    name     text PRIMARY KEY CHECK (name <> ''),
    paid     boolean NOT NULL,
    limit_us bigint NOT NULL CHECK (limit_us >= 0), -- 0: none
    retired  boolean NOT NULL DEFAULT false
);

-- Whom credit and the key account's agent are for.
ALTER TABLE customer
    ADD grade           text CHECK (grade IN ('A', 'B', 'C', 'D', 'E')),
    ADD account_manager int REFERENCES agent;

GRANT SELECT ON reason TO mashang_daemon, mashang_report;
GRANT INSERT, UPDATE ON reason TO mashang_daemon;
