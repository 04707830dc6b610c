-- With the rules that one record in a thousand breaks: a CHECK and a unique key.
CREATE TABLE users (
    id         uuid PRIMARY KEY,
    email      text NOT NULL,
    created_at timestamptz NOT NULL
);

CREATE TABLE bookings (
    id               uuid PRIMARY KEY,
    client_id        uuid NOT NULL,
    coach_id         uuid NOT NULL,
    session_datetime timestamptz NOT NULL,
    duration_minutes integer NOT NULL,
    status           text NOT NULL CHECK (status IN ('pending', 'confirmed', 'completed', 'cancelled')),
    notes            text,
    created_at       timestamptz NOT NULL,
    updated_at       timestamptz NOT NULL,
    UNIQUE (client_id, coach_id, created_at)
);
