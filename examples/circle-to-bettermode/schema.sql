-- The application's members, as its network server knows them. The bridge adds those who come later; it knows a
-- member by bettermode_member_id.
CREATE TABLE community_members (
    id                   uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    email                text NOT NULL UNIQUE,
    name                 text,
    circle_member_id     text,
    bettermode_member_id text UNIQUE,
    primary_platform     text NOT NULL DEFAULT 'BetterMode'
);
