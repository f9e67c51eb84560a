-- 0005_work: work without a live call: callbacks, follow-ups, tickets.

SELECT;
