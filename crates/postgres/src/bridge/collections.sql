-- Copies of events and what members did, where MongoDB does not keep them. They belong to the application: they stand
-- in its default schema, and landfall only adds to them.
CREATE TABLE IF NOT EXISTS bettermode_webhook_events (
    event_id    text        NOT NULL,
    sender      text        NOT NULL,
    event_type  text        NOT NULL,
    subject     text        NOT NULL,
    "timestamp" timestamptz NOT NULL,
    data        jsonb       NOT NULL,
    PRIMARY KEY (event_id, sender)
);
CREATE INDEX IF NOT EXISTS bettermode_webhook_events_by_type
    ON bettermode_webhook_events (event_type, "timestamp");
CREATE INDEX IF NOT EXISTS bettermode_webhook_events_by_time ON bettermode_webhook_events ("timestamp");

CREATE TABLE IF NOT EXISTS bettermode_member_activities (
    event_id      text PRIMARY KEY,
    member_id     text        NOT NULL,
    activity_type text        NOT NULL,
    "timestamp"   timestamptz NOT NULL,
    data          jsonb       NOT NULL
);
CREATE INDEX IF NOT EXISTS bettermode_member_activities_by_member
    ON bettermode_member_activities (member_id, "timestamp");
