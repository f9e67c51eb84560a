-- 0004_rules: how queues distribute: rules, tiers, reasons.

SELECT;
