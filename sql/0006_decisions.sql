-- 0006_decisions: why a call went where it went.

SELECT;
