-- 0008_callback: callbacks where the customer is called first and then waits.

-- Whom we have called is in no queue's figures, though they may have waited:
-- the call that they came by is.
CREATE OR REPLACE VIEW call_outcome AS
SELECT c.id, c.began_at, c.queue_id,
    CASE
        WHEN c.relation IN ('callback', 'follow_up') THEN 'menu_only'
        WHEN c.queued_at IS NULL AND (c.relation IS NOT NULL OR
            (c.delivered_at IS NULL AND c.established_at IS NULL))
            THEN 'menu_only'
        WHEN c.established_at IS NOT NULL THEN 'answered'
        WHEN c.ended_at IS NULL THEN 'waiting'
        WHEN c.end_cause = 'overflow' THEN 'overflowed'
        WHEN c.end_cause IN ('timed_out', 'refused', 'called_back',
            'withdrawn') THEN c.end_cause
        WHEN EXISTS (SELECT FROM work w WHERE w.call_id = c.id
            AND w.kind = 'callback') THEN 'called_back'
        WHEN c.end_cause = 'switch_lost' THEN 'lost_by_switch'
        WHEN c.ended_at - coalesce(c.queued_at, c.delivered_at) <=
            coalesce(q.short_us, 5000000) * interval '1 microsecond'
            THEN 'short'
        ELSE 'abandoned'
    END AS outcome,
    span_us(coalesce(c.queued_at, c.delivered_at, c.established_at),
        coalesce(c.established_at, c.ended_at)) AS wait_us,
    span_us(c.established_at, c.ended_at) AS talk_us
FROM call c LEFT JOIN queue q ON q.id = c.queue_id;
