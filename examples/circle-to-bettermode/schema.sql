-- The application's members, as its network server knows them.
CREATE TABLE community_members (
    id                   uuid PRIMARY KEY,
    email                text NOT NULL UNIQUE,
    name                 text,
    circle_member_id     text,
    bettermode_member_id text,
    primary_platform     text NOT NULL DEFAULT 'BetterMode'
);
